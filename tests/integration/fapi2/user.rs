//! The suite's user: a browser without script that signs in, agrees, refuses, or only looks.

use super::suite::Suite;
use crate::support::played::browser::{Browser, Page};
use url::Url;

/// What the authorization endpoint led to.
#[derive(Debug)]
pub enum Landed {
    /// Back at the client, with this answer.
    Back(Url),
    /// On a page of the counter's own that only tells what is wrong.
    ErrorPage(u16, String),
}

impl Landed {
    /// The answer at the client.
    #[track_caller]
    pub fn back(self) -> Url {
        match self {
            Self::Back(url) => url,
            Self::ErrorPage(status, text) => panic!("an error page instead of an answer: {status} {text}"),
        }
    }

    /// The status of the error page.
    #[track_caller]
    pub fn page(self) -> (u16, String) {
        match self {
            Self::ErrorPage(status, text) => (status, text),
            Self::Back(url) => panic!("an answer instead of an error page: {url}"),
        }
    }
}

/// A person with a card at a browser of their own.
pub struct User {
    browser: Browser,
    card: String,
    pin: String,
    stop: String,
}

impl User {
    /// Somebody new, whose browser stops at the suite's own host.
    pub fn of(suite: &Suite) -> Self {
        let person = suite.installation.sandbox.persons.iter().find(|person| !person.is_suspended).expect("a person");
        Self {
            browser: Browser::new("en").expect("a browser"),
            card: person.card_number.clone(),
            pin: person.pin.clone(),
            stop: format!("https://{}/", super::suite::HOST),
        }
    }

    /// Opens an address, and does nothing more.
    pub async fn look(&mut self, address: &str) -> Page {
        self.browser.open(address, &self.stop).await.expect("a page")
    }

    /// Opens an address and signs in; gives the consent page, or where it ended before.
    pub async fn arrive(&mut self, address: &str) -> Result<Page, Landed> {
        let page = self.look(address).await;
        let page = match page.form_with("pin") {
            Err(_) => page,
            Ok(mut form) => {
                form.set("card_number", &self.card);
                form.set("pin", &self.pin);
                self.browser.submit(&page, &form, &self.stop).await.expect("a page")
            }
        };
        if page.form_with("decision").is_ok() { Ok(page) } else { Err(self.landed(page)) }
    }

    /// Answers on the consent page.
    pub async fn decide(&mut self, page: &Page, decision: &str) -> Landed {
        let mut form = page.form_with("decision").expect("a consent page");
        form.set("decision", decision);
        let page = self.browser.submit(page, &form, &self.stop).await.expect("a page");
        self.landed(page)
    }

    /// The whole way.
    pub async fn go(&mut self, address: &str, decision: &str) -> Landed {
        match self.arrive(address).await {
            Ok(page) => self.decide(&page, decision).await,
            Err(landed) => landed,
        }
    }

    fn landed(&self, page: Page) -> Landed {
        if page.url.as_str().starts_with(&self.stop) {
            Landed::Back(page.url)
        } else {
            Landed::ErrorPage(page.status, page.text())
        }
    }
}

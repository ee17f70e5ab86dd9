//! The citizen: signs in with a pretend card, reads the consent page, agrees, looks at the dashboard, revokes.

use super::browser::{Browser, Form, Page};
use anyhow::bail;
use url::Url;

/// A person at a browser, with a card.
#[derive(Clone)]
pub struct Citizen {
    browser: Browser,
    card: String,
    pin: String,
}

impl Citizen {
    pub fn new(card: &str, pin: &str) -> anyhow::Result<Self> {
        Ok(Self { browser: Browser::new("en")?, card: card.to_owned(), pin: pin.to_owned() })
    }

    /// Follows a third party's address through sign-in to the consent page.
    pub async fn arrive(&mut self, address: &str) -> anyhow::Result<Page> {
        let page = self.browser.open(address, "").await?;
        self.sign_in(page).await
    }

    /// Signs in on the provider's page and goes where it leads.
    async fn sign_in(&mut self, page: Page) -> anyhow::Result<Page> {
        let mut form = page.form_with("pin")?;
        form.set("card_number", &self.card);
        form.set("pin", &self.pin);
        self.browser.submit(&page, &form, "").await
    }

    /// Agrees on the consent page; gives the address that the browser is sent back to.
    pub async fn decide(&mut self, page: &Page, decision: &str, redirect_uri: &str) -> anyhow::Result<Url> {
        let mut form = page.form_with("decision")?;
        form.set("decision", decision);
        let back = self.browser.submit(page, &form, redirect_uri).await?;
        let back = self.link(back, redirect_uri).await?;
        if !back.url.as_str().starts_with(redirect_uri) {
            bail!("the consent page did not lead back ({}): {}", back.status, back.text());
        }
        Ok(back.url)
    }

    /// Signs in at a private delivery provider, where the page is one's own sign-in, and goes where it leads.
    pub async fn link(&mut self, page: Page, stop: &str) -> anyhow::Result<Page> {
        match page.form_with("person") {
            Ok(form) if page.url.path().starts_with("/delivery/") => self.browser.submit(&page, &form, stop).await,
            _ => Ok(page),
        }
    }

    /// Opens a terminal's address, signs in, sees the code and agrees; says that others use this browser afterwards where
    /// that is so. Gives the page that tells so.
    pub async fn agree_at_terminal(&mut self, address: &str, is_shared: bool) -> anyhow::Result<Page> {
        let page = self.open(address).await?;
        let mut form = page.form_to("/device")?;
        if is_shared {
            form.set("shared", "yes");
        }
        let consent = self.browser.submit(&page, &form, "").await?;
        let mut form = consent.form_with("decision")?;
        form.set("decision", "agree");
        self.browser.submit(&consent, &form, "").await
    }

    /// Sends a form as it stands, and stops where it leads to `stop`.
    pub async fn send(&mut self, page: &Page, form: &Form, stop: &str) -> anyhow::Result<Page> {
        self.browser.submit(page, form, stop).await
    }

    /// Agrees for somebody whom they represent, by the registration of this id.
    pub async fn agree_for(&mut self, page: &Page, registration: &str, redirect_uri: &str) -> anyhow::Result<Url> {
        let mut form = page.form_with("decision")?;
        form.set("acting", registration);
        form.set("decision", "agree");
        let back = self.browser.submit(page, &form, redirect_uri).await?;
        if !back.url.as_str().starts_with(redirect_uri) {
            bail!("the consent page did not lead back ({}): {}", back.status, back.text());
        }
        Ok(back.url)
    }

    /// Opens an address, and stops where it leads to `stop`.
    pub async fn follow(&mut self, address: &str, stop: &str) -> anyhow::Result<Page> {
        self.browser.open(address, stop).await
    }

    /// Opens a page, signing in when it asks for it.
    pub async fn open(&mut self, address: &str) -> anyhow::Result<Page> {
        let page = self.browser.open(address, "").await?;
        if page.form_with("pin").is_ok() { self.sign_in(page).await } else { Ok(page) }
    }

    /// Fills the page's form that leads to `action` in, and sends it.
    pub async fn fill(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> anyhow::Result<Page> {
        let mut form = page.form_to(action)?;
        for (name, value) in fields {
            form.set(name, value);
        }
        self.browser.submit(page, &form, "").await
    }

    /// Opens the dashboard, signing in when it asks for it.
    pub async fn dashboard(&mut self, counter: &str) -> anyhow::Result<Page> {
        let page = self.browser.open(&format!("{counter}/dashboard"), "").await?;
        if page.form_with("pin").is_ok() { self.sign_in(page).await } else { Ok(page) }
    }

    /// Opens the page of the newest grant on the dashboard.
    pub async fn newest_grant(&mut self, dashboard: &Page) -> anyhow::Result<Page> {
        let place = dashboard.links().into_iter().find(|link| link.starts_with("/dashboard/grants/"));
        let Some(place) = place else { bail!("the dashboard shows no grant: {}", dashboard.text()) };
        let address = dashboard.url.join(&place)?;
        self.browser.open(address.as_str(), "").await
    }

    /// Presses the button of the page's form that leads to `action`.
    pub async fn press(&mut self, page: &Page, action: &str) -> anyhow::Result<Page> {
        let form = page.form_to(action)?;
        self.browser.submit(page, &form, "").await
    }

    /// Revokes everything that is shared, by the dashboard's own buttons.
    pub async fn revoke_all(&mut self, dashboard: &Page) -> anyhow::Result<Page> {
        let form = dashboard.form_to("/dashboard/revoke-all")?;
        let page = self.browser.submit(dashboard, &form, "").await?;
        match page.form_to("/dashboard/revoke-all") {
            Ok(confirm) if page.url.path() != "/dashboard" => self.browser.submit(&page, &confirm, "").await,
            _ => Ok(page),
        }
    }
}

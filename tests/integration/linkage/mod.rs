//! Linked services and private delivery: one consent that registers, links and opens; what is read by it; and its end.

mod chain;
mod documents;
mod hand_over;
mod pages;

use crate::support::calls::{Caller, Told};
use crate::support::installation::Installation;
use crate::support::played::browser::Page;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::{Pending, ThirdParty, Tokens};
use madoguchi::domain::Clock as _;
use madoguchi::domain::client::ClientClass;
use madoguchi::sandbox::delivery::newest_year;
use serde_json::Value;
use url::Url;

const POST: &str = "mihon-post";
const MAILBOX: &str = "reiji-mailbox";
const SCOPE: &str = "openid offline_access private_documents";

/// Payroll software and a citizen.
struct Office {
    installation: Installation,
    payroll: ThirdParty,
    citizen: Citizen,
}

impl Office {
    async fn open() -> Self {
        let installation = Installation::start(1).await;
        let payroll = installation.party("payroll", ClientClass::Payroll, "measurement").await;
        let citizen = installation.citizen();
        Self { installation, payroll, citizen }
    }

    /// One with the citizen's consent, by which they linked the first provider.
    async fn consented() -> (Self, Tokens) {
        let mut office = Box::pin(Self::open()).await;
        let tokens = office.agree(SCOPE).await;
        (office, tokens)
    }

    async fn ask(&mut self, scope: &str) -> (Pending, Page) {
        let pending = self.payroll.push(scope, &Value::Null).await.unwrap();
        let page = self.citizen.arrive(&pending.address).await.unwrap();
        (pending, page)
    }

    async fn agree(&mut self, scope: &str) -> Tokens {
        let (pending, page) = self.ask(scope).await;
        let answer = self.citizen.decide(&page, "agree", &self.payroll.file.redirect_uri).await.unwrap();
        self.payroll.exchange(pending, &answer).await.unwrap()
    }

    /// Agrees on the consent page; gives the provider's own sign-in page.
    async fn go_to_provider(&mut self, page: &Page) -> Page {
        let mut form = page.form_with("decision").unwrap();
        form.set("decision", "agree");
        let at = self.citizen.send(page, &form, &self.payroll.file.redirect_uri).await.unwrap();
        assert!(at.url.path().starts_with("/delivery/"), "{}: {}", at.url, at.texts("main").join(" "));
        at
    }

    async fn get(&self, tokens: &Tokens, path: &str) -> Told {
        let caller = Caller::new(&self.payroll, &self.installation, 0);
        let bare = path.split('?').next().unwrap();
        let proof = caller.proof("GET", bare, Some(&tokens.access));
        let request = caller.request("GET", path).header("authorization", format!("DPoP {}", tokens.access));
        Told::by(request.header("dpop", proof)).await
    }

    async fn year_end(&self, tokens: &Tokens) -> Told {
        self.get(tokens, &format!("/v1/private-documents/year-end-adjustment?tax_year={}", self.year())).await
    }

    fn year(&self) -> i32 {
        newest_year(self.installation.clock.now())
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.installation.public_url)
    }

    /// The links page.
    async fn links(&mut self) -> Page {
        let address = self.at("/dashboard/links");
        self.citizen.open(&address).await.unwrap();
        self.citizen.open(&address).await.unwrap()
    }

    /// Links a provider from the dashboard.
    async fn link(&mut self, provider: &str) -> Page {
        let page = self.links().await;
        let login = self.citizen.press(&page, &format!("/dashboard/links/services/{provider}")).await.unwrap();
        self.citizen.link(login, "").await.unwrap()
    }

    /// Ends the first link, by its two pages.
    async fn unlink(&mut self) -> Page {
        let page = self.links().await;
        let end = page.links().into_iter().find(|link| link.ends_with("/end")).unwrap();
        let confirm = self.citizen.open(&self.at(&end)).await.unwrap();
        self.citizen.press(&confirm, &end).await.unwrap()
    }

    fn open_accounts(&self, provider: &str) -> usize {
        self.installation.sandbox.delivery().open_accounts(provider)
    }

    /// Waits until a provider was told of ends.
    async fn until_open(&self, provider: &str, count: usize) {
        for _ in 0..200 {
            if self.open_accounts(provider) == count {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        unreachable!("{provider} has {} open", self.open_accounts(provider));
    }
}

/// What the address says.
fn said(address: &Url, name: &str) -> Option<String> {
    address.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

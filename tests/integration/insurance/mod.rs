//! The health insurance card on the Individual Number Card: one consent, one registration, and what goes wrong.

mod attempts;
mod registering;

use crate::support::calls::{Caller, Told};
use crate::support::installation::Installation;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::{ThirdParty, Tokens};
use madoguchi::domain::client::ClientClass;
use serde_json::Value;

const PLACE: &str = "/v1/health-insurance-registration";
const SCOPE: &str = "openid health_insurance";
/// The person whom [`Installation::citizen`] plays.
const WHO: &str = "mihon-taro";

/// A health app and a citizen.
struct Clinic {
    installation: Installation,
    app: ThirdParty,
    citizen: Citizen,
}

impl Clinic {
    async fn open() -> Self {
        Self::of(Installation::start(1).await).await
    }

    async fn of(installation: Installation) -> Self {
        let app = installation.party("health-app", ClientClass::HealthApp, "measurement").await;
        let citizen = installation.citizen();
        Self { installation, app, citizen }
    }

    async fn consented() -> (Self, Tokens) {
        let mut clinic = Self::open().await;
        let tokens = clinic.agree(SCOPE).await;
        (clinic, tokens)
    }

    async fn agree(&mut self, scope: &str) -> Tokens {
        let pending = self.app.push(scope, &Value::Null).await.unwrap();
        let page = self.citizen.arrive(&pending.address).await.unwrap();
        let answer = self.citizen.decide(&page, "agree", &self.app.file.redirect_uri).await.unwrap();
        self.app.exchange(pending, &answer).await.unwrap()
    }

    async fn call(&self, tokens: &Tokens, method: &str) -> Told {
        Caller::new(&self.app, &self.installation, 0).call(&tokens.access, method, PLACE, None).await
    }

    fn card(&self) -> Option<String> {
        self.installation.sandbox.qualification().card(WHO)
    }

    fn asked(&self) -> u32 {
        self.installation.sandbox.qualification().registered()
    }
}

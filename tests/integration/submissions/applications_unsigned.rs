//! Where no electronic signatures are made, and where nobody answers who makes them: everything goes on without.

use super::applications::nursery;
use super::applications_signatures::{DRAFTS, PASSWORD, said};
use crate::support::calls::{Caller, Told};
use crate::support::installation::Installation;
use crate::support::played::citizen::Citizen;
use crate::support::played::third_party::{ThirdParty, Tokens};
use madoguchi::domain::client::ClientClass;
use serde_json::{Value, json};

/// The card of the person whom [`Installation::citizen`] plays.
const CARD: &str = "1000000000000001";

/// A family at its app, at an installation of which anything can be cut.
struct Family {
    installation: Installation,
    app: ThirdParty,
    citizen: Citizen,
    tokens: Tokens,
}

impl Family {
    async fn of(installation: Installation) -> Self {
        let app = installation.party("family-app", ClientClass::General, "measurement").await;
        let mut citizen = installation.citizen();
        let pending = app.push("openid applications", &Value::Null).await.unwrap();
        let page = citizen.arrive(&pending.address).await.unwrap();
        let answer = citizen.decide(&page, "agree", &app.file.redirect_uri).await.unwrap();
        let tokens = app.exchange(pending, &answer).await.unwrap();
        citizen.dashboard(&installation.public_url).await.unwrap();
        Self { installation, app, citizen, tokens }
    }

    async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Told {
        Caller::new(&self.app, &self.installation, 0).call(&self.tokens.access, method, path, body).await
    }

    async fn draft(&self) -> String {
        let kept = self.call("POST", DRAFTS, Some(&nursery())).await;
        assert_eq!(kept.status, 201, "{kept:?}");
        kept.body["id"].as_str().unwrap().to_owned()
    }

    fn address(&self, id: &str) -> String {
        format!("{}/dashboard/applications/drafts/{id}", self.installation.public_url)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_no_signatures_are_made_the_municipality_checks_in_person() {
    let mut family = Family::of(Installation::start(1).await).await;
    let id = family.draft().await;
    let asked = family.call("POST", &format!("{DRAFTS}/{id}/signature"), None).await;
    assert_eq!(asked.brief(), (503, "signatures_unavailable"), "{asked:?}");
    let page = family.citizen.open(&family.address(&id)).await.unwrap();
    assert!(page.form_to("/sign").is_err() && !said(&page).contains("Electronic signature"), "{}", said(&page));
    let callback = format!("{}/signatures/callback?state={id}.a.b&code=c", family.installation.public_url);
    assert_eq!(family.citizen.open(&callback).await.unwrap().status, 403);
    let arrived = family.call("POST", &format!("{DRAFTS}/{id}/submit"), None).await;
    assert_eq!(
        (arrived.status, &arrived.body["signature"]),
        (201, &json!({"state": "in_person_check"})),
        "{arrived:?}"
    );
    assert_eq!(arrived.body["is_identity_checked_in_person"], json!(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_provider_is_away_nothing_is_signed_and_it_can_be_handed_in_without() {
    let installation = Installation::start_changed(1, |plan| {
        let sandbox = plan.identity.issuer.trim_end_matches(madoguchi::sandbox::IDENTITY_PATH);
        plan.signatures = Some(madoguchi::cli::dev::signatures(sandbox).unwrap());
    })
    .await;
    let mut family = Family::of(installation).await;
    let id = family.draft().await;
    let asked = family.call("POST", &format!("{DRAFTS}/{id}/signature"), None).await;
    assert_eq!(asked.body["signature"]["state"], json!("requested"), "{asked:?}");
    let action = format!("/dashboard/applications/drafts/{id}/sign");
    let page = family.citizen.open(&family.address(&id)).await.unwrap();
    family.installation.links.government.cut();
    let away = family.citizen.press(&page, &action).await.unwrap();
    assert_eq!(away.status, 422);
    assert!(said(&away).contains("cannot be made or verified for the moment"), "{}", said(&away));
    family.installation.links.government.mend();
    let page = family.citizen.open(&family.address(&id)).await.unwrap();
    let there = family.citizen.press(&page, &action).await.unwrap();
    let mut form = there.form_with("signing_password").unwrap();
    form.set("card_number", CARD);
    form.set("signing_password", PASSWORD);
    let stop = format!("{}/signatures/callback", family.installation.public_url);
    let back = family.citizen.send(&there, &form, &stop).await.unwrap();
    family.installation.links.government.cut();
    let end = family.citizen.follow(back.url.as_str(), "").await.unwrap();
    assert!(said(&end).contains("It was not signed"), "{}", said(&end));
    let arrived = family.call("POST", &format!("{DRAFTS}/{id}/submit"), None).await;
    assert_eq!(arrived.body["signature"], json!({"state": "in_person_check"}), "{arrived:?}");
}

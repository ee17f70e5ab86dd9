//! A representation that ends at one node ends at the other what was decided by it.

use super::{callers, two_nodes};
use crate::support::calls::{INCOME, wanted};
use crate::support::installation::Installation;
use crate::support::played::citizen::Citizen;
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::representation::{RepresentationKind, RepresentationProof};
use madoguchi::domain::{Clock as _, SystemEntropy};
use madoguchi::issuer::representations::{Wanted, register};
use madoguchi::policy::RepresentationLimits;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

async fn arrive(installation: &Installation, place: usize) -> (Citizen, SubjectId) {
    let mut able = installation.sandbox.persons.iter().filter(|person| !person.is_suspended);
    let person = able.nth(place).unwrap();
    let mut citizen = Citizen::new(&person.card_number, &person.pin).unwrap();
    citizen.dashboard(&installation.public_url).await.unwrap();
    let page = citizen.open(&format!("{}/dashboard/representatives", installation.public_url)).await.unwrap();
    let number = SubjectId::parse(page.texts("#own-number").first().unwrap()).unwrap();
    (citizen, number)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_principal_ends_at_one_node_is_refused_at_the_other_within_a_second() {
    let Some((installation, bank)) = two_nodes("measurement").await else { return };
    let (mut person, principal) = arrive(&installation, 0).await;
    let (mut other, representative) = arrive(&installation, 1).await;
    let now = installation.clock.now();
    let limits = RepresentationLimits::load(Path::new("policies")).unwrap();
    let (kind, proof) = (RepresentationKind::Appointed, RepresentationProof::PowerOfAttorney);
    let until = now.date_in_japan() + chrono::Days::new(20);
    let new = Wanted { principal, representative, kind, proof, until, born: None, by: "desk 3".into() };
    let one = register(&*installation.store.store, &limits, new, &SystemEntropy, now).await.unwrap();
    let mut details = wanted();
    details[0]["on_behalf_of"] = json!("either");
    let pending = bank.push("offline_access self_information", &details).await.unwrap();
    let page = other.arrive(&pending.address).await.unwrap();
    let answer = other.agree_for(&page, one.id.as_str(), &bank.file.redirect_uri).await.unwrap();
    let tokens = bank.exchange(pending, &answer).await.unwrap();
    for caller in &callers(&installation, &bank) {
        let told = caller.call(&tokens.access, "GET", "/v1/consent", None).await;
        assert_eq!((told.status, &told.body["data_sets"][0]["code"]), (200, &json!(INCOME)), "{told:?}");
    }
    let page = person.open(&format!("{}/dashboard/representatives", installation.public_url)).await.unwrap();
    let action = format!("/dashboard/representatives/{}/end", one.id);
    let confirm = person.press(&page, &action).await.unwrap();
    person.press(&confirm, &action).await.unwrap();
    let [_, second] = callers(&installation, &bank);
    let refused = async {
        while second.call(&tokens.access, "GET", "/v1/consent", None).await.brief() != (401, "invalid_token") {}
    };
    // One second is promised; the rest is for a busy machine.
    tokio::time::timeout(Duration::from_millis(2_500), refused).await.expect("refused in time");
    let refresh = tokens.refresh.as_deref().unwrap();
    let told = second.form("/oauth/token", &[("grant_type", "refresh_token"), ("refresh_token", refresh)]).await;
    assert_eq!(told.brief(), (400, "invalid_grant"));
}

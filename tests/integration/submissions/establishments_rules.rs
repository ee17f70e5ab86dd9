//! Founding companies: what is refused, what is raced, and what a crash leaves behind.

use super::engine_knowing;
use super::establishments::{ALL, begin, form, office};
use crate::support::engines::new_store;
use futures_util::future::join_all;
use madoguchi::adapters::agency::AgencySettings;
use madoguchi::catalog::procedures::Procedures;
use madoguchi::domain::client::ClientClass;
use madoguchi::domain::establishment::{Establishment, EstablishmentForm, EstablishmentState};
use madoguchi::domain::ids::SubjectId;
use madoguchi::domain::invitation::InvitationCode;
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Clock as _, Digest, SystemClock};
use madoguchi::store::{Before, EstablishmentChange, SubmissionFilter};
use madoguchi::submissions::{Filer, FoundersWord, Submissions};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_founded_is_refused_whole_with_every_place() {
    let (app, office) = office().await;
    let mut wrong = form("kabushiki");
    wrong["capital"] = json!(5);
    wrong["founders"][1]["name"] = json!("見本");
    wrong["establish_on"] = json!("2020-01-01");
    let refused = begin(&office, "key-1", &wrong).await;
    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("invalid_filing")), "{}", refused.body);
    let found: Vec<&str> =
        refused.body["findings"].as_array().unwrap().iter().map(|f| f["pointer"].as_str().unwrap()).collect();
    for place in ["/capital", "/founders/1/name", "/establish_on"] {
        assert!(found.contains(&place), "{place}: {found:?}");
    }
    let plan = office.post(&format!("{ALL}/plan"), Some(&wrong)).await;
    assert_eq!((plan.status, plan.body["findings"].as_array().unwrap().len()), (200, found.len()), "the same code");
    for (body, code) in [
        (json!({}), "invalid_request"),
        (json!([]), "invalid_request"),
        (
            {
                let mut more = form("godo");
                more["more"] = json!(1);
                more
            },
            "invalid_request",
        ),
        (
            {
                let mut less = form("godo");
                less["capital"] = json!(-1);
                less
            },
            "invalid_request",
        ),
        (
            {
                let mut none = form("godo");
                none["founders"] = json!([]);
                none
            },
            "invalid_filing",
        ),
        (
            {
                let mut many = form("godo");
                many["purposes"] = json!(vec!["x"; 21]);
                many
            },
            "invalid_filing",
        ),
    ] {
        let refused = begin(&office, "key-2", &body).await;
        assert_eq!(refused.body["code"], code, "{body}: {}", refused.body);
    }
    let keyless = office.post(ALL, Some(&form("godo"))).await;
    assert_eq!((keyless.status, &keyless.body["pointer"]), (400, &json!("Idempotency-Key")), "{}", keyless.body);
    assert_eq!(office.get(ALL).await.body["items"], json!([]), "nothing was begun");
    drop(app);
}

/// An engine of its own over this store, whose agencies nobody calls.
fn desk(store: &Arc<dyn madoguchi::store::Store>) -> Arc<Submissions> {
    let agencies: Vec<AgencySettings> = madoguchi::cli::dev::agencies("http://127.0.0.1:1").unwrap();
    engine_knowing(store, agencies, Arc::new(Procedures::load(Path::new("policies/procedures")).unwrap()))
}

async fn begun_at(desk: &Submissions) -> Establishment {
    let client = crate::support::registered::registration("shoshi", ClientClass::Professional, &json!({}));
    let form: EstablishmentForm = serde_json::from_value(form("godo")).unwrap();
    let key = IdempotencyKey { key: Digest::of("key"), body: Digest::of("body") };
    desk.begin_establishment(&Filer::of(&client, 1), form, key).await.unwrap()
}

async fn signed_by(
    desk: &Submissions,
    one: &Establishment,
    (place, person): (usize, &str),
) -> Result<(), &'static str> {
    let code = InvitationCode::parse(one.founders[place].code.as_ref().unwrap()).unwrap();
    let subject = SubjectId::parse(person).unwrap();
    let word = FoundersWord { code: &code, subject: &subject, digest: one.digest, is_signed: true };
    desk.decide(&word).await.map(drop).map_err(|failure| match failure {
        madoguchi::domain::Failure::Refused(refusal) => refusal.code,
        madoguchi::domain::Failure::Broken(fault) => unreachable!("{fault}"),
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_sign_at_once_each_founder_counts_once_and_none_is_lost() {
    let store = new_store().await;
    let desk = desk(&store.store);
    let one = begun_at(&desk).await;
    let calls = (0..24).map(|n| {
        let (desk, one) = (Arc::clone(&desk), one.clone());
        tokio::spawn(async move {
            let place = n % 2;
            signed_by(&desk, &one, (place, ["s_taro", "s_hanako"][place])).await
        })
    });
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 2, "{answers:?}");
    let losers = answers.iter().filter_map(|answer| answer.err());
    assert!(losers.clone().all(|code| code == "not_found" || code == "conflict"), "{answers:?}");
    let held = store.store.find_establishment(&one.id).await.unwrap().unwrap().establishment;
    assert_eq!(held.state, EstablishmentState::Registering);
    let people: Vec<_> =
        held.founders.iter().map(|f| f.decision.as_ref().unwrap().subject.as_str().to_owned()).collect();
    assert_eq!(people, ["s_taro", "s_hanako"]);
    assert!(held.founders.iter().all(|founder| founder.code.is_none()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_crashes_while_a_stage_is_handed_in_hands_in_the_same_one() {
    let store = new_store().await;
    let first = desk(&store.store);
    let one = begun_at(&first).await;
    for (place, person) in [(0, "s_taro"), (1, "s_hanako")] {
        signed_by(&first, &one, (place, person)).await.unwrap();
    }
    assert!(first.establish_due().await.unwrap());
    let held = store.store.find_establishment(&one.id).await.unwrap().unwrap();
    let filing = held.establishment.stages[0].submission.clone().unwrap();
    // As if it had ended between taking the filing on and noting its id; then before the filing was taken on at all.
    for _ in 0..2 {
        let held = store.store.find_establishment(&one.id).await.unwrap().unwrap();
        let mut forgotten = held.establishment.clone();
        forgotten.stages[0].submission = None;
        let due_at = Some(SystemClock.now());
        let change = EstablishmentChange { establishment: forgotten, version: held.version, due_at, act: None };
        assert!(store.store.update_establishment(&change).await.unwrap());
        assert!(!store.store.update_establishment(&change).await.unwrap(), "it is another by now");
        // Nobody can tell what is out: it cannot be called off just now.
        let refused = first.cancel_establishment(&one.client, one.id.as_str()).await.unwrap_err();
        assert!(format!("{refused:?}").contains("conflict"), "{refused:?}");
        assert!(desk(&store.store).establish_due().await.unwrap());
        let held = store.store.find_establishment(&one.id).await.unwrap().unwrap();
        assert_eq!(held.establishment.stages[0].submission.as_ref(), Some(&filing), "the same filing");
    }
    let filter = SubmissionFilter { client: one.client.clone(), key: None, state: None, from: None, to: None };
    let filed = store.store.list_submissions(&filter, &Before { entry: None, limit: 10 }).await.unwrap();
    assert_eq!(filed.len(), 1, "handed in once");
    // The queue has it, and no agency: it can still be called off, and never goes out.
    let over = first.cancel_establishment(&one.client, one.id.as_str()).await.unwrap();
    assert_eq!(over.state, EstablishmentState::Cancelled);
    let found = first.find(&one.client, filing.as_str()).await.unwrap();
    assert_eq!(found.deliveries[0].state.as_str(), "cancelled");
}

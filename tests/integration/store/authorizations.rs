//! Pushed requests, interactions and decisions.

use super::samples::{NOW, at, code, grant, held, interaction, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::amendment::Amendment;
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::store::{Amended, Decision, Held, HeldInteraction, Store, TakenCode};
use std::sync::Arc;

/// An interaction at step 0 on a pushed request, both in the store.
async fn begun(store: &dyn Store) -> (HeldInteraction, Held) {
    let (begun, pushed) = (interaction(at(600)), held(at(90)));
    store.insert_interaction(&begun).await.unwrap();
    store.insert_pushed_request(&pushed).await.unwrap();
    (begun, pushed)
}

fn refusal<'a>(of: &'a HeldInteraction, pushed: &Held) -> Decision<'a> {
    Decision { interaction: &of.id, step: of.step, request_uri: pushed.digest, granted: None, sign_in: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pushed_request_is_found_until_it_is_over() {
    let TestStore { store, .. } = &new_store().await;
    let pushed = held(at(90));
    store.insert_pushed_request(&pushed).await.unwrap();
    assert_eq!(store.find_pushed_request(pushed.digest, at(89)).await.unwrap(), Some(pushed.clone()));
    assert_eq!(store.find_pushed_request(pushed.digest, at(90)).await.unwrap(), None);
    assert_eq!(store.find_pushed_request(held(at(90)).digest, NOW).await.unwrap(), None);
    assert!(store.insert_pushed_request(&pushed).await.is_err(), "a handle is never used again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interaction_advances_for_one_tab_only() {
    let TestStore { store, .. } = &new_store().await;
    let begun = interaction(at(600));
    store.insert_interaction(&begun).await.unwrap();
    let answers = race(|n| {
        let (store, id) = (Arc::clone(store), begun.id.clone());
        async move { store.advance_interaction(&id, 0, &format!("{{\"tab\":{n}}}")).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let winner = answers.iter().position(|yes| *yes).unwrap();
    let now = store.find_interaction(&begun.id, NOW).await.unwrap().unwrap();
    assert_eq!((now.step, now.body), (1, format!("{{\"tab\":{winner}}}")));
    assert_eq!(store.find_interaction(&begun.id, at(600)).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_decisions_write_one_grant_and_one_code() {
    let TestStore { store, .. } = &new_store().await;
    let (begun, pushed) = begun(&**store).await;
    let subject = subject_id();
    let made: Vec<_> = (0..super::RACERS).map(|_| grant(Some(&subject))).map(|g| (code(&g), g)).collect();
    let answers = race(|n| {
        let (store, begun, pushed) = (Arc::clone(store), begun.clone(), pushed.clone());
        let (code, grant) = made[n].clone();
        async move {
            let decision = Decision { granted: Some((&grant, &code)), ..refusal(&begun, &pushed) };
            store.take_decision(&decision, NOW).await.unwrap()
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    for ((code, grant), won) in made.iter().zip(answers) {
        assert_eq!(store.find_grant(&grant.id).await.unwrap(), won.then(|| grant.clone()));
        let expected = if won { TakenCode::First(code.clone()) } else { TakenCode::Unknown };
        assert_eq!(store.take_code(code.digest, NOW).await.unwrap(), expected);
    }
    assert_eq!(store.find_interaction(&begun.id, NOW).await.unwrap(), None);
    assert_eq!(store.find_pushed_request(pushed.digest, NOW).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_interactions_on_one_request_uri_end_in_one_decision() {
    let TestStore { store, .. } = &new_store().await;
    let (first, pushed) = begun(&**store).await;
    let second = interaction(at(600));
    store.insert_interaction(&second).await.unwrap();
    assert!(store.take_decision(&refusal(&first, &pushed), NOW).await.unwrap());
    assert!(!store.take_decision(&refusal(&second, &pushed), NOW).await.unwrap());
    assert!(store.find_interaction(&second.id, NOW).await.unwrap().is_some(), "nothing of a no is written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_needs_the_step_it_saw_and_an_interaction_that_lasts() {
    let TestStore { store, .. } = &new_store().await;
    let (begun, pushed) = begun(&**store).await;
    let stale = Decision { step: 1, ..refusal(&begun, &pushed) };
    assert!(!store.take_decision(&stale, NOW).await.unwrap());
    assert!(!store.take_decision(&refusal(&begun, &pushed), at(600)).await.unwrap());
    assert!(store.find_pushed_request(pushed.digest, NOW).await.unwrap().is_some());
    // The request_uri is over after 90 s; the citizen who began in time may read for ten minutes.
    assert!(store.take_decision(&refusal(&begun, &pushed), at(599)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interaction_without_a_request_uri_is_taken_once() {
    let TestStore { store, .. } = &new_store().await;
    let begun = interaction(at(600));
    store.insert_interaction(&begun).await.unwrap();
    assert!(!store.take_interaction(&begun.id, 1, NOW).await.unwrap());
    assert!(!store.take_interaction(&begun.id, 0, at(600)).await.unwrap());
    let answers = race(|_| {
        let (store, id) = (Arc::clone(store), begun.id.clone());
        async move { store.take_interaction(&id, 0, NOW).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_who_goes_away_meanwhile_leaves_all_or_nothing() {
    let TestStore { store, .. } = &new_store().await;
    let mut kept = 0;
    for n in 0..40 {
        let (begun, pushed) = begun(&**store).await;
        let grant = grant(Some(&subject_id()));
        let code = code(&grant);
        let (node, made) = (Arc::clone(store), (begun.clone(), pushed.clone(), grant.clone(), code.clone()));
        let deciding = tokio::spawn(async move {
            let (begun, pushed, grant, code) = &made;
            let decision = Decision { granted: Some((grant, code)), ..refusal(begun, pushed) };
            node.take_decision(&decision, NOW).await
        });
        tokio::time::sleep(std::time::Duration::from_micros(20 * n * n)).await;
        deciding.abort();
        drop(deciding.await);
        // Whatever is still under way has come to its end once the next writes are through.
        for _ in 0..2 {
            store.ping().await.unwrap();
        }
        let is_decided = !store.take_decision(&refusal(&begun, &pushed), NOW).await.unwrap();
        assert_eq!(store.find_grant(&grant.id).await.unwrap().is_some(), is_decided, "round {n}");
        let taken = store.take_code(code.digest, NOW).await.unwrap();
        assert_eq!(taken, if is_decided { TakenCode::First(code) } else { TakenCode::Unknown });
        kept += u32::from(is_decided);
    }
    assert!(kept > 0, "some came through");
}

/// Changes a grant by a decision of its own.
pub(super) async fn amended(store: &dyn Store, newer: &Grant, how: Amendment) {
    let (begun, pushed) = begun(store).await;
    let code = code(newer);
    let decision = Decision { granted: Some((newer, &code)), ..refusal(&begun, &pushed) };
    assert_eq!(store.take_amendment(&decision, how, newer.created_at).await.unwrap(), Amended::Done);
}

/// A newer decision about `older`: a scope more.
fn newer(older: &Grant) -> Grant {
    let scope = madoguchi::domain::scope::ScopeSet::parse("openid self_information").unwrap();
    Grant { scope, created_at: at(10), expires_at: at(7200), ..older.clone() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_grant_keeps_its_id_and_loses_what_hung_on_it() {
    let TestStore { store, .. } = &new_store().await;
    let older = grant(Some(&subject_id()));
    let (old_code, token) = (code(&older), super::samples::refresh_token(&older));
    store.insert_grant(&older).await.unwrap();
    assert!(store.insert_refresh_token(&token).await.unwrap());
    let open = super::samples::request(&older);
    store.insert_request(&open, "node", at(30)).await.unwrap();
    let (begun, pushed) = begun(&**store).await;
    let (newer, code) = (newer(&older), code(&older));
    let decision = Decision { granted: Some((&newer, &code)), ..refusal(&begun, &pushed) };
    assert_eq!(store.take_amendment(&decision, Amendment::Merge, at(10)).await.unwrap(), Amended::Done);
    let found = store.find_grant(&older.id).await.unwrap();
    assert_eq!(found, older.amended(&newer, Amendment::Merge));
    assert_eq!(store.find_refresh_token(token.digest, at(10)).await.unwrap(), None);
    assert_eq!(store.take_code(old_code.digest, at(10)).await.unwrap(), TakenCode::Unknown);
    let ended = store.find_request(&open.id).await.unwrap().unwrap();
    assert_eq!(ended.state, madoguchi::domain::retrieval::RequestState::Cancelled);
    assert_eq!(store.take_code(code.digest, at(10)).await.unwrap(), TakenCode::First(code.clone()));
    assert_eq!(store.take_amendment(&decision, Amendment::Merge, at(10)).await.unwrap(), Amended::Over);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_that_cannot_be_changed_uses_nothing_up() {
    let TestStore { store, .. } = &new_store().await;
    let older = grant(Some(&subject_id()));
    store.insert_grant(&older).await.unwrap();
    let (begun, pushed) = begun(&**store).await;
    let code = code(&older);
    let stranger = Grant { subject: Some(subject_id()), ..newer(&older) };
    let unknown = grant(older.subject.as_ref());
    for newer in [&stranger, &unknown] {
        let decision = Decision { granted: Some((newer, &code)), ..refusal(&begun, &pushed) };
        for how in [Amendment::Merge, Amendment::Replace] {
            assert_eq!(store.take_amendment(&decision, how, at(10)).await.unwrap(), Amended::Gone);
        }
    }
    assert!(store.revoke_grant(&older.id, at(5), RevokedBy::Citizen).await.unwrap());
    let newer = newer(&older);
    let decision = Decision { granted: Some((&newer, &code)), ..refusal(&begun, &pushed) };
    assert_eq!(store.take_amendment(&decision, Amendment::Replace, at(10)).await.unwrap(), Amended::Gone);
    assert_eq!(store.take_code(code.digest, at(10)).await.unwrap(), TakenCode::Unknown);
    assert!(store.take_decision(&refusal(&begun, &pushed), at(10)).await.unwrap(), "the refusal can be told");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_changes_by_one_decision_one_is_made_and_of_two_decisions_none_is_lost() {
    let TestStore { store, .. } = &new_store().await;
    let older = grant(Some(&subject_id()));
    store.insert_grant(&older).await.unwrap();
    let (begun_once, pushed_once) = begun(&**store).await;
    let codes: Vec<_> = (0..super::RACERS).map(|_| code(&older)).collect();
    let answers = race(|n| {
        let (store, begun, pushed) = (Arc::clone(store), begun_once.clone(), pushed_once.clone());
        let (code, newer) = (codes[n].clone(), newer(&older));
        async move {
            let decision = Decision { granted: Some((&newer, &code)), ..refusal(&begun, &pushed) };
            store.take_amendment(&decision, Amendment::Merge, at(10)).await.unwrap() == Amended::Done
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    // Each adds a resource of its own; the grant holds them all.
    let base = Grant { resources: vec!["https://0.example".into()], ..grant(Some(&subject_id())) };
    store.insert_grant(&base).await.unwrap();
    let mut interactions = Vec::new();
    for _ in 0..super::RACERS {
        interactions.push(begun(&**store).await);
    }
    let answers = race(|n| {
        let (store, (begun, pushed)) = (Arc::clone(store), interactions[n].clone());
        let resources = vec![format!("https://{}.example", n + 1)];
        let (code, newer) = (code(&base), Grant { resources, ..newer(&base) });
        async move {
            let decision = Decision { granted: Some((&newer, &code)), ..refusal(&begun, &pushed) };
            store.take_amendment(&decision, Amendment::Merge, at(10)).await.unwrap() == Amended::Done
        }
    })
    .await;
    assert_eq!(winners(&answers), super::RACERS);
    let found = store.find_grant(&base.id).await.unwrap().unwrap();
    assert_eq!(found.resources.len(), super::RACERS + 1);
}

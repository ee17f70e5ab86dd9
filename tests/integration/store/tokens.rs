//! Codes, refresh tokens and assertion ids.

use super::samples::{NOW, at, code, digest, grant, held, interaction, refresh_token, subject_id};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::grant::{Grant, GrantStatus, RevokedBy};
use madoguchi::store::{Decision, HeldCode, Store, TakenCode};
use std::sync::Arc;

/// A grant with its code, as a citizen's decision leaves them.
async fn decided(store: &dyn Store) -> (Grant, HeldCode) {
    let (begun, pushed) = (interaction(at(600)), held(at(90)));
    store.insert_interaction(&begun).await.unwrap();
    store.insert_pushed_request(&pushed).await.unwrap();
    let grant = grant(Some(&subject_id()));
    let code = code(&grant);
    let granted = Some((&grant, &code));
    let decision = Decision { interaction: &begun.id, step: 0, request_uri: pushed.digest, granted, sign_in: None };
    assert!(store.take_decision(&decision, NOW).await.unwrap());
    (grant, code)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_take_a_code_one_is_first_and_all_others_are_told_whose_it_was() {
    let TestStore { store, .. } = &new_store().await;
    let (grant, code) = decided(&**store).await;
    let answers = race(|_| {
        let (store, digest) = (Arc::clone(store), code.digest);
        async move { store.take_code(digest, NOW).await.unwrap() }
    })
    .await;
    let first = answers.iter().filter(|taken| **taken == TakenCode::First(code.clone())).count();
    let again = answers.iter().filter(|taken| **taken == TakenCode::Again(grant.id.clone())).count();
    assert_eq!((first, again), (1, RACERS - 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_is_over_or_unknown_is_not_taken() {
    let TestStore { store, .. } = &new_store().await;
    let (_, code) = decided(&**store).await;
    assert_eq!(store.take_code(digest(), NOW).await.unwrap(), TakenCode::Unknown);
    assert_eq!(store.take_code(code.digest, at(60)).await.unwrap(), TakenCode::Unknown);
    assert_eq!(store.take_code(code.digest, at(59)).await.unwrap(), TakenCode::First(code));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_use_is_recognised_while_the_grant_is_in_force_purged_or_not() {
    let TestStore { store, .. } = &new_store().await;
    let (grant, code) = decided(&**store).await;
    assert!(matches!(store.take_code(code.digest, NOW).await.unwrap(), TakenCode::First(_)));
    store.purge(at(3599)).await.unwrap();
    assert_eq!(store.take_code(code.digest, at(3599)).await.unwrap(), TakenCode::Again(grant.id));
    store.purge(at(3600)).await.unwrap();
    assert_eq!(store.take_code(code.digest, at(3600)).await.unwrap(), TakenCode::Unknown);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_is_found_until_it_is_over_and_not_used_up() {
    let TestStore { store, .. } = &new_store().await;
    let grant = grant(Some(&subject_id()));
    let token = refresh_token(&grant);
    assert!(!store.insert_refresh_token(&token).await.unwrap(), "there is no such grant");
    store.insert_grant(&grant).await.unwrap();
    assert!(store.insert_refresh_token(&token).await.unwrap());
    for _ in 0..2 {
        assert_eq!(store.find_refresh_token(token.digest, at(3599)).await.unwrap(), Some(token.clone()));
    }
    assert_eq!(store.find_refresh_token(token.digest, at(3600)).await.unwrap(), None);
    assert_eq!(store.find_refresh_token(digest(), NOW).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_token_in_use_lasts_longer_and_one_that_is_over_does_not_come_back() {
    let TestStore { store, .. } = &new_store().await;
    let grant = grant(Some(&subject_id()));
    let token = refresh_token(&grant);
    store.insert_grant(&grant).await.unwrap();
    assert!(store.insert_refresh_token(&token).await.unwrap());
    store.extend_refresh_token(token.digest, at(7200), at(10)).await.unwrap();
    store.extend_refresh_token(token.digest, at(20), at(10)).await.unwrap();
    let longer = store.find_refresh_token(token.digest, at(7199)).await.unwrap();
    assert_eq!(longer.map(|token| token.expires_at), Some(at(7200)));
    store.extend_refresh_token(token.digest, at(9000), at(7200)).await.unwrap();
    assert_eq!(store.find_refresh_token(token.digest, at(7200)).await.unwrap(), None);
    store.extend_refresh_token(digest(), at(9000), NOW).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn revoking_ends_the_code_and_the_refresh_tokens() {
    let TestStore { store, .. } = &new_store().await;
    let (grant, code) = decided(&**store).await;
    let token = refresh_token(&grant);
    assert!(store.insert_refresh_token(&token).await.unwrap());
    assert!(store.revoke_grant(&grant.id, NOW, RevokedBy::Client).await.unwrap());
    assert_eq!(store.take_code(code.digest, NOW).await.unwrap(), TakenCode::Unknown);
    assert_eq!(store.find_refresh_token(token.digest, NOW).await.unwrap(), None);
    assert!(!store.insert_refresh_token(&refresh_token(&grant)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revocation_at_the_same_moment_leaves_no_refresh_token_behind() {
    let TestStore { store, .. } = &new_store().await;
    let grant = grant(Some(&subject_id()));
    store.insert_grant(&grant).await.unwrap();
    let tokens: Vec<_> = (0..RACERS).map(|_| refresh_token(&grant)).collect();
    let answers = race(|n| {
        let (store, grant, token) = (Arc::clone(store), grant.id.clone(), tokens[n].clone());
        async move {
            if n % 10 == 5 {
                store.revoke_grant(&grant, NOW, RevokedBy::Citizen).await.unwrap()
            } else {
                store.insert_refresh_token(&token).await.unwrap();
                false
            }
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    for token in &tokens {
        assert_eq!(store.find_refresh_token(token.digest, NOW).await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_show_one_assertion_one_is_heard() {
    let TestStore { store, .. } = &new_store().await;
    let shown = digest();
    let answers = race(|_| {
        let store = Arc::clone(store);
        async move { store.take_assertion(shown, at(60)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    store.purge(at(59)).await.unwrap();
    assert!(!store.take_assertion(shown, at(120)).await.unwrap(), "it is remembered until it is over");
    assert!(store.take_assertion(digest(), at(60)).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_whose_code_nobody_presented_ends_with_the_code() {
    let TestStore { store, .. } = &new_store().await;
    let (unclaimed, _) = decided(&**store).await;
    let (claimed, code) = decided(&**store).await;
    assert_eq!(store.take_code(code.digest, NOW).await.unwrap(), TakenCode::First(code.clone()));
    assert_eq!(store.purge(at(59)).await.unwrap(), 0, "the code may still come");
    store.purge(at(60)).await.unwrap();
    let status = async |grant: &Grant| store.find_grant(&grant.id).await.unwrap().unwrap().status;
    assert_eq!(status(&unclaimed).await, GrantStatus::Revoked { at: at(60), by: RevokedBy::NotTakenUp });
    assert_eq!(status(&claimed).await, GrantStatus::Active);
    assert_eq!(store.take_code(code.digest, at(61)).await.unwrap(), TakenCode::Again(claimed.id));
}

//! The last refresh token of each account at an agency: kept once, by whoever renewed first.

use super::{RACERS, race, winners};
use crate::support::engines::{master, new_store};
use madoguchi::adapters::agency::egov::RefreshTokens as _;
use madoguchi::domain::entropy::SystemEntropy;
use madoguchi::domain::{Digest, MasterKey, Secret};
use madoguchi::store::HeldAgencyToken;
use madoguchi::submissions::{StoredTokens, reseal_tokens};
use std::sync::Arc;

fn token(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_that_saw_the_same_token_one_keeps_the_next() {
    let held = new_store().await;
    let store = Arc::clone(&held.store);
    for version in 0..3 {
        let written = race(|n| {
            let store = Arc::clone(&store);
            async move {
                let sealed = format!("token {version} of {n}").into_bytes();
                let connected = Digest::of("first");
                let next = HeldAgencyToken { agency: "e-gov".into(), connected, sealed, version };
                store.put_agency_token(&next).await.unwrap()
            }
        })
        .await;
        assert_eq!((written.len(), winners(&written)), (RACERS, 1), "after version {version}");
        assert_eq!(store.find_agency_token("e-gov").await.unwrap().unwrap().version, version + 1);
    }
    assert_eq!(store.find_agency_token("other").await.unwrap(), None);
    assert_eq!(store.list_agency_tokens().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_goes_on_with_its_last_token_until_it_is_connected_anew() {
    let held = new_store().await;
    let tokens = StoredTokens::new(Arc::clone(&held.store), master(), Arc::new(SystemEntropy));
    let (first, other) = (token("connected"), token("connected anew"));
    let account = ("e-gov", &first);
    let seen = tokens.last("e-gov", &first).await.unwrap();
    assert_eq!((seen.token.expose().as_str(), seen.version), ("connected", 0));
    assert!(tokens.replace(account, &seen, &token("second")).await.unwrap());
    assert!(!tokens.replace(account, &seen, &token("late")).await.unwrap(), "another was kept since");
    let seen = tokens.last("e-gov", &first).await.unwrap();
    assert_eq!((seen.token.expose().as_str(), seen.version), ("second", 1));
    let sealed = held.store.find_agency_token("e-gov").await.unwrap().unwrap().sealed;
    assert!(!sealed.windows(6).any(|bytes| bytes == b"second"), "it is sealed");
    // Another account has nothing of it.
    assert_eq!(tokens.last("other", &first).await.unwrap().token.expose(), "connected");
    // Connected anew, what was kept of the old connection counts no more.
    let seen = tokens.last("e-gov", &other).await.unwrap();
    assert_eq!((seen.token.expose().as_str(), seen.version), ("connected anew", 1));
    assert!(tokens.replace(("e-gov", &other), &seen, &token("third")).await.unwrap());
    assert_eq!(tokens.last("e-gov", &other).await.unwrap().token.expose(), "third");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_are_sealed_anew_under_another_master_key() {
    let held = new_store().await;
    let tokens = StoredTokens::new(Arc::clone(&held.store), master(), Arc::new(SystemEntropy));
    let first = token("connected");
    let seen = tokens.last("e-gov", &first).await.unwrap();
    assert!(tokens.replace(("e-gov", &first), &seen, &token("second")).await.unwrap());
    let next = Arc::new(MasterKey::new([8; 32]).with_former([[9; 32]]));
    assert_eq!(reseal_tokens(&*held.store, (&next, &SystemEntropy)).await.unwrap(), (1, 1));
    assert_eq!(reseal_tokens(&*held.store, (&next, &SystemEntropy)).await.unwrap(), (1, 0));
    let alone = Arc::new(MasterKey::new([8; 32]));
    let tokens = StoredTokens::new(Arc::clone(&held.store), alone, Arc::new(SystemEntropy));
    assert_eq!(tokens.last("e-gov", &first).await.unwrap().token.expose(), "second");
}

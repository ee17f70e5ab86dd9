//! Sign-ins that clients were told of: ended once, each leaving one notice, which one caller at a time has in hand.

use super::samples::{NOW, at, code, digest, grant, held, interaction, subject_id};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::amendment::Amendment;
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::domain::ids::SignInId;
use madoguchi::domain::{Digest, SystemEntropy, Timestamp};
use madoguchi::store::{Amended, Decision, Ended, HeldNotice, SignIn, Store};
use std::collections::BTreeSet;
use std::sync::Arc;

fn sign_in(grant: &Grant, browser: Option<Digest>) -> SignIn {
    SignIn {
        id: SignInId::generate(&SystemEntropy),
        client: grant.client.clone(),
        subject: grant.subject.clone().expect("a grant with a person"),
        grant: grant.id.clone(),
        browser,
        code: None,
        created_at: grant.created_at,
        expires_at: grant.expires_at,
    }
}

/// A sign-in with its grant.
async fn kept(store: &dyn Store, browser: Option<Digest>) -> (Grant, SignIn) {
    let grant = grant(Some(&subject_id()));
    store.insert_grant(&grant).await.unwrap();
    let sign_in = sign_in(&grant, browser);
    assert!(store.insert_sign_in(&sign_in).await.unwrap());
    (grant, sign_in)
}

async fn leased(store: &dyn Store, now: Timestamp) -> Vec<HeldNotice> {
    store.lease_notices(now, at(1_000_000), 1000).await.unwrap()
}

fn ids(notices: &[HeldNotice]) -> BTreeSet<SignInId> {
    notices.iter().map(|notice| notice.sign_in.clone()).collect()
}

fn of_browser(browser: Digest) -> Ended {
    Ended { browser: Some(browser), session: None }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_is_written_with_its_decision_or_not_at_all() {
    let TestStore { store, .. } = &new_store().await;
    for is_in_time in [true, false] {
        let (begun, pushed) = (interaction(at(60)), held(at(60)));
        store.insert_interaction(&begun).await.unwrap();
        store.insert_pushed_request(&pushed).await.unwrap();
        let grant = grant(Some(&subject_id()));
        let code = code(&grant);
        let browser = digest();
        let sign_in = SignIn { code: Some(code.digest), ..sign_in(&grant, Some(browser)) };
        let decision = Decision {
            interaction: &begun.id,
            step: 0,
            request_uri: pushed.digest,
            granted: Some((&grant, &code)),
            sign_in: Some(&sign_in),
        };
        let when = if is_in_time { NOW } else { at(61) };
        assert_eq!(store.take_decision(&decision, when).await.unwrap(), is_in_time);
        assert_eq!(store.find_sign_in(code.digest).await.unwrap(), is_in_time.then(|| sign_in.id.clone()));
        let listed = store.list_sign_ins(browser, NOW, 10).await.unwrap();
        assert_eq!(listed, if is_in_time { vec![sign_in] } else { vec![] });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_that_is_changed_keeps_its_sign_ins_and_gets_another() {
    let TestStore { store, .. } = &new_store().await;
    let browser = digest();
    let (older, first) = kept(&**store, Some(browser)).await;
    let (begun, pushed, code) = (interaction(at(60)), held(at(60)), code(&older));
    store.insert_interaction(&begun).await.unwrap();
    store.insert_pushed_request(&pushed).await.unwrap();
    let second = SignIn { code: Some(code.digest), ..sign_in(&older, Some(browser)) };
    let decision = Decision {
        interaction: &begun.id,
        step: 0,
        request_uri: pushed.digest,
        granted: Some((&older, &code)),
        sign_in: Some(&second),
    };
    assert_eq!(store.take_amendment(&decision, Amendment::Replace, NOW).await.unwrap(), Amended::Done);
    let listed: BTreeSet<_> = store.list_sign_ins(browser, NOW, 10).await.unwrap().into_iter().map(|s| s.id).collect();
    assert_eq!(listed, BTreeSet::from([first.id, second.id]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn signing_out_ends_what_is_in_the_browser_and_nothing_else() {
    let TestStore { store, .. } = &new_store().await;
    let (here, there, session, other_session) = (digest(), digest(), held(at(60)), held(at(60)));
    for session in [&session, &other_session] {
        store.insert_session(session).await.unwrap();
    }
    let mine = [kept(&**store, Some(here)).await.1, kept(&**store, Some(here)).await.1];
    let over = kept(&**store, Some(here)).await;
    let elsewhere = kept(&**store, Some(there)).await.1;
    kept(&**store, None).await;
    store.revoke_grant(&over.0.id, NOW, RevokedBy::Client).await.unwrap();
    assert_eq!(store.list_sign_ins(here, NOW, 1).await.unwrap().len(), 1, "no more than asked for");
    let ended = Ended { browser: Some(here), session: Some(session.digest) };
    assert_eq!(store.end_sign_ins(ended, at(1)).await.unwrap(), 2);
    assert_eq!(store.end_sign_ins(ended, at(1)).await.unwrap(), 0);
    assert_eq!(store.list_sign_ins(here, NOW, 10).await.unwrap(), []);
    assert_eq!(store.list_sign_ins(there, NOW, 10).await.unwrap(), [elsewhere]);
    assert_eq!(store.find_session(session.digest, NOW).await.unwrap(), None);
    assert!(store.find_session(other_session.digest, NOW).await.unwrap().is_some());
    assert_eq!(leased(&**store, NOW).await, [], "not before it ended");
    let notices = leased(&**store, at(1)).await;
    assert_eq!(ids(&notices), mine.iter().map(|sign_in| sign_in.id.clone()).collect());
    for notice in &notices {
        let of = mine.iter().find(|sign_in| sign_in.id == notice.sign_in).unwrap();
        assert_eq!((&notice.client, &notice.subject), (&of.client, &of.subject));
        assert_eq!((notice.attempts, notice.created_at), (1, at(1)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_sign_outs_each_sign_in_leaves_one_notice() {
    let TestStore { store, .. } = &new_store().await;
    let browser = digest();
    let mut expected = BTreeSet::new();
    let mut grants = Vec::new();
    for _ in 0..20 {
        let (grant, sign_in) = kept(&**store, Some(browser)).await;
        expected.insert(sign_in.id);
        grants.push(grant.id);
    }
    // Some end by the browser, some by the grant, at once: whoever is first leaves the notice.
    let noted = race(|n| {
        let (store, grant) = (Arc::clone(store), grants[n % 20].clone());
        async move {
            if n % 2 == 0 {
                store.revoke_grant(&grant, NOW, RevokedBy::Citizen).await.unwrap();
                0
            } else {
                store.end_sign_ins(of_browser(browser), NOW).await.unwrap()
            }
        }
    })
    .await;
    assert!(noted.iter().sum::<u64>() <= 20);
    let notices = leased(&**store, NOW).await;
    assert_eq!((notices.len(), ids(&notices)), (20, expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_citizen_and_the_operator_sign_out_by_ending_a_grant() {
    let TestStore { store, .. } = &new_store().await;
    for (by, is_told) in [
        (RevokedBy::Citizen, true),
        (RevokedBy::Operator, true),
        (RevokedBy::Client, false),
        (RevokedBy::CodeReplay, false),
        (RevokedBy::NotTakenUp, false),
        (RevokedBy::Exposed, false),
        (RevokedBy::VisitOver, false),
    ] {
        let browser = digest();
        let (grant, sign_in) = kept(&**store, Some(browser)).await;
        assert!(store.revoke_grant(&grant.id, NOW, by).await.unwrap());
        let notices = leased(&**store, NOW).await;
        assert_eq!(ids(&notices).contains(&sign_in.id), is_told, "{by:?}");
        assert_eq!(store.list_sign_ins(browser, NOW, 10).await.unwrap(), [], "{by:?}");
        assert!(!store.insert_sign_in(&sign_in).await.unwrap(), "{by:?}: the grant is over");
    }
    // All of a person's, and all of a client's, at once.
    let person = subject_id();
    let mut expected = BTreeSet::new();
    for _ in 0..3 {
        let grant = grant(Some(&person));
        store.insert_grant(&grant).await.unwrap();
        let sign_in = sign_in(&grant, None);
        assert!(store.insert_sign_in(&sign_in).await.unwrap());
        expected.insert(sign_in.id);
    }
    assert_eq!(store.revoke_grants_of(&person, NOW, RevokedBy::Citizen).await.unwrap().len(), 3);
    assert_eq!(ids(&leased(&**store, NOW).await), expected);
    let (grant, sign_in) = kept(&**store, None).await;
    store.revoke_grants_of_client(&grant.client, NOW, RevokedBy::Operator).await.unwrap();
    assert_eq!(ids(&leased(&**store, NOW).await), BTreeSet::from([sign_in.id]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_callers_each_notice_is_one_callers_own() {
    let TestStore { store, .. } = &new_store().await;
    let browser = digest();
    let mut expected = BTreeSet::new();
    for _ in 0..RACERS {
        expected.insert(kept(&**store, Some(browser)).await.1.id);
    }
    assert_eq!(store.end_sign_ins(of_browser(browser), NOW).await.unwrap(), RACERS as u64);
    let lent = race(|_| {
        let store = Arc::clone(store);
        async move { store.lease_notices(NOW, at(60), 3).await.unwrap() }
    })
    .await;
    let mut lent: Vec<HeldNotice> = lent.into_iter().flatten().collect();
    // On an engine that passes over rows which others hold, the last ones may be passed over by everybody.
    lent.extend(store.lease_notices(NOW, at(60), 1000).await.unwrap());
    assert_eq!((lent.len(), ids(&lent)), (RACERS, expected));
    assert_eq!(store.lease_notices(at(59), at(60), 10).await.unwrap(), []);

    let one = lent[0].clone();
    let done = race(|_| {
        let (store, notice) = (Arc::clone(store), one.clone());
        async move { store.delete_notice(&notice).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&done), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_late_can_neither_settle_nor_put_off_what_is_anothers() {
    let TestStore { store, .. } = &new_store().await;
    let browser = digest();
    kept(&**store, Some(browser)).await;
    store.end_sign_ins(of_browser(browser), NOW).await.unwrap();
    let lease = async |now, until| store.lease_notices(now, until, 10).await.unwrap().pop();
    let late = lease(NOW, at(10)).await.unwrap();
    let mine = lease(at(10), at(20)).await.unwrap();
    assert_eq!((late.attempts, mine.attempts), (1, 2));
    assert!(!store.delete_notice(&late).await.unwrap());
    assert!(!store.defer_notice(&late, at(500)).await.unwrap());
    assert!(store.defer_notice(&mine, at(100)).await.unwrap());
    assert_eq!(lease(at(99), at(200)).await, None);
    let again = lease(at(100), at(200)).await.unwrap();
    assert_eq!((again.attempts, again.created_at), (3, NOW));
    assert!(store.delete_notice(&again).await.unwrap());
    assert_eq!(lease(at(1000), at(2000)).await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_is_over_is_told_to_nobody_and_purged() {
    let TestStore { store, .. } = &new_store().await;
    let browser = digest();
    let (grant, sign_in) = kept(&**store, Some(browser)).await;
    let end = sign_in.expires_at;
    assert_eq!(store.list_sign_ins(browser, end, 10).await.unwrap(), []);
    assert!(store.revoke_grant(&grant.id, end, RevokedBy::Citizen).await.unwrap());
    assert_eq!(leased(&**store, end).await, []);
    kept(&**store, Some(browser)).await;
    assert_eq!(store.purge(end).await.unwrap(), 1);
    assert_eq!(store.list_sign_ins(browser, NOW, 10).await.unwrap(), []);
}

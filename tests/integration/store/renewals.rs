//! Consents that end: their person is reminded once, whoever looks first; and a newer word for the same is one change.

use super::samples::{NOW, at, grant, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::acr::Acr;
use madoguchi::domain::citizen_notice::{CitizenNotice, NewCitizenNotice, NoticeText};
use madoguchi::domain::grant::{Authentication, Grant, RevokedBy};
use madoguchi::domain::ids::{CitizenNoticeId, ClientId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Digest, SystemEntropy, Timestamp, Words};
use madoguchi::store::{HeldRefreshToken, Reminding, Renewal, Store};
use std::sync::Arc;

const DAY: i64 = 86_400;

fn by(acr: Acr, seconds: i64) -> Authentication {
    Authentication { acr, at: at(seconds), certificate: None }
}

/// A consent for ninety days.
async fn lasting(store: &dyn Store) -> Grant {
    let mut one = grant(Some(&subject_id()));
    one.consent.as_mut().unwrap().access_days = 90;
    one.authentication = Some(by(Acr::Aal3, 0));
    one.expires_at = at(90 * DAY);
    store.insert_grant(&one).await.unwrap();
    one
}

fn notice(of: &Grant, now: Timestamp) -> Reminding {
    let digest = Digest::of(of.id.as_str());
    let notice = CitizenNotice {
        id: CitizenNoticeId::generate(&SystemEntropy),
        client: ClientId::parse("counter:consents").unwrap(),
        sender: Words { ja: "窓口".into(), en: "Counter".into() },
        subject: of.subject.clone().unwrap(),
        category: "health".into(),
        ja: NoticeText { title: "見本".into(), body: "見本".into() },
        en: None,
        attachments: vec![],
        payment: None,
        response: None,
        reminder_of: None,
        key: IdempotencyKey { key: digest, body: digest },
        posted_at: now,
        deliver_at: now,
        expires_at: of.expires_at,
    };
    Reminding::Now(Box::new(NewCitizenNotice { notice, files: vec![], remind_at: None }))
}

async fn listed(store: &dyn Store, now: Timestamp) -> Vec<Grant> {
    store.list_ending_grants(now, 50).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_that_remind_of_one_end_one_does() {
    let TestStore { store, .. } = &new_store().await;
    let one = lasting(&**store).await;
    assert!(listed(&**store, at(60 * DAY - 1)).await.is_empty(), "not before thirty days");
    let now = at(76 * DAY);
    let seen = listed(&**store, now).await;
    assert_eq!(seen.iter().map(|grant| &grant.id).collect::<Vec<_>>(), [&one.id]);
    let answers = race(|_| {
        let (store, grant, what) = (Arc::clone(store), one.clone(), notice(&one, now));
        async move { store.take_ending(&grant, &what, now).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let subject = one.subject.as_ref().unwrap();
    let notices = store.list_citizen_notices(subject, 0, (now, 50)).await.unwrap();
    assert_eq!((notices.len(), notices[0].place), (1, Some(1)));
    assert!(listed(&**store, at(89 * DAY)).await.is_empty(), "once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_reminded_of_what_ended_was_renewed_or_does_not_last() {
    let TestStore { store, .. } = &new_store().await;
    let once = grant(Some(&subject_id()));
    store.insert_grant(&once).await.unwrap();
    assert!(listed(&**store, at(1)).await.is_empty(), "for one retrieval");
    let now = at(76 * DAY);
    let (ended, renewed, later) = (lasting(&**store).await, lasting(&**store).await, lasting(&**store).await);
    assert_eq!(listed(&**store, now).await.len(), 3);
    assert!(store.revoke_grant(&ended.id, at(70 * DAY), RevokedBy::Citizen).await.unwrap());
    let renewal = Renewal { seen: NOW, at: at(75 * DAY), by: by(Acr::Aal3, 75 * DAY) };
    assert!(store.renew_grant(&renewed.id, &renewal).await.unwrap());
    // Whoever had seen them before writes nothing.
    for one in [&ended, &renewed] {
        assert!(!store.take_ending(one, &notice(one, now), now).await.unwrap());
        let found = store.list_citizen_notices(one.subject.as_ref().unwrap(), 0, (now, 50)).await.unwrap();
        assert!(found.is_empty(), "{found:?}");
    }
    let put_off = Reminding::Later(at(80 * DAY));
    assert!(store.take_ending(&later, &put_off, now).await.unwrap());
    assert!(!store.take_ending(&later, &put_off, now).await.unwrap(), "it is not due now");
    assert!(listed(&**store, at(80 * DAY - 1)).await.is_empty());
    assert_eq!(listed(&**store, at(80 * DAY)).await[0].id, later.id);
    assert!(store.take_ending(&later, &Reminding::Never, at(80 * DAY)).await.unwrap());
    assert!(listed(&**store, at(90 * DAY - 1)).await.is_empty());
    // The renewed one has an end of its own.
    assert_eq!(listed(&**store, at(135 * DAY)).await[0].id, renewed.id);
    assert!(listed(&**store, at(165 * DAY)).await.is_empty(), "what is over is over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_fifty_renewals_of_what_was_seen_one_counts_and_tokens_stay() {
    let TestStore { store, .. } = &new_store().await;
    let one = lasting(&**store).await;
    let held = HeldRefreshToken {
        digest: Digest::of("rt"),
        grant: one.id.clone(),
        client: one.client.clone(),
        issued_at: NOW,
        expires_at: at(89 * DAY),
    };
    store.insert_refresh_token(&held).await.unwrap();
    let now = at(80 * DAY);
    let unsure = Renewal { seen: NOW, at: now, by: by(Acr::Aal2, 80 * DAY) };
    assert!(!store.renew_grant(&one.id, &unsure).await.unwrap(), "recognised less surely than then");
    let renewal = Renewal { seen: NOW, at: now, by: by(Acr::Aal3, 80 * DAY) };
    let answers = race(|_| {
        let (store, id) = (Arc::clone(store), one.id.clone());
        async move { store.renew_grant(&id, &renewal).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let newer = store.find_grant(&one.id).await.unwrap().unwrap();
    assert_eq!((newer.expires_at, newer.updated_at, newer.created_at), (at(170 * DAY), Some(now), NOW));
    assert_eq!((&newer.consent, newer.scope), (&one.consent, one.scope), "the same, longer");
    assert!(store.find_refresh_token(held.digest, now).await.unwrap().is_some());
    let earlier = store.list_superseded(&one.id).await.unwrap();
    assert_eq!((earlier.len(), earlier[0].expires_at), (1, at(90 * DAY)));
    // From an older page, after an end, after its time, and where it does not last.
    assert!(!store.renew_grant(&one.id, &Renewal { at: at(81 * DAY), ..renewal }).await.unwrap());
    let late = Renewal { seen: now, at: at(170 * DAY), ..renewal };
    assert!(!store.renew_grant(&one.id, &late).await.unwrap());
    assert!(store.revoke_grant(&one.id, at(82 * DAY), RevokedBy::Citizen).await.unwrap());
    assert!(!store.renew_grant(&one.id, &Renewal { seen: now, at: at(83 * DAY), ..renewal }).await.unwrap());
    let once = grant(Some(&subject_id()));
    store.insert_grant(&once).await.unwrap();
    assert!(!store.renew_grant(&once.id, &Renewal { at: at(10), ..renewal }).await.unwrap());
}

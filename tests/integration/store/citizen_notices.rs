//! Notices to citizens: posted once for a key, each in one place of its citizen's list, whoever lets them become visible;
//! reminded of once; taken line by line once; and erased.

use super::samples::{NOW, at, grant};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::citizen_notice::{
    CitizenNotice, NewCitizenNotice, NoticeAttachment, NoticeText, recipient_digest,
};
use madoguchi::domain::ids::{CitizenNoticeId, ClientId, GrantId, NoticeBulkId, SubjectId};
use madoguchi::domain::notice_bulk::{NoticeBulk, NoticePiece, RejectedLine};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::scope::ScopeSet;
use madoguchi::domain::subject::UpstreamAccount;
use madoguchi::domain::{Digest, Kept, SystemEntropy, Timestamp, Words};
use madoguchi::store::{Before, InsertedCitizenNotice, Store};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

const FILE: &[u8] = b"%PDF mihon";

fn citizen() -> SubjectId {
    SubjectId::parse("s_citizen").unwrap()
}

fn notice(key: &str, deliver_at: Timestamp) -> NewCitizenNotice {
    let notice = CitizenNotice {
        id: CitizenNoticeId::generate(&SystemEntropy),
        client: ClientId::parse("city").unwrap(),
        sender: Words { ja: "見本市".into(), en: "Mihon".into() },
        subject: citizen(),
        category: "tax".into(),
        ja: NoticeText { title: "見本".into(), body: "見本".into() },
        en: None,
        attachments: vec![NoticeAttachment {
            name: "a.pdf".into(),
            media_type: "application/pdf".into(),
            size: FILE.len() as u64,
            digest: Digest::of_bytes(FILE),
        }],
        payment: None,
        response: None,
        reminder_of: None,
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(key) },
        posted_at: NOW,
        deliver_at,
        expires_at: at(10_000),
    };
    NewCitizenNotice { notice, files: vec![FILE.to_vec()], remind_at: None }
}

async fn post(store: &dyn Store, new: &NewCitizenNotice) {
    let inserted = store.insert_citizen_notice(new).await.unwrap();
    assert!(matches!(inserted, InsertedCitizenNotice::New(_)), "{inserted:?}");
}

async fn list(store: &dyn Store, after: u64, now: Timestamp) -> Vec<(u64, CitizenNoticeId)> {
    let found = store.list_citizen_notices(&citizen(), after, (now, 1000)).await.unwrap();
    found.into_iter().map(|one| (one.place.unwrap(), one.notice.id)).collect()
}

/// A consent to the inbox that lasts until `until`.
async fn agree(store: &dyn Store, id: &str, scope: &str, until: Timestamp) -> GrantId {
    let mut given = grant(Some(&citizen()));
    given.id = GrantId::parse(id).unwrap();
    given.client = ClientId::parse("inbox").unwrap();
    given.scope = ScopeSet::parse(scope).unwrap();
    given.expires_at = until;
    store.insert_grant(&given).await.unwrap();
    given.id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_key_one_posts_a_notice() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), notice("key", NOW));
        async move { store.insert_citizen_notice(&new).await.unwrap() }
    })
    .await;
    let new = answers.iter().filter(|answer| matches!(answer, InsertedCitizenNotice::New(_))).count();
    assert_eq!(new, 1);
    let ids: BTreeSet<_> = answers
        .iter()
        .map(|answer| match answer {
            InsertedCitizenNotice::New(held) | InsertedCitizenNotice::Same(held) => held.notice.id.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((ids.len(), list(&**store, 0, NOW).await.len()), (1, 1));
    let mut other = notice("key", NOW);
    other.notice.key.body = Digest::of("other");
    assert_eq!(store.insert_citizen_notice(&other).await.unwrap(), InsertedCitizenNotice::KeyReused);
    let id = CitizenNoticeId::parse(ids.first().unwrap()).unwrap();
    assert_eq!(store.find_notice_file(&id, 0).await.unwrap().as_deref(), Some(FILE));
    assert_eq!(store.find_notice_file(&id, 1).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_on_while_notices_come_and_become_due_misses_none_and_sees_none_twice() {
    let TestStore { store, .. } = &new_store().await;
    for n in 0..50 {
        post(&**store, &notice(&format!("scheduled {n}"), at(n % 5 + 1))).await;
    }
    let reader = {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let (mut seen, mut after, mut idle) = (Vec::new(), 0, 0);
            while seen.len() < 100 && idle < 20_000 {
                let page = list(&*store, after, at(50)).await;
                after = page.last().map_or(after, |(place, _)| *place);
                idle = if page.is_empty() { idle + 1 } else { 0 };
                seen.extend(page);
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            seen
        })
    };
    // Some post, and some let what is due become visible: each of both at once.
    let released: u64 = race(|n| {
        let store = Arc::clone(store);
        async move {
            let mut new = notice(&format!("at once {n}"), at(50));
            new.notice.posted_at = at(50);
            post(&*store, &new).await;
            store.release_notices(at(50), 3).await.unwrap()
        }
    })
    .await
    .into_iter()
    .sum();
    let mut left = 0;
    loop {
        match store.release_notices(at(50), 7).await.unwrap() {
            0 => break,
            more => left += more,
        }
    }
    assert_eq!(released + left, 50, "each becomes visible once");
    let seen = reader.await.unwrap();
    let places: Vec<u64> = seen.iter().map(|(place, _)| *place).collect();
    assert_eq!(places, (1..=100).collect::<Vec<_>>(), "in their order, none missed, none twice");
    assert_eq!(seen.iter().map(|(_, id)| id.to_string()).collect::<BTreeSet<_>>().len(), 100);
    assert_eq!(list(&**store, 0, at(50)).await, seen, "and places never change");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_scheduled_is_seen_and_told_of_when_it_is_due_to_live_consents_alone() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    let live = agree(store, "g_live", "openid notices", at(9_000)).await;
    agree(store, "g_narrow", "openid self_information", at(9_000)).await;
    agree(store, "g_over", "notices", at(50)).await;
    let paused = agree(store, "g_paused", "notices", at(9_000)).await;
    assert!(store.pause_grant(&paused, NOW).await.unwrap());
    let ended = agree(store, "g_ended", "notices", at(9_000)).await;
    assert!(store.revoke_grant(&ended, NOW, madoguchi::domain::grant::RevokedBy::Citizen).await.unwrap());
    let new = notice("key", at(100));
    post(store, &new).await;
    let (id, inbox) = (&new.notice.id, ClientId::parse("inbox").unwrap());
    assert_eq!(store.release_notices(at(99), 10).await.unwrap(), 0, "not before its time");
    assert!(list(store, 0, at(99)).await.is_empty());
    assert!(!store.mark_notice((&citizen(), id), true, at(99)).await.unwrap());
    assert_eq!(store.release_notices(at(100), 10).await.unwrap(), 1);
    assert_eq!(store.release_notices(at(100), 10).await.unwrap(), 0);
    assert_eq!(list(store, 0, at(100)).await, [(1, id.clone())]);
    assert!(list(store, 0, at(10_000)).await.is_empty(), "until it is over");
    let events = store.list_submission_events(Some(&inbox), 0, 100).await.unwrap();
    let told: Vec<_> = events.into_iter().filter_map(|event| event.notice).collect();
    assert_eq!(told.len(), 1);
    assert_eq!((&told[0].id, &told[0].grant, told[0].place), (id, &live, 1));

    let stranger = SubjectId::parse("s_stranger").unwrap();
    assert!(!store.mark_notice((&stranger, id), true, at(101)).await.unwrap());
    for (is_read, when, read_at) in
        [(true, 101, Some(101)), (true, 150, Some(101)), (false, 160, None), (true, 170, Some(170))]
    {
        assert!(store.mark_notice((&citizen(), id), is_read, at(when)).await.unwrap());
        let held = store.find_citizen_notice(id).await.unwrap().unwrap();
        assert_eq!(held.read_at, read_at.map(at));
    }
    assert!(!store.mark_notice((&citizen(), id), true, at(10_000)).await.unwrap(), "what is over stays as it is");
    let posted = |limit| Before { entry: None, limit };
    let city = ClientId::parse("city").unwrap();
    assert_eq!(store.list_posted_notices(&city, &posted(9)).await.unwrap().len(), 1);
    assert!(store.list_posted_notices(&inbox, &posted(9)).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_remind_one_does() {
    let TestStore { store, .. } = &new_store().await;
    let mut first = notice("first", NOW);
    first.remind_at = Some(at(20));
    post(&**store, &first).await;
    assert!(store.list_reminders(at(19), 9).await.unwrap().is_empty());
    let due = store.list_reminders(at(20), 9).await.unwrap();
    assert_eq!(due.iter().map(|one| &one.notice.id).collect::<Vec<_>>(), [&first.notice.id]);
    let answers = race(|_| {
        let (store, of) = (Arc::clone(store), first.notice.id.clone());
        let mut new = notice("reminder", at(20));
        new.notice.posted_at = at(20);
        async move { store.take_reminder(&of, &new).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(list(&**store, 0, at(20)).await.len(), 2);
    assert!(store.list_reminders(at(30), 9).await.unwrap().is_empty());
}

fn bulk() -> NoticeBulk {
    NoticeBulk {
        id: NoticeBulkId::generate(&SystemEntropy),
        client: ClientId::parse("city").unwrap(),
        key: IdempotencyKey { key: Digest::of("file"), body: Digest::of("") },
        created_at: NOW,
        bytes: 0,
        lines: 0,
        rejected: 0,
        is_complete: false,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_same_pieces_one_is_taken() {
    let TestStore { store, .. } = &new_store().await;
    let begun = race(|_| {
        let (store, new) = (Arc::clone(store), bulk());
        async move { store.insert_notice_bulk(&new).await.unwrap().map_or(new.id, |earlier| earlier.id) }
    })
    .await;
    let ids: BTreeSet<_> = begun.iter().map(ToString::to_string).collect();
    assert_eq!(ids.len(), 1, "one file for one key");
    let id = begun[0].clone();
    let before = store.find_notice_bulk(&id).await.unwrap().unwrap();
    let answers = race(|n| {
        let after = NoticeBulk { bytes: 100, lines: 3, rejected: 1, ..before.clone() };
        let rejected = RejectedLine { line: 2, code: "invalid_value".into(), pointer: None, words: String::new() };
        // Its own ids and keys, as whoever reads the same lines again makes them: the keys are the lines'.
        let notices = vec![notice("line 1", at(5)), notice("line 3", at(5))];
        let piece = NoticePiece { after, at: 0, notices, rejected: vec![rejected] };
        let store = Arc::clone(store);
        async move {
            assert!(n < 50);
            store.append_notices(&piece).await.unwrap()
        }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let now = store.find_notice_bulk(&id).await.unwrap().unwrap();
    assert_eq!((now.bytes, now.lines, now.rejected, now.is_complete), (100, 3, 1, false));
    assert!(list(&**store, 0, at(5)).await.is_empty(), "they wait until they are let");
    assert_eq!(store.release_notices(at(5), 9).await.unwrap(), 2);
    let lines = store.list_rejected_lines(&id, 0, 9).await.unwrap();
    assert_eq!(lines.iter().map(|line| line.line).collect::<Vec<_>>(), [2]);
    assert!(store.list_rejected_lines(&id, 2, 9).await.unwrap().is_empty());
    let whole = NoticeBulk { bytes: 100, is_complete: true, ..now.clone() };
    let piece = |at| NoticePiece { after: whole.clone(), at, notices: vec![], rejected: vec![] };
    assert!(!store.append_notices(&piece(99)).await.unwrap(), "it has come elsewhere");
    assert!(store.append_notices(&piece(100)).await.unwrap());
    assert!(!store.append_notices(&piece(100)).await.unwrap(), "it is whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_meant_is_found_by_the_agencys_own_name_for_them() {
    let TestStore { store, .. } = &new_store().await;
    let digest = recipient_digest("city.example", "p~1");
    store.put_pairwise(digest, &citizen()).await.unwrap();
    let other = recipient_digest("tax.example", "p~1");
    let found = store.find_recipients(&[other, digest]).await.unwrap();
    assert_eq!((found.len(), found.get(&digest)), (1, Some(&citizen())));
    assert!(store.find_recipients(&[]).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_expired_is_erased_when_it_has_been_kept_long_enough() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    agree(store, "g_live", "notices", at(9_000)).await;
    let new = notice("key", NOW);
    post(store, &new).await;
    store.insert_notice_bulk(&bulk()).await.unwrap();
    assert_eq!(store.count_old(Kept::EndedNotices, at(10_000)).await.unwrap(), 0);
    assert_eq!(store.erase_old(Kept::EndedNotices, at(10_000), (at(10_000), 9)).await.unwrap(), 0);
    assert_eq!(store.count_old(Kept::EndedNotices, at(10_001)).await.unwrap(), 1);
    assert_eq!(store.erase_old(Kept::EndedNotices, at(10_001), (at(10_001), 9)).await.unwrap(), 1);
    assert_eq!(store.find_citizen_notice(&new.notice.id).await.unwrap(), None);
    assert_eq!(store.find_notice_file(&new.notice.id, 0).await.unwrap(), None);
    let inbox = ClientId::parse("inbox").unwrap();
    assert!(store.list_submission_events(Some(&inbox), 0, 9).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_account_takes_its_notices_with_it_and_gets_no_more() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    let account = UpstreamAccount { issuer: "https://idp.example".into(), subject: "one".into() };
    store.find_or_insert_subject(&account, &citizen()).await.unwrap();
    store.put_pairwise(recipient_digest("city.example", "p~1"), &citizen()).await.unwrap();
    let new = notice("key", NOW);
    post(store, &new).await;
    assert!(store.erase_account(&citizen(), at(10)).await.unwrap());
    assert_eq!(store.find_citizen_notice(&new.notice.id).await.unwrap(), None);
    assert_eq!(store.find_notice_file(&new.notice.id, 0).await.unwrap(), None);
    assert!(list(store, 0, at(10)).await.is_empty());
    assert!(store.find_recipients(&[recipient_digest("city.example", "p~1")]).await.unwrap().is_empty());
    let late = store.insert_citizen_notice(&notice("late", NOW)).await.unwrap();
    assert_eq!(late, InsertedCitizenNotice::NobodyThere, "whoever was found just before");
}

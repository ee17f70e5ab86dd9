//! Disposition notices: put down once for a key, superseded once, delivered once, and erased with their key.

use super::samples::{NOW, at, client};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store, open};
use madoguchi::domain::client::Client;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::deposit::{Holding, Pieces};
use madoguchi::domain::disposition::{Answered, DispositionKind, DispositionNews, DispositionNotice, Fetch, KeptAt};
use madoguchi::domain::ids::{ClientId, DelegationId, DeliveryId, DispositionNoticeId, ReceiptId, SubmissionId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::scope::{Scope, ScopeSet};
use madoguchi::domain::{Digest, Kept, SystemEntropy};
use madoguchi::store::{Before, GivenDisposition, InsertedDisposition, Store};
use std::sync::Arc;

const BYTES: &[u8] = b"%PDF mihon";

fn notice(key: &str, body: &str) -> DispositionNotice {
    DispositionNotice {
        id: DispositionNoticeId::generate(&SystemEntropy),
        client: ClientId::parse("tax-office").unwrap(),
        agency: "tax".into(),
        answered: Answered {
            submission: SubmissionId::parse("sub_one").unwrap(),
            delivery: DeliveryId::parse("dlv_one").unwrap(),
            deposit: None,
            client: ClientId::parse("payroll").unwrap(),
            company: CorporateNumber::parse("5000000990004").unwrap(),
            delegation: None,
            procedure: "p".into(),
        },
        kind: DispositionKind::Disposition,
        title: "見本".into(),
        decided_on: NOW.date_in_japan(),
        supersedes: None,
        holding: Holding {
            location: String::new(),
            size: BYTES.len() as u64,
            media_type: "application/pdf".into(),
            schema: String::new(),
            digest: Digest::of_bytes(BYTES),
        },
        kept: KeptAt::Here,
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(body) },
        put_at: NOW,
        expires_at: at(100),
        receipt: ReceiptId::generate(&SystemEntropy),
    }
}

fn after(earlier: &DispositionNotice, key: &str) -> DispositionNotice {
    let supersedes = Some(earlier.id.clone());
    DispositionNotice { kind: DispositionKind::Correction, supersedes, ..notice(key, key) }
}

fn fetch(seconds: i64) -> Fetch {
    let client = ClientId::parse("payroll").unwrap();
    Fetch { client, at: at(seconds), receipt: ReceiptId::generate(&SystemEntropy) }
}

fn whole() -> Before<DispositionNoticeId> {
    Before { entry: None, limit: 9 }
}

async fn put(store: &dyn Store, new: &DispositionNotice) {
    assert_eq!(store.insert_disposition(new, Some(BYTES)).await.unwrap(), InsertedDisposition::New);
}

async fn actions(store: &dyn Store) -> Vec<String> {
    let mut found = Vec::new();
    for leaf in store.list_pending_leaves(200).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        let record: serde_json::Value = serde_json::from_str(&kept.record).unwrap();
        assert!(!kept.record.contains("見本"), "{}", kept.record);
        found.push(record["action"].as_str().unwrap().to_owned());
    }
    found.sort();
    found
}

/// A company's own software, which files or does not.
fn own(id: &str, company: &CorporateNumber, scope: Scope) -> Client {
    Client { corporate_number: company.clone(), scope: ScopeSet::of(&[scope]), ..client(id) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_warned_once_of_each_notice_that_waits_and_nobody_fetched() {
    let TestStore { store, url, .. } = &new_store().await;
    let (one, corrected, fetched) = (notice("one", "body"), notice("corrected", "body"), notice("fetched", "body"));
    let later = DispositionNotice { expires_at: at(1000), ..notice("later", "body") };
    let (company, filer) = (one.answered.company.clone(), one.answered.client.clone());
    let correction = after(&corrected, "correction");
    for new in [&one, &corrected, &fetched, &later, &correction] {
        put(&**store, new).await;
    }
    assert_eq!(store.give_disposition(&fetched.id, &fetch(1)).await.unwrap(), GivenDisposition::First);
    for client in [
        own("own", &company, Scope::Submissions),
        own("reader", &company, Scope::SelfInformation),
        own("stranger", &CorporateNumber::parse("7000012050002").unwrap(), Scope::Submissions),
    ] {
        store.put_client(&client, NOW).await.unwrap();
    }
    assert!(!store.warn_of_disposition(at(50), at(99)).await.unwrap(), "there is time");
    let answers = race(|_| {
        let store = Arc::clone(store);
        async move { store.warn_of_disposition(at(60), at(100)).await.unwrap() }
    })
    .await;
    // One that is locked just now is passed over: somebody else has it.
    let mut told = winners(&answers);
    while store.warn_of_disposition(at(60), at(100)).await.unwrap() {
        told += 1;
    }
    assert_eq!(told, 2, "neither what was fetched nor what is corrected");
    let told_of = async |client: &str| {
        let events = store.list_submission_events(Some(&ClientId::parse(client).unwrap()), 0, 100).await.unwrap();
        let expiring = events.into_iter().filter(|event| {
            event.disposition.as_ref().is_some_and(|mention| mention.news == DispositionNews::Expiring)
        });
        let mut found: Vec<_> = expiring.map(|event| (event.disposition.unwrap().id, event.delegated)).collect();
        found.sort_by_key(|(id, _)| id.to_string());
        found
    };
    let mut both = vec![(one.id.clone(), None), (correction.id.clone(), None)];
    both.sort_by_key(|(id, _)| id.to_string());
    assert_eq!(told_of(filer.as_str()).await, both);
    assert_eq!(told_of("own").await, both, "its own software, as of its own");
    assert!(told_of("reader").await.is_empty() && told_of("stranger").await.is_empty());
    let again = open(url).await;
    assert!(!again.warn_of_disposition(at(61), at(100)).await.unwrap(), "another process, or the same after a restart");
    assert!(!again.warn_of_disposition(at(1000), at(2000)).await.unwrap(), "it is over: too late to warn");
    assert!(again.warn_of_disposition(at(999), at(1000)).await.unwrap());
    assert_eq!(
        store.give_disposition(&later.id, &fetch(999)).await.unwrap(),
        GivenDisposition::First,
        "and is fetched"
    );
}

async fn news(store: &dyn Store, client: &ClientId) -> Vec<DispositionNews> {
    let events = store.list_submission_events(Some(client), 0, 100).await.unwrap();
    events.into_iter().filter_map(|event| event.disposition).map(|told| told.news).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_key_one_puts_a_notice_down() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), notice("key", "body"));
        async move { (new.id.clone(), store.insert_disposition(&new, Some(BYTES)).await.unwrap()) }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(_, answer)| *answer == InsertedDisposition::New).collect();
    let [(id, _)] = new.as_slice() else { panic!("{} were written", new.len()) };
    for (own, answer) in &answers {
        match answer {
            InsertedDisposition::New => assert_eq!(own, id),
            InsertedDisposition::Same(earlier) => assert_eq!(earlier.notice.id, *id),
            other => panic!("{other:?}"),
        }
    }
    let other = store.insert_disposition(&notice("key", "another"), Some(BYTES)).await.unwrap();
    assert_eq!(other, InsertedDisposition::KeyReused);
    assert_eq!(store.find_disposition_content(id).await.unwrap().as_deref(), Some(BYTES));
    assert_eq!(actions(&**store).await, ["put_down"]);
    assert_eq!(news(&**store, &ClientId::parse("payroll").unwrap()).await, [DispositionNews::Available]);

    let mut at_agency = notice("cloud", "body");
    at_agency.kept = KeptAt::Cloud(Pieces::of(vec![at_agency.holding.digest], at_agency.holding.size).unwrap());
    assert_eq!(store.insert_disposition(&at_agency, None).await.unwrap(), InsertedDisposition::New);
    assert_eq!(store.find_disposition_content(&at_agency.id).await.unwrap(), None);
    assert_eq!(store.find_disposition(&at_agency.id).await.unwrap().unwrap().notice, at_agency);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_is_superseded_once_and_by_the_same_agency_to_the_same_filing() {
    let TestStore { store, .. } = &new_store().await;
    let first = notice("first", "body");
    put(&**store, &first).await;
    let elsewhere = Answered { delivery: DeliveryId::parse("dlv_other").unwrap(), ..first.answered.clone() };
    for (key, other) in [
        ("agency", DispositionNotice { agency: "labour".into(), ..after(&first, "agency") }),
        ("filing", DispositionNotice { answered: elsewhere, ..after(&first, "filing") }),
        ("unknown", after(&notice("never", "put"), "unknown")),
    ] {
        assert_eq!(
            store.insert_disposition(&other, Some(BYTES)).await.unwrap(),
            InsertedDisposition::NotTheLast,
            "{key}"
        );
        assert!(store.find_disposition(&other.id).await.unwrap().is_none(), "{key}");
    }
    let answers = race(|n| {
        let (store, new) = (Arc::clone(store), after(&first, &format!("after {n}")));
        async move { (new.id.clone(), store.insert_disposition(&new, Some(BYTES)).await.unwrap()) }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(_, answer)| *answer == InsertedDisposition::New).collect();
    let [(id, _)] = new.as_slice() else { panic!("{} came after it", new.len()) };
    assert!(answers.iter().all(|(own, answer)| own == id || *answer == InsertedDisposition::NotTheLast));
    assert_eq!(store.find_disposition(&first.id).await.unwrap().unwrap().superseded_by.as_ref(), Some(id));
    // The same call again is the same notice, though it superseded the first meanwhile.
    let again = after(&first, "again");
    let second = store.find_disposition(id).await.unwrap().unwrap().notice;
    put(&**store, &DispositionNotice { supersedes: Some(second.id.clone()), ..again.clone() }).await;
    let told =
        store.insert_disposition(&DispositionNotice { supersedes: Some(second.id), ..again }, None).await.unwrap();
    assert!(matches!(told, InsertedDisposition::Same(_)), "{told:?}");
    assert_eq!(actions(&**store).await, ["put_down", "put_down", "put_down"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_delivered_once_and_given_again_until_its_time_is_over() {
    let TestStore { store, .. } = &new_store().await;
    let one = notice("key", "body");
    put(&**store, &one).await;
    let answers = race(|n| {
        let (store, id) = (Arc::clone(store), one.id.clone());
        async move { store.give_disposition(&id, &fetch(i64::try_from(n).unwrap() + 1)).await.unwrap() }
    })
    .await;
    let first = answers.iter().filter(|given| **given == GivenDisposition::First).count();
    let again = answers.iter().filter(|given| **given == GivenDisposition::Again).count();
    assert_eq!((first, first + again), (1, answers.len()));
    let delivered = store.find_disposition(&one.id).await.unwrap().unwrap().delivered_at.unwrap();
    assert_eq!(store.give_disposition(&one.id, &fetch(99)).await.unwrap(), GivenDisposition::Again);
    assert_eq!(store.find_disposition(&one.id).await.unwrap().unwrap().delivered_at, Some(delivered));
    assert_eq!(store.give_disposition(&one.id, &fetch(100)).await.unwrap(), GivenDisposition::Gone);
    let never = notice("never", "fetched");
    put(&**store, &never).await;
    assert_eq!(store.give_disposition(&never.id, &fetch(100)).await.unwrap(), GivenDisposition::Gone);
    assert_eq!(store.find_disposition(&never.id).await.unwrap().unwrap().delivered_at, None);
    let unknown = DispositionNoticeId::generate(&SystemEntropy);
    assert_eq!(store.give_disposition(&unknown, &fetch(1)).await.unwrap(), GivenDisposition::Gone);
    assert_eq!(news(&**store, &one.client).await, [DispositionNews::Delivered], "the agency, once");
    let told = actions(&**store).await;
    assert_eq!(told.iter().filter(|action| *action == "delivered").count(), 1);
    assert_eq!(told.iter().filter(|action| *action == "fetched").count(), answers.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn companies_and_agencies_list_their_own_and_what_is_over_is_erased() {
    let TestStore { store, .. } = &new_store().await;
    let mut all = Vec::new();
    for n in 0..3 {
        let mut one = DispositionNotice { put_at: at(n), ..notice(&format!("key {n}"), "body") };
        one.answered.delegation = (n == 1).then(|| DelegationId::parse("dlg_one").unwrap());
        put(&**store, &one).await;
        all.push(one);
    }
    let ids = |found: Vec<madoguchi::domain::disposition::HeldDisposition>| {
        found.into_iter().map(|one| one.notice.id).collect::<Vec<_>>()
    };
    let (filer, company) = (all[0].answered.client.clone(), all[0].answered.company.clone());
    let newest: Vec<_> = all.iter().rev().map(|one| one.id.clone()).collect();
    let stranger = ClientId::parse("stranger").unwrap();
    assert_eq!(ids(store.list_dispositions((&filer, &CorporateNumber::none()), &whole()).await.unwrap()), newest);
    assert_eq!(ids(store.list_dispositions((&stranger, &company), &whole()).await.unwrap()), [all[1].id.clone()]);
    assert_eq!(ids(store.list_company_dispositions(&company, &whole()).await.unwrap()), newest);
    assert!(store.list_company_dispositions(&CorporateNumber::none(), &whole()).await.unwrap().is_empty());
    let before = Before { entry: Some((all[2].put_at, all[2].id.clone())), limit: 1 };
    assert_eq!(ids(store.list_dispositions((&filer, &company), &before).await.unwrap()), [all[1].id.clone()]);
    assert_eq!(ids(store.list_agency_dispositions("tax", &whole()).await.unwrap()), newest);
    assert!(store.list_agency_dispositions("labour", &whole()).await.unwrap().is_empty());

    let kind = Kept::EndedDispositionNotices;
    assert_eq!(store.count_old(kind, at(100)).await.unwrap(), 0);
    assert_eq!(store.count_old(kind, at(101)).await.unwrap(), 3);
    assert_eq!(store.erase_old(kind, at(101), (at(102), 2)).await.unwrap(), 2);
    assert_eq!(store.erase_old(kind, at(101), (at(102), 2)).await.unwrap(), 1);
    assert!(store.find_disposition_content(&all[0].id).await.unwrap().is_none());
    assert!(news(&**store, &filer).await.is_empty(), "what was told of them goes with them");
}

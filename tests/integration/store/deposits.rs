//! Deposits: declared once for a key, filed once, taken back once; references written down before and after.

use super::samples::{NOW, at, client};
use super::submissions::filing;
use super::{race, winners};
use crate::support::engines::{TestStore, new_store, open};
use madoguchi::domain::client::Client;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::deposit::{
    ByteSpan, Declaration, DepositNews, Filed, Holding, Outcome, Pieces, Reference, ReferenceEnd, Share, Trouble,
};
use madoguchi::domain::ids::{ClientId, DelegationId, DepositId, DepositReferenceId, DepositShareId};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::scope::{Scope, ScopeSet};
use madoguchi::domain::{Digest, Kept, SystemEntropy, Timestamp};
use madoguchi::store::{Before, FiledDeposit, InsertedDeposit, InsertedSubmission, NewSubmission, Store};
use std::sync::Arc;
use std::time::Duration;

fn declaration(key: &str, body: &str) -> Declaration {
    Declaration {
        id: DepositId::generate(&SystemEntropy),
        client: ClientId::parse("payroll").unwrap(),
        company: CorporateNumber::parse("5000000990004").unwrap(),
        delegation: None,
        agency: "tax".into(),
        procedure: "p".into(),
        origin: "https://cloud.example".into(),
        reference: Some("ours".into()),
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(body) },
        declared_at: NOW,
    }
}

fn whole(limit: u32) -> Before<DepositId> {
    Before { entry: None, limit }
}

/// A filing of this deposit under a key of its own.
fn filing_of(one: &Declaration, key: &str, at: Timestamp) -> NewSubmission {
    let mut new = filing("payroll", key, key, &["tax"]);
    new.submission.accepted_at = at;
    let holding = Holding {
        location: "https://cloud.example/ledger".into(),
        size: 3,
        media_type: "text/csv".into(),
        schema: "s".into(),
        digest: Digest::of("abc"),
    };
    let submission = new.submission.id.clone();
    let (keep_until, expires_at) = (Filed::duty_ends(at, 7), Filed::duty_ends(at, 8));
    let filed = Filed { at, submission, holding, keep_until, expires_at };
    let pieces = Pieces::of(vec![Digest::of("abc")], 3).unwrap();
    NewSubmission { deposit: Some(FiledDeposit { declared: one.clone(), filed, pieces }), ..new }
}

async fn filed(store: &dyn Store, key: &str, when: Timestamp) -> Declaration {
    let one = Declaration { declared_at: when, ..declaration(key, "body") };
    assert_eq!(store.insert_deposit(&one).await.unwrap(), InsertedDeposit::New);
    let new = filing_of(&one, key, when);
    assert_eq!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::New);
    one
}

fn reference(to: &Declaration, seconds: i64) -> Reference {
    Reference {
        id: DepositReferenceId::generate(&SystemEntropy),
        deposit: to.id.clone(),
        client: ClientId::parse("tax-office").unwrap(),
        purpose: "audit".into(),
        span: ByteSpan::of(1, 2).unwrap(),
        at: at(seconds),
    }
}

async fn records(store: &dyn Store) -> Vec<serde_json::Value> {
    let mut found = Vec::new();
    for leaf in store.list_pending_leaves(200).await.unwrap() {
        let kept = store.find_receipt(&leaf.receipt).await.unwrap().unwrap();
        let record: serde_json::Value = serde_json::from_str(&kept.record).unwrap();
        found.extend((record["kind"] == "deposit").then_some(record));
    }
    found
}

async fn actions(store: &dyn Store) -> Vec<String> {
    let of = |record: &serde_json::Value| record["action"].as_str().unwrap().to_owned();
    let mut found: Vec<String> = records(store).await.iter().map(of).collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_key_one_declares() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), declaration("key", "body"));
        async move { (new.id.clone(), store.insert_deposit(&new).await.unwrap()) }
    })
    .await;
    let new: Vec<_> = answers.iter().filter(|(_, answer)| *answer == InsertedDeposit::New).collect();
    let [(id, _)] = new.as_slice() else { panic!("{} were written", new.len()) };
    for (own, answer) in &answers {
        match answer {
            InsertedDeposit::New => assert_eq!(own, id),
            InsertedDeposit::Same(earlier) => assert_eq!(earlier.declared.id, *id),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(store.insert_deposit(&declaration("key", "another")).await.unwrap(), InsertedDeposit::KeyReused);
    let delegation = Some(DelegationId::generate(&SystemEntropy));
    let for_another = Declaration { delegation, ..declaration("other key", "body") };
    assert_eq!(store.insert_deposit(&for_another).await.unwrap(), InsertedDeposit::NotDelegated);
    assert_eq!(actions(&**store).await, ["declared"]);
    assert_eq!(store.find_pieces(id).await.unwrap(), None, "nothing is filed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_filed_once_with_one_filing_and_never_when_it_was_taken_back() {
    let TestStore { store, .. } = &new_store().await;
    let one = declaration("key", "body");
    store.insert_deposit(&one).await.unwrap();
    let answers = race(|n| {
        let (store, new) = (Arc::clone(store), filing_of(&one, &format!("filing {n}"), at(5)));
        async move {
            if n % 2 == 0 {
                return (None, store.withdraw_deposit(&new.deposit.unwrap().declared.id, false, at(5)).await.unwrap());
            }
            let answer = store.insert_submission(&new).await.unwrap();
            assert!(matches!(answer, InsertedSubmission::New | InsertedSubmission::DepositChanged), "{answer:?}");
            (Some(new), answer == InsertedSubmission::New)
        }
    })
    .await;
    let won: Vec<_> = answers.iter().filter(|(_, is_first)| *is_first).collect();
    let [(filing, _)] = won.as_slice() else { panic!("{} won", won.len()) };
    let held = store.find_deposit(&one.id).await.unwrap().unwrap();
    assert_eq!(held.filed.is_some(), filing.is_some());
    assert_eq!(held.withdrawn_at.is_some(), filing.is_none());
    for (other, is_first) in &answers {
        if let Some(other) = other {
            assert_eq!(store.find_submission(&other.submission.id).await.unwrap().is_some(), *is_first);
        }
    }
    let other = declaration("another", "body");
    store.insert_deposit(&other).await.unwrap();
    let new = filing_of(&other, "same filing", at(6));
    assert_eq!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::New);
    assert!(matches!(store.insert_submission(&new).await.unwrap(), InsertedSubmission::Same(_)), "told again");
    let held = store.find_deposit(&other.id).await.unwrap().unwrap();
    assert_eq!(held.filed, new.deposit.as_ref().map(|deposit| deposit.filed.clone()));
    assert_eq!(store.find_pieces(&other.id).await.unwrap(), new.deposit.map(|deposit| deposit.pieces));
    assert!(!store.withdraw_deposit(&other.id, false, at(7)).await.unwrap(), "it was filed meanwhile");
    let answers = race(|_| {
        let (store, id) = (Arc::clone(store), other.id.clone());
        async move { store.withdraw_deposit(&id, true, at(8)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agency_sees_what_was_filed_to_it_in_order_and_a_company_all_of_its_own() {
    let TestStore { store, .. } = &new_store().await;
    let mut all = Vec::new();
    for n in 0..4 {
        all.push(filed(&**store, &format!("key {n}"), at(n)).await);
    }
    store.insert_deposit(&declaration("only declared", "body")).await.unwrap();
    let first = store.list_filed_deposits("tax", 0, 3).await.unwrap();
    let ids = |found: &[madoguchi::domain::deposit::Deposit]| {
        found.iter().map(|one| one.declared.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&first), all[..3].iter().map(|one| one.id.clone()).collect::<Vec<_>>());
    let rest = store.list_filed_deposits("tax", first[2].place.unwrap(), 3).await.unwrap();
    assert_eq!(ids(&rest), [all[3].id.clone()]);
    assert!(store.list_filed_deposits("labour", 0, 3).await.unwrap().is_empty());

    let (stranger, company) = (ClientId::parse("stranger").unwrap(), all[0].company.clone());
    let page = store.list_deposits((&all[0].client, &company), &whole(3)).await.unwrap();
    assert_eq!(ids(&page), [3, 2, 1].map(|n: usize| all[n].id.clone()));
    assert!(store.list_deposits((&stranger, &company), &whole(3)).await.unwrap().is_empty(), "by nobody's delegation");
    let page = store.list_company_deposits(&company, &whole(3)).await.unwrap();
    assert_eq!(ids(&page), [3, 2, 1].map(|n: usize| all[n].id.clone()), "whoever's software");
    assert!(store.list_company_deposits(&CorporateNumber::none(), &whole(3)).await.unwrap().is_empty());
    let entry = Some((all[1].declared_at, all[1].id.clone()));
    let page = store.list_deposits((&all[0].client, &CorporateNumber::none()), &Before { entry, limit: 9 }).await;
    assert_eq!(page.unwrap().len(), 2, "the oldest, and what is only declared");
    assert!(store.list_deposits((&stranger, &CorporateNumber::none()), &whole(3)).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_is_begun_while_it_is_filed_and_ended_once() {
    let TestStore { store, .. } = &new_store().await;
    let only_declared = declaration("declared", "body");
    store.insert_deposit(&only_declared).await.unwrap();
    assert!(!store.begin_reference(&reference(&only_declared, 1)).await.unwrap());
    let one = filed(&**store, "key", at(0)).await;
    let begun: Vec<Reference> = (1..4).map(|n| reference(&one, n)).collect();
    for reference in &begun {
        assert!(store.begin_reference(reference).await.unwrap());
    }
    let end = ReferenceEnd { outcome: Outcome::Failed(Trouble::Changed), sent: 1, at: at(9) };
    let answers = race(|_| {
        let (store, id) = (Arc::clone(store), begun[0].id.clone());
        async move { store.end_reference(&id, &end).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let page = store.list_references(&one.id, &Before { entry: None, limit: 2 }).await.unwrap();
    assert_eq!(page.iter().map(|held| &held.reference).collect::<Vec<_>>(), [&begun[2], &begun[1]]);
    assert_eq!(page[0].end, None);
    let entry = Some((begun[1].at, begun[1].id.clone()));
    let page = store.list_references(&one.id, &Before { entry, limit: 2 }).await.unwrap();
    assert_eq!((&page[0].reference, page[0].end, page.len()), (&begun[0], Some(end), 1));
    assert!(store.withdraw_deposit(&one.id, true, at(10)).await.unwrap());
    assert!(!store.begin_reference(&reference(&one, 11)).await.unwrap());
    assert_eq!(
        actions(&**store).await,
        ["declared", "declared", "filed", "reference_ended", "referenced", "referenced", "referenced", "withdrawn"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_of_a_reference_is_a_leaf_that_tells_whole_from_range() {
    let TestStore { store, .. } = &new_store().await;
    let one = filed(&**store, "key", at(0)).await;
    let ends = [
        (Outcome::Delivered, ByteSpan::of(0, 2).unwrap(), 3),
        (Outcome::Delivered, ByteSpan::of(1, 2).unwrap(), 2),
        (Outcome::BrokenOff, ByteSpan::of(0, 2).unwrap(), 0),
        (Outcome::Failed(Trouble::Changed), ByteSpan::of(0, 0).unwrap(), 0),
        (Outcome::Failed(Trouble::Unreachable), ByteSpan::of(0, 2).unwrap(), 1),
        (Outcome::Failed(Trouble::Refused), ByteSpan::of(0, 2).unwrap(), 0),
    ];
    for (n, (outcome, span, sent)) in ends.into_iter().enumerate() {
        let begun = Reference { span, ..reference(&one, i64::try_from(n).unwrap() + 1) };
        assert!(store.begin_reference(&begun).await.unwrap());
        assert!(store.end_reference(&begun.id, &ReferenceEnd { outcome, sent, at: at(20) }).await.unwrap());
        let told = records(&**store).await;
        let of_it: Vec<_> = told.iter().filter(|record| record["reference"] == begun.id.as_str()).collect();
        let ended = of_it.iter().find(|record| record["action"] == "reference_ended").unwrap();
        assert_eq!(of_it.len(), 2, "the asking and its end");
        let extent = if (span.first(), span.last()) == (0, 2) { "whole" } else { "range" };
        assert_eq!((&ended["outcome"], &ended["sent"]), (&outcome.as_str().into(), &sent.into()), "{ended}");
        assert_eq!((&ended["extent"], &ended["last"]), (&extent.into(), &span.last().into()), "{ended}");
        assert_eq!((&ended["deposit"], &ended["purpose"]), (&one.id.as_str().into(), &begun.purpose.as_str().into()));
        assert!(!ended.to_string().contains("cloud.example"), "never where it is");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_told_once_that_its_cloud_fails_and_once_that_it_is_back() {
    let TestStore { store, .. } = &new_store().await;
    let one = filed(&**store, "key", at(0)).await;
    assert!(!store.note_outage(&one.id, None, at(1)).await.unwrap(), "it gives it");
    let answers = race(|n| {
        let (store, id) = (Arc::clone(store), one.id.clone());
        let trouble = if n % 2 == 0 { Trouble::Unreachable } else { Trouble::Changed };
        async move { store.note_outage(&id, Some(trouble), at(2)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(store.find_deposit(&one.id).await.unwrap().unwrap().outage.unwrap().since, at(2));
    let answers = race(|_| {
        let (store, id) = (Arc::clone(store), one.id.clone());
        async move { store.note_outage(&id, None, at(3)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert!(store.find_deposit(&one.id).await.unwrap().unwrap().outage.is_none());
    let events = store.list_submission_events(Some(&one.client), 0, 100).await.unwrap();
    let news: Vec<_> = events.iter().filter_map(|event| event.deposit.as_ref()).map(|told| told.news).collect();
    assert_eq!(news, [DepositNews::CloudFailed, DepositNews::CloudBack]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_company_is_told_once_that_its_duty_to_keep_a_deposit_ends() {
    let TestStore { store, url, .. } = &new_store().await;
    let (one, withdrawn) = (filed(&**store, "key", at(0)).await, filed(&**store, "withdrawn", at(0)).await);
    store.insert_deposit(&declaration("only declared", "body")).await.unwrap();
    assert!(store.withdraw_deposit(&withdrawn.id, true, at(1)).await.unwrap());
    let own =
        Client { corporate_number: one.company.clone(), scope: ScopeSet::of(&[Scope::Submissions]), ..client("own") };
    store.put_client(&own, NOW).await.unwrap();
    let end = Filed::duty_ends(at(0), 7);
    let before = move |hours: u64| end.minus(Duration::from_hours(hours));
    assert!(!store.warn_of_duty(before(3), before(1)).await.unwrap(), "there is time");
    let answers = race(|_| {
        let store = Arc::clone(store);
        async move { store.warn_of_duty(before(2), end).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert!(!open(url).await.warn_of_duty(end, end).await.unwrap(), "also not after a restart");
    for client in [&one.client, &own.id] {
        let events = store.list_submission_events(Some(client), 0, 100).await.unwrap();
        let told: Vec<_> = events.iter().filter_map(|event| event.deposit.as_ref()).collect();
        let [only] = told.as_slice() else { panic!("{client}: {told:?}") };
        assert_eq!((&only.id, only.news), (&one.id, DepositNews::DutyEnding));
    }
    let late = filed(&**store, "late", at(5)).await;
    assert!(store.warn_of_duty(end.plus(Duration::from_hours(1)), end.plus(Duration::from_hours(2))).await.unwrap());
    assert!(store.find_deposit(&late.id).await.unwrap().unwrap().withdrawn_at.is_none(), "nothing else changed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_over_is_erased_with_its_key_and_its_references() {
    let TestStore { store, .. } = &new_store().await;
    let (one, other) = (filed(&**store, "key", at(0)).await, filed(&**store, "other", at(0)).await);
    assert!(store.begin_reference(&reference(&one, 1)).await.unwrap());
    assert!(store.withdraw_deposit(&one.id, true, at(10)).await.unwrap());
    let kind = Kept::EndedDeposits;
    assert_eq!(store.count_old(kind, at(10)).await.unwrap(), 0);
    assert_eq!(store.count_old(kind, at(11)).await.unwrap(), 1);
    assert_eq!(store.erase_old(kind, at(11), (at(12), 10)).await.unwrap(), 1);
    assert!(store.find_deposit(&one.id).await.unwrap().is_none());
    assert!(store.list_references(&one.id, &Before { entry: None, limit: 9 }).await.unwrap().is_empty());
    assert!(store.find_deposit(&other.id).await.unwrap().is_some(), "its duty is not over");
}

fn share(of: &Declaration, seconds: i64, until: i64) -> Share {
    Share {
        id: DepositShareId::generate(&SystemEntropy),
        deposit: of.id.clone(),
        client: ClientId::parse("bank").unwrap(),
        purpose: "loan_examination".into(),
        shared_by: of.client.clone(),
        shared_at: at(seconds),
        expires_at: at(until),
        ended_at: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deposit_is_shared_once_with_one_client_and_that_ends_once_or_by_itself() {
    let TestStore { store, .. } = &new_store().await;
    let only_declared = declaration("declared", "body");
    store.insert_deposit(&only_declared).await.unwrap();
    assert!(!store.insert_share(&share(&only_declared, 1, 9)).await.unwrap());
    let one = filed(&**store, "key", at(0)).await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), share(&one, 1, 10));
        async move { store.insert_share(&new).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let bank = ClientId::parse("bank").unwrap();
    let stranger = ClientId::parse("stranger").unwrap();
    let first = store.find_share(&one.id, &bank, at(9)).await.unwrap().unwrap();
    assert_eq!(store.find_share(&one.id, &bank, at(10)).await.unwrap(), None, "it runs out");
    assert_eq!(store.find_share(&one.id, &stranger, at(2)).await.unwrap(), None);
    // What ran out makes room for another.
    let second = share(&one, 10, 20);
    assert!(store.insert_share(&second).await.unwrap());
    let listed = store.list_shares(&one.id, 9).await.unwrap();
    assert_eq!(listed, [second.clone(), Share { ended_at: Some(at(10)), ..first }]);
    let before = Before { entry: None, limit: 9 };
    assert_eq!(store.list_shares_with(&bank, at(11), &before).await.unwrap(), std::slice::from_ref(&second));
    assert!(store.list_shares_with(&bank, at(20), &before).await.unwrap().is_empty());
    let entry = Some((second.shared_at, second.id.clone()));
    assert!(store.list_shares_with(&bank, at(11), &Before { entry, limit: 9 }).await.unwrap().is_empty());
    assert!(!store.end_share(&only_declared.id, &second.id, at(11)).await.unwrap(), "of another deposit");
    let answers = race(|_| {
        let (store, one) = (Arc::clone(store), second.clone());
        async move { store.end_share(&one.deposit, &one.id, at(11)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    assert_eq!(store.find_share(&one.id, &bank, at(12)).await.unwrap(), None);
    let told = actions(&**store).await;
    assert_eq!(told, ["declared", "declared", "filed", "shared", "shared", "unshared"]);
    assert!(store.withdraw_deposit(&one.id, true, at(13)).await.unwrap());
    assert!(!store.insert_share(&share(&one, 14, 20)).await.unwrap(), "it was taken back");
    assert_eq!(store.erase_old(Kept::EndedDeposits, at(14), (at(15), 10)).await.unwrap(), 1);
    assert!(store.list_shares(&one.id, 9).await.unwrap().is_empty());
}

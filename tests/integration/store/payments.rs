//! Payments: made once for a key; settled once, whoever is told of the money first; what comes besides is an excess in its
//! place; and erased with all that hangs on them.

use super::samples::{NOW, at};
use super::{RACERS, race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::ids::{ClientId, PaymentAttemptId, PaymentId, ReceiptId, SettlementId};
use madoguchi::domain::payment::{
    HeldPayment, Payment, PaymentAttempt, PaymentNumbers, PaymentState, PaymentWay, SettlementKind, Taking,
};
use madoguchi::domain::retrieval::IdempotencyKey;
use madoguchi::domain::{Digest, Kept, SystemEntropy, Timestamp, Words};
use madoguchi::store::{Before, InsertedPayment, NewSettlement, PaymentBy, PaymentStep, Store, TakenSettlement};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

fn city() -> ClientId {
    ClientId::parse("city").unwrap()
}

fn payment(key: &str) -> Payment {
    let words = || Words { ja: "見本".into(), en: "Mihon".into() };
    Payment {
        id: PaymentId::generate(&SystemEntropy),
        client: city(),
        payee: words(),
        numbers: PaymentNumbers {
            institution: "13999".into(),
            number: "1".into(),
            confirmation: "1".into(),
            category: None,
        },
        payer_kana: Some("ミホン タロウ".into()),
        amount: 100,
        title: words(),
        due_on: NOW.date_in_japan(),
        about: None,
        ways: PaymentWay::ALL.to_vec(),
        key: IdempotencyKey { key: Digest::of(key), body: Digest::of(key) },
        created_at: NOW,
    }
}

fn attempt(until: Timestamp) -> PaymentAttempt {
    let id = PaymentAttemptId::generate(&SystemEntropy);
    PaymentAttempt { id, way: PaymentWay::Card, bank: None, started_at: NOW, until }
}

fn money(of: &PaymentId, reference: &str) -> NewSettlement {
    NewSettlement {
        id: SettlementId::generate(&SystemEntropy),
        receipt: ReceiptId::generate(&SystemEntropy),
        payment: of.clone(),
        taking: Taking {
            reference: reference.to_owned(),
            amount: 100,
            way: PaymentWay::Card,
            bank: None,
            taken_at: NOW,
        },
        excess: None,
        at: NOW,
    }
}

async fn made(store: &dyn Store, key: &str) -> HeldPayment {
    match store.insert_payment(&payment(key)).await.unwrap() {
        InsertedPayment::New(held) => *held,
        other => unreachable!("{other:?}"),
    }
}

async fn found(store: &dyn Store, id: &PaymentId) -> HeldPayment {
    store.find_payment(PaymentBy::Id(id)).await.unwrap().unwrap()
}

fn kind(taken: &TakenSettlement) -> Option<SettlementKind> {
    match taken {
        TakenSettlement::Written(one) => Some(one.kind),
        TakenSettlement::Known | TakenSettlement::NoPayment => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_calls_with_one_key_one_makes_a_payment() {
    let TestStore { store, .. } = &new_store().await;
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), payment("key"));
        async move { store.insert_payment(&new).await.unwrap() }
    })
    .await;
    let is_new: Vec<bool> = answers.iter().map(|one| matches!(one, InsertedPayment::New(_))).collect();
    assert_eq!(winners(&is_new), 1);
    let ids: BTreeSet<PaymentId> = answers
        .iter()
        .map(|one| match one {
            InsertedPayment::New(held) | InsertedPayment::Same(held) => held.payment.id.clone(),
            InsertedPayment::KeyReused => unreachable!("it is the same body"),
        })
        .collect();
    assert_eq!(ids.len(), 1, "all are told of the one");
    let mut other = payment("key");
    other.key.body = Digest::of("another");
    assert!(matches!(store.insert_payment(&other).await.unwrap(), InsertedPayment::KeyReused));
    let all = store.list_payments(&city(), &Before { entry: None, limit: 10 }).await.unwrap();
    assert_eq!(all.len(), 1);
    let link = Digest::of(all[0].token.expose());
    let behind = store.find_payment(PaymentBy::Link(&link)).await.unwrap().unwrap();
    assert_eq!((behind.payment.clone(), behind.token.expose().len()), (all[0].payment.clone(), 43));
    assert!(store.find_payment(PaymentBy::Link(&Digest::of("another"))).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_takings_of_money_one_is_the_payment_and_none_is_lost() {
    let TestStore { store, .. } = &new_store().await;
    let id = made(&**store, "one").await.payment.id;
    let kinds: Vec<_> = race(|n| {
        let (store, new) = (Arc::clone(store), money(&id, &format!("txn-{n}")));
        async move { kind(&store.take_settlement(&new).await.unwrap()) }
    })
    .await;
    let count = |wanted| kinds.iter().filter(|kind| **kind == Some(wanted)).count();
    assert_eq!((count(SettlementKind::Settled), count(SettlementKind::AlreadyPaid)), (1, RACERS - 1));
    assert_eq!(found(&**store, &id).await.state, PaymentState::Paid);
    let lines = store.list_settlements(&city(), Some(NOW.date_in_japan()), (0, 100)).await.unwrap();
    let places: Vec<u64> = lines.iter().map(|one| one.place).collect();
    assert_eq!(places, (1..=RACERS as u64).collect::<Vec<_>>());
    let sums = store.sum_settlements(&city(), NOW.date_in_japan()).await.unwrap();
    let sums: BTreeSet<_> = sums.iter().map(|sum| (sum.kind.as_str(), sum.count, sum.amount)).collect();
    assert_eq!(sums, BTreeSet::from([("already_paid", 49, 4900), ("settled", 1, 100)]));
    let stranger = ClientId::parse("tax").unwrap();
    assert!(store.list_settlements(&stranger, None, (0, 100)).await.unwrap().is_empty(), "another agency sees nothing");
    assert!(store.sum_settlements(&stranger, NOW.date_in_japan()).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn money_that_is_told_of_fifty_times_counts_once() {
    let TestStore { store, .. } = &new_store().await;
    let (id, other) = (made(&**store, "one").await.payment.id, made(&**store, "two").await.payment.id);
    let kinds = race(|_| {
        let (store, new) = (Arc::clone(store), money(&id, "txn"));
        async move { kind(&store.take_settlement(&new).await.unwrap()) }
    })
    .await;
    assert_eq!(kinds.iter().flatten().count(), 1);
    assert_eq!(store.list_settlements(&city(), None, (0, 100)).await.unwrap().len(), 1);
    // The provider's own name for it cannot settle another payment, too.
    assert!(matches!(store.take_settlement(&money(&other, "txn")).await.unwrap(), TakenSettlement::Known));
    assert_eq!(found(&**store, &other).await.state, PaymentState::Open);
    let nobody = PaymentId::parse("pmt_unknown").unwrap();
    assert!(matches!(store.take_settlement(&money(&nobody, "x")).await.unwrap(), TakenSettlement::NoPayment));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_who_begin_to_pay_or_cancel_one_does() {
    let TestStore { store, .. } = &new_store().await;
    let held = made(&**store, "one").await;
    let answers = race(|n| {
        let (store, id, version) = (Arc::clone(store), held.payment.id.clone(), held.version);
        let step = if n % 2 == 0 { PaymentStep::Start(attempt(at(60))) } else { PaymentStep::Cancel };
        async move { store.step_payment((&id, version), &step, NOW).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let after = found(&**store, &held.payment.id).await;
    assert!(after.attempt.is_some() != (after.state == PaymentState::Cancelled), "{after:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_payment_ends_once_and_not_while_somebody_is_paying_it() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    let held = made(store, "one").await;
    let id = held.payment.id.clone();
    let (one, due) = (attempt(at(60)), held.payment.due_at());
    let late = PaymentStep::Start(attempt(due));
    assert!(!store.step_payment((&id, 0), &late, due).await.unwrap(), "nobody begins when the day is over");
    assert!(store.step_payment((&id, 0), &PaymentStep::Start(one.clone()), NOW).await.unwrap());
    let held = found(store, &id).await;
    assert_eq!((held.state, &held.attempt), (PaymentState::Started, &Some(one.clone())));
    assert_eq!(store.find_payment(PaymentBy::Attempt(&one.id)).await.unwrap().unwrap().payment.id, id);
    for step in [PaymentStep::Cancel, PaymentStep::Expire, PaymentStep::Start(attempt(at(60)))] {
        assert!(!store.step_payment((&id, held.version), &step, NOW).await.unwrap(), "{step:?}");
    }
    // Whoever looks after it has it alone.
    let leased = |when: i64| async move { store.lease_payments(at(when), at(when + 30), 10).await.unwrap().len() };
    assert_eq!((leased(10).await, leased(20).await, leased(49).await, leased(50).await), (0, 1, 0, 1));
    assert!(store.step_payment((&id, held.version), &PaymentStep::Free, NOW).await.unwrap());
    let held = found(store, &id).await;
    assert!(store.step_payment((&id, held.version), &PaymentStep::Expire, due).await.unwrap());
    let held = found(store, &id).await;
    assert_eq!((held.state, held.ended_at), (PaymentState::Expired, Some(due)));
    assert!(!store.step_payment((&id, held.version), &PaymentStep::Cancel, due).await.unwrap());
    let taken = store.take_settlement(&money(&id, "late")).await.unwrap();
    assert_eq!(kind(&taken), Some(SettlementKind::Late), "{taken:?}");
    assert_eq!(found(store, &id).await.state, PaymentState::Expired);
    let span = (due, due.plus(Duration::from_secs(1)));
    assert_eq!(store.count_ended_payments(&city(), span).await.unwrap(), [(PaymentState::Expired, 1)]);
    let other = made(store, "two").await.payment.id;
    assert!(store.step_payment((&other, 0), &PaymentStep::Cancel, NOW).await.unwrap());
    let taken = store.take_settlement(&money(&other, "cancelled")).await.unwrap();
    assert_eq!(kind(&taken), Some(SettlementKind::Cancelled));
    let third = made(store, "three").await.payment.id;
    let short = NewSettlement { excess: Some(SettlementKind::AmountDiffers), ..money(&third, "short") };
    assert_eq!(kind(&store.take_settlement(&short).await.unwrap()), Some(SettlementKind::AmountDiffers));
    assert_eq!(found(store, &third).await.state, PaymentState::Open, "it is still to be paid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_over_is_erased_with_all_that_hangs_on_it() {
    let TestStore { store, .. } = &new_store().await;
    let store = &**store;
    let (paid, open) = (made(store, "one").await.payment.id, made(store, "two").await.payment.id);
    store.step_payment((&paid, 0), &PaymentStep::Start(attempt(at(60))), NOW).await.unwrap();
    store.take_settlement(&money(&paid, "txn")).await.unwrap();
    assert_eq!(store.count_old(Kept::EndedPayments, at(1)).await.unwrap(), 1);
    assert_eq!(store.erase_old(Kept::EndedPayments, NOW, (at(1), 10)).await.unwrap(), 0, "not before");
    assert_eq!(store.erase_old(Kept::EndedPayments, at(1), (at(1), 10)).await.unwrap(), 1);
    assert!(store.find_payment(PaymentBy::Id(&paid)).await.unwrap().is_none());
    assert!(store.find_payment(PaymentBy::Id(&open)).await.unwrap().is_some());
    assert!(store.list_settlements(&city(), None, (0, 10)).await.unwrap().is_empty());
}

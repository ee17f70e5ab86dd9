//! Decisions of the operator's rules: kept once, kept longer by coming up again; and the grants that rules bear on.

use super::race;
use super::samples::{NOW, at, client, grant, subject_id};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::acr::Acr;
use madoguchi::domain::client::{ClientClass, ClientStatus};
use madoguchi::domain::data_set::DataSetCode;
use madoguchi::domain::decision::{Action, DataSetFacts, DecisionRecord, Facts};
use madoguchi::domain::grant::{Grant, RevokedBy};
use madoguchi::domain::ids::{DecisionId, GrantId};
use madoguchi::domain::{Digest, Kept, Timestamp};
use madoguchi::store::Store;
use std::collections::BTreeSet;
use std::sync::Arc;

fn record(hour: u8) -> DecisionRecord {
    let data_set = DataSetFacts {
        code: DataSetCode::parse("TM00000000000002").unwrap(),
        group: "tax_and_income".to_owned(),
        classes: vec![ClientClass::Bank, ClientClass::Kiosk],
        min_acr: Acr::Aal3,
        is_sensitive: false,
    };
    let facts = Facts {
        client: client("c_1").id,
        class: ClientClass::Bank,
        status: ClientStatus::Production,
        action: Action::RetrieveDataSet,
        data_set: Some(data_set),
        acr: None,
        purpose: Some("loan_examination".to_owned()),
        access_days: Some(30),
        hour,
    };
    DecisionRecord::new(facts, (false, "acr_unknown"), Digest::of("rules"), NOW)
}

async fn erased(store: &dyn Store, until: Timestamp) -> u64 {
    store.erase_old(Kept::Decisions, until, (until, 500)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_found_as_it_was_and_is_the_same_for_the_same() {
    let TestStore { store, .. } = &new_store().await;
    let (one, other) = (record(1), record(2));
    assert_ne!(one.id, other.id);
    assert_eq!(one.id, record(1).id);
    store.insert_decisions(&[one.clone(), other.clone(), one.clone()]).await.unwrap();
    assert_eq!(store.find_decision(&one.id).await.unwrap(), Some(one));
    assert_eq!(store.find_decision(&other.id).await.unwrap(), Some(other));
    assert_eq!(store.find_decision(&DecisionId::parse("pd_none").unwrap()).await.unwrap(), None);
    store.insert_decisions(&[]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_who_keep_the_same_keep_one() {
    let TestStore { store, .. } = &new_store().await;
    let kept = race(|_| {
        let store = Arc::clone(store);
        async move { store.insert_decisions(&[record(3), record(4)]).await }
    })
    .await;
    assert!(kept.iter().all(Result::is_ok), "{kept:?}");
    assert_eq!(store.find_decision(&record(4).id).await.unwrap(), Some(record(4)));
    assert_eq!(erased(&**store, at(1)).await, 2, "there is one of each");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_that_comes_up_again_is_kept_longer_and_none_for_ever() {
    let TestStore { store, .. } = &new_store().await;
    let (old, again) = (record(1), record(2));
    store.insert_decisions(&[old.clone(), again.clone()]).await.unwrap();
    store.insert_decisions(&[DecisionRecord { at: at(100), ..again.clone() }]).await.unwrap();
    store.insert_decisions(std::slice::from_ref(&again)).await.unwrap();
    assert_eq!(store.find_decision(&again.id).await.unwrap().unwrap().at, at(100), "never kept shorter");
    assert_eq!(erased(&**store, at(1)).await, 1);
    assert_eq!(store.find_decision(&old.id).await.unwrap(), None);
    assert_eq!(erased(&**store, at(100)).await, 0);
    assert_eq!(erased(&**store, at(101)).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn grants_in_force_are_walked_each_once() {
    let TestStore { store, .. } = &new_store().await;
    let mut expected = BTreeSet::new();
    for n in 0..23 {
        let kept = grant(Some(&subject_id()));
        store.insert_grant(&kept).await.unwrap();
        if n % 5 == 0 {
            store.revoke_grant(&kept.id, at(1), RevokedBy::Citizen).await.unwrap();
        } else {
            expected.insert(kept.id);
        }
    }
    store.insert_grant(&grant(None)).await.unwrap();
    store.insert_grant(&Grant { expires_at: at(5), ..grant(Some(&subject_id())) }).await.unwrap();
    assert_eq!(store.count_grants_in_force(at(5)).await.unwrap(), expected.len() as u64);
    let (mut walked, mut last): (Vec<GrantId>, Option<GrantId>) = (Vec::new(), None);
    loop {
        let page = store.list_grants_in_force(last.as_ref(), at(5), 4).await.unwrap();
        let Some(end) = page.last() else { break };
        last = Some(end.id.clone());
        walked.extend(page.into_iter().map(|grant| grant.id));
    }
    assert_eq!(walked.len(), expected.len(), "each once");
    assert_eq!(walked.into_iter().collect::<BTreeSet<_>>(), expected);
}

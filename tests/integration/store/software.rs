//! Software that files by an office's delegation: only while the office's is in force, and never once it has ended.

use super::delegations::{COMPANY, OTHER, delegation, filed_by};
use super::samples::{NOW, at, client};
use super::{race, winners};
use crate::support::engines::{TestStore, new_store};
use madoguchi::domain::client::Client;
use madoguchi::domain::corporate_number::CorporateNumber;
use madoguchi::domain::delegation::{Delegation, DelegationStatus, Pausing, SoftwareMention, SoftwareNews};
use madoguchi::domain::ids::{ClientId, DelegationId};
use madoguchi::domain::representation::RepresentationEnd as End;
use madoguchi::domain::scope::{Scope, ScopeSet};
use madoguchi::store::InsertedSubmission;
use std::sync::Arc;

/// What lets `client` file by an office's.
fn software(office: &Delegation, client: &str) -> Delegation {
    Delegation { via: Some(office.id.clone()), registered_by: None, ..delegation(office.company.as_str(), client) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_written_only_below_an_offices_in_force_of_the_same_company_and_to_another() {
    let TestStore { store, .. } = &new_store().await;
    let office = delegation(COMPANY, "office");
    assert!(!store.insert_delegation(&software(&office, "payroll")).await.unwrap(), "no office's is there");
    assert!(store.insert_delegation(&office).await.unwrap());
    assert!(!store.insert_delegation(&software(&office, "office")).await.unwrap(), "its own");
    let of_another = Delegation { company: CorporateNumber::parse(OTHER).unwrap(), ..software(&office, "payroll") };
    assert!(!store.insert_delegation(&of_another).await.unwrap());
    assert!(store.pause_delegation(&office.id, Pausing::Pause, at(1)).await.unwrap());
    assert!(!store.insert_delegation(&software(&office, "payroll")).await.unwrap(), "held still");
    assert!(store.pause_delegation(&office.id, Pausing::Resume, at(2)).await.unwrap());
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), software(&office, "payroll"));
        async move { store.insert_delegation(&new).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let one = store.list_software(&office.id, 10).await.unwrap().remove(0);
    assert!(!store.insert_delegation(&software(&one, "further")).await.unwrap(), "software lets none further");
    let company = store.list_delegations(&office.company, 10).await.unwrap();
    assert_eq!(company.len(), 2, "the company sees both");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_company_is_told_once_that_it_was_added_and_once_that_it_files_no_more() {
    let TestStore { store, .. } = &new_store().await;
    let office = delegation(COMPANY, "office");
    let own = |id: &str, company: &str| Client {
        corporate_number: CorporateNumber::parse(company).unwrap(),
        scope: ScopeSet::of(&[Scope::Submissions]),
        ..client(id)
    };
    for client in [own("own", COMPANY), own("another", OTHER)] {
        store.put_client(&client, NOW).await.unwrap();
    }
    assert!(store.insert_delegation(&office).await.unwrap());
    let answers = race(|_| {
        let (store, new) = (Arc::clone(store), software(&office, "payroll"));
        async move { (new.id.clone(), store.insert_delegation(&new).await.unwrap()) }
    })
    .await;
    let [(first, _)] = &answers.into_iter().filter(|(_, is_new)| *is_new).collect::<Vec<_>>()[..] else { panic!() };
    let answers = race(|_| {
        let (store, id) = (Arc::clone(store), first.clone());
        async move { store.end_delegation(&id, End::Representative, None, at(3)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    // What hangs on the office's delegation ends with it, and is told of, too.
    let second = software(&office, "payroll");
    assert!(store.insert_delegation(&second).await.unwrap());
    assert!(store.end_delegation(&office.id, End::Principal, None, at(4)).await.unwrap());
    let told = async |client: &str| {
        let events = store.list_submission_events(Some(&ClientId::parse(client).unwrap()), 0, 100).await.unwrap();
        events.into_iter().filter_map(|event| event.software).collect::<Vec<_>>()
    };
    let mention = |id: &DelegationId, news| SoftwareMention {
        id: id.clone(),
        via: office.id.clone(),
        client: ClientId::parse("payroll").unwrap(),
        news,
    };
    let (added, removed) = (SoftwareNews::Added, SoftwareNews::Removed);
    let wanted =
        [mention(first, added), mention(first, removed), mention(&second.id, added), mention(&second.id, removed)];
    assert_eq!(told("own").await, wanted, "and nothing of the office's own");
    for client in ["another", "office", "payroll"] {
        assert!(told(client).await.is_empty(), "{client}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_is_held_still_and_ends_with_the_offices_and_its_end_leaves_the_offices_alone() {
    let TestStore { store, .. } = &new_store().await;
    let office = delegation(COMPANY, "office");
    let one = software(&office, "payroll");
    assert!(store.insert_delegation(&office).await.unwrap() && store.insert_delegation(&one).await.unwrap());
    let filed = async |key: &str| store.insert_submission(&filed_by(&one, "payroll", key)).await.unwrap();
    assert_eq!(filed("1").await, InsertedSubmission::New);
    assert_eq!(
        store.insert_submission(&filed_by(&one, "office", "2")).await.unwrap(),
        InsertedSubmission::NotDelegated
    );
    assert!(store.pause_delegation(&office.id, Pausing::Pause, at(1)).await.unwrap());
    assert_eq!(filed("3").await, InsertedSubmission::NotDelegated);
    let seen = store.find_delegation(&one.id).await.unwrap().unwrap();
    assert_eq!(seen.status, DelegationStatus::Paused { since: at(1) });
    assert!(store.pause_delegation(&office.id, Pausing::Resume, at(2)).await.unwrap());
    assert_eq!(filed("4").await, InsertedSubmission::New);
    // The company ends the software alone; the office goes on, and may let another in its place.
    assert!(store.end_delegation(&one.id, End::Principal, None, at(3)).await.unwrap());
    assert_eq!(filed("5").await, InsertedSubmission::NotDelegated);
    assert!(store.find_delegation(&office.id).await.unwrap().unwrap().is_in_force(at(3)));
    let next = software(&office, "payroll");
    assert!(store.insert_delegation(&next).await.unwrap());
    assert!(store.end_delegation(&office.id, End::Principal, None, at(4)).await.unwrap());
    let ended = store.find_delegation(&next.id).await.unwrap().unwrap();
    assert_eq!(ended.status, DelegationStatus::Ended { at: at(4), by: End::Principal });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_comes_while_the_offices_ends_nothing_stands_or_is_filed_afterwards() {
    let TestStore { store, .. } = &new_store().await;
    let office = delegation(COMPANY, "office");
    let one = software(&office, "payroll");
    assert!(store.insert_delegation(&office).await.unwrap() && store.insert_delegation(&one).await.unwrap());
    race(|n| {
        let (store, office, one) = (Arc::clone(store), office.clone(), one.clone());
        async move {
            match n {
                25 => assert!(store.end_delegation(&office.id, End::Principal, None, at(1)).await.unwrap()),
                n if n % 2 == 0 => {
                    store.insert_submission(&filed_by(&one, "payroll", &format!("key-{n}"))).await.unwrap();
                }
                n => {
                    store.insert_delegation(&software(&office, &format!("software-{n}"))).await.unwrap();
                }
            }
        }
    })
    .await;
    for found in store.list_delegations(&office.company, 100).await.unwrap() {
        assert_eq!(found.status, DelegationStatus::Ended { at: at(1), by: End::Principal }, "{found:?}");
    }
    let late = store.insert_submission(&filed_by(&one, "payroll", "late")).await.unwrap();
    assert_eq!(late, InsertedSubmission::NotDelegated);
}

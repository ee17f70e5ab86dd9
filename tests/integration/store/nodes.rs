//! Two nodes on one store: what one took no other takes, what one wrote the other reads.

use super::samples::{NOW, access, at, digest, grant, request, subject_id};
use super::{race, winners};
use crate::support::engines::{TestStore, master, new_store};
use madoguchi::domain::grant::RevokedBy;
use madoguchi::store::Store;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The same store, opened by two nodes.
async fn two_nodes(test: &TestStore) -> [Arc<dyn Store>; 2] {
    [Arc::clone(&test.store), madoguchi::store::open(&test.url, &master()).await.unwrap()]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_acknowledged_the_other_sees_at_once() {
    let test = new_store().await;
    let [first, second] = two_nodes(&test).await;
    for _ in 0..20 {
        let grant = grant(Some(&subject_id()));
        first.insert_grant(&grant).await.unwrap();
        assert!(second.revoke_grant(&grant.id, NOW, RevokedBy::Citizen).await.unwrap());
        assert!(!first.find_grant(&grant.id).await.unwrap().unwrap().is_in_force(NOW));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_who_go_away_never_cost_another_caller_what_was_acknowledged() {
    let test = new_store().await;
    let [first, second] = two_nodes(&test).await;
    let person = subject_id();
    for round in 0..150_u64 {
        let going: Vec<_> = (0..4)
            .map(|_| {
                let (node, person) = (Arc::clone(&first), person.clone());
                tokio::spawn(async move {
                    let grant = grant(Some(&person));
                    node.insert_grant(&grant).await?;
                    node.revoke_grant(&grant.id, NOW, RevokedBy::Citizen).await?;
                    node.revoke_grants_of(&person, NOW, RevokedBy::Citizen).await
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_micros(round * 37 % 1900)).await;
        going.iter().for_each(tokio::task::JoinHandle::abort);
        for one in going {
            drop(one.await);
        }
        for _ in 0..4 {
            let stays = grant(Some(&subject_id()));
            first.insert_grant(&stays).await.unwrap();
            assert_eq!(second.find_grant(&stays.id).await.unwrap(), Some(stays), "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_of_two_nodes_race_like_those_of_one() {
    let test = new_store().await;
    let nodes = two_nodes(&test).await;
    let (shown, person) = (digest(), subject_id());
    let answers = race(|n| {
        let node = Arc::clone(&nodes[n % 2]);
        async move { node.take_assertion(shown, at(60)).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);

    let grant = grant(Some(&person));
    nodes[0].insert_grant(&grant).await.unwrap();
    let mut ids = BTreeSet::new();
    for n in 0..20 {
        let request = request(&grant);
        nodes[n % 2].insert_request(&request, "node", at(1)).await.unwrap();
        ids.insert(request.id);
    }
    let lent = race(|n| {
        let node = Arc::clone(&nodes[n % 2]);
        async move { node.lease_requests(&format!("worker {n}"), at(1), at(60), 2).await.unwrap() }
    })
    .await;
    let lent: Vec<_> = lent.into_iter().flatten().map(|request| request.id).collect();
    assert_eq!(lent.len(), 20);
    assert_eq!(lent.iter().cloned().collect::<BTreeSet<_>>(), ids);

    let contested = lent[0].clone();
    let answers = race(|n| {
        let (node, id, line) = (Arc::clone(&nodes[n % 2]), contested.clone(), access(&grant, NOW));
        async move { node.finish_request(&id, Some(b"sealed"), &line).await.unwrap() }
    })
    .await;
    assert_eq!(winners(&answers), 1);
    let taken = race(|n| {
        let (node, id) = (Arc::clone(&nodes[n % 2]), contested.clone());
        async move { node.take_result(&id).await.unwrap().is_some() }
    })
    .await;
    assert_eq!(winners(&taken), 1);
}

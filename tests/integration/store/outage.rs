//! An engine that goes away: callers are told so in time, nothing acknowledged is lost, and it comes back by itself.

use super::samples::{NOW, at, digest, grant, subject_id};
use crate::support::engines::{TestStore, master, postgres_server, schema_of, sqlite};
use crate::support::proxy::Proxy;
use madoguchi::domain::Fault;
use madoguchi::domain::grant::RevokedBy;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_locked_by_another_program_can_be_read_and_is_written_again_afterwards() {
    let TestStore { store, url, .. } = &sqlite().await;
    let grant = grant(Some(&subject_id()));
    store.insert_grant(&grant).await.unwrap();
    let other = rusqlite::Connection::open(url.strip_prefix("sqlite:").unwrap()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let revoking = {
        let (store, id) = (Arc::clone(store), grant.id.clone());
        tokio::spawn(async move { store.revoke_grant(&id, NOW, RevokedBy::Citizen).await })
    };
    assert!(store.find_grant(&grant.id).await.unwrap().unwrap().is_in_force(NOW));
    let told = tokio::time::timeout(Duration::from_secs(20), revoking).await.unwrap().unwrap();
    assert!(matches!(told, Err(Fault::Unavailable { what: "sqlite", .. })), "{told:?}");
    other.execute_batch("ROLLBACK").unwrap();
    assert!(store.revoke_grant(&grant.id, NOW, RevokedBy::Citizen).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_cut_off_is_told_in_time_and_found_again() {
    // Only a server can be cut off; tests/run names one in its second round.
    let Some(server) = postgres_server() else { return };
    let direct = schema_of(&server).await;
    let address = server.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("postgres://user@host:port/");
    let proxy = Proxy::to(address).await;
    let store = madoguchi::store::open(&direct.replace(address, &proxy.address.to_string()), &master()).await.unwrap();
    let kept = grant(Some(&subject_id()));
    store.insert_grant(&kept).await.unwrap();

    proxy.cut();
    let patience = Duration::from_secs(10);
    let told = tokio::time::timeout(patience, store.find_grant(&kept.id)).await.expect("no call hangs");
    assert!(matches!(told, Err(Fault::Unavailable { what: "postgres", .. })), "{told:?}");
    let told = tokio::time::timeout(patience, store.take_assertion(digest(), at(60))).await.expect("no call hangs");
    assert!(matches!(told, Err(Fault::Unavailable { what: "postgres", .. })), "{told:?}");
    assert!(store.ping().await.is_err());

    proxy.mend();
    assert_eq!(store.find_grant(&kept.id).await.unwrap(), Some(kept));
    store.ping().await.unwrap();
}

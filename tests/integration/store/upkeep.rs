//! What keeps a store in order.

use crate::support::engines::{TestStore, new_store};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_fits_the_schema() {
    let TestStore { store, .. } = &new_store().await;
    assert!(store.check_statements().await.unwrap() > 40);
    store.ping().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_opened_again_is_not_migrated_again() {
    let TestStore { store, url, .. } = &new_store().await;
    let second = madoguchi::store::open(url).await.unwrap();
    assert_eq!(second.engine(), store.engine());
    second.check_statements().await.unwrap();
}

#[tokio::test]
async fn a_url_that_names_no_engine_is_refused_without_being_repeated() {
    for url in ["", "mysql://user:hunter2@db.invalid/x", "sqlite", "/var/lib/x.db"] {
        let refused = madoguchi::store::open(url).await.err().unwrap().to_string();
        assert!(refused.contains("sqlite:") && !refused.contains("hunter2"), "{refused}");
    }
}

//! Which store a test gets: SQLite in a directory of its own, or PostgreSQL in a schema of its own.
//!
//! `MADOGUCHI_TEST_POSTGRES` names a server on which schemas may be made; without it the tests run on SQLite. `tests/run`
//! runs them both ways. A server that is named and does not answer fails the test; nothing is ever skipped.

use super::canary::Watch;
use madoguchi::domain::MasterKey;
use madoguchi::domain::entropy::{Entropy, SystemEntropy};
use madoguchi::store::Store;
use std::sync::Arc;

/// A new, empty store, and what must live as long as it does.
pub struct TestStore {
    /// The store under test.
    pub store: Arc<dyn Store>,
    /// Its URL, to open it once more: another node, or the same one after a restart.
    pub url: String,
    /// Looks for what no log line and no file may hold; before the files go.
    pub watch: Watch,
    /// Where an embedded store's file is, deleted when this is dropped.
    pub directory: Option<tempfile::TempDir>,
}

#[expect(clippy::disallowed_methods, reason = "the environment tells the tests which servers there are")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The PostgreSQL server to test with, if this round is on PostgreSQL.
pub fn postgres_server() -> Option<String> {
    variable("MADOGUCHI_TEST_POSTGRES")
}

/// A new, empty store of the engine under test.
pub async fn new_store() -> TestStore {
    match postgres_server() {
        None => sqlite().await,
        Some(server) => {
            let url = schema_of(&server).await;
            TestStore { store: open(&url).await, url, watch: Watch::begin(None), directory: None }
        }
    }
}

/// A new, empty SQLite store, for what only an embedded store can be asked.
pub async fn sqlite() -> TestStore {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = format!("sqlite:{}", directory.path().join("store.db").display());
    let watch = Watch::begin(Some(directory.path()));
    TestStore { store: open(&url).await, url, watch, directory: Some(directory) }
}

/// The bytes of the master key of every store under test.
pub const MASTER: [u8; 32] = [9; 32];

/// The master key of every store under test.
pub fn master() -> Arc<MasterKey> {
    Arc::new(MasterKey::new(MASTER))
}

/// Opens a store once more: another node, or the same one after a restart.
pub async fn open(url: &str) -> Arc<dyn Store> {
    madoguchi::store::open(url, &master()).await.expect("the store opens")
}

/// Makes a schema that no other test uses; gives the URL whose connections work in it.
pub async fn schema_of(server: &str) -> String {
    let mut bytes = [0_u8; 8];
    SystemEntropy.fill(&mut bytes);
    let name = format!("test_{:016x}", u64::from_be_bytes(bytes));
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(server).await.expect("PostgreSQL answers");
    let made = sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(&mut connection).await;
    made.expect("a schema can be made");
    let separator = if server.contains('?') { '&' } else { '?' };
    format!("{server}{separator}options=-c%20search_path%3D{name}")
}

/// A namespace of its own on the Redis under test, if there is one.
pub fn redis_url() -> Option<String> {
    let server = variable("MADOGUCHI_TEST_REDIS")?;
    let separator = if server.contains('?') { '&' } else { '?' };
    let entropy: &dyn Entropy = &SystemEntropy;
    Some(format!("{server}{separator}namespace=test-{}", entropy.short_handle()))
}

/// The URL of a new, empty hot state of the engine under test.
pub fn hot_url() -> String {
    redis_url().unwrap_or_else(|| "memory:".to_owned())
}

//! The real application for one test: gateway and sandbox on free ports, with a store and files of their own.

use super::engines::{MASTER, TestStore, hot_url, new_store};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use madoguchi::adapters::file_drop::FileDropSettings;
use madoguchi::cli::dev::{Dev, DevSettings, start};
use madoguchi::cli::install_cryptography;
use madoguchi::domain::ids::ClientId;
use madoguchi::domain::{Clock, SystemClock, SystemEntropy};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A running application; everything it made goes with it.
pub struct App {
    /// Gateway and sandbox.
    pub dev: Dev,
    /// Its store, which lives as long as it does.
    pub store: TestStore,
    directory: tempfile::TempDir,
}

/// Starts an application by the machine's clock.
pub async fn spawn_app() -> App {
    spawn_app_at(Arc::new(SystemClock)).await
}

/// Starts an application by `clock`.
pub async fn spawn_app_at(clock: Arc<dyn Clock>) -> App {
    spawn(clock, false, false).await
}

/// Starts one that reads the catalogue of procedures.
pub async fn spawn_searching_app() -> App {
    spawn(Arc::new(SystemClock), true, false).await
}

/// Starts one that puts the made-up city's applications into a folder.
pub async fn spawn_dropping_app() -> App {
    spawn(Arc::new(SystemClock), false, true).await
}

async fn spawn(clock: Arc<dyn Clock>, reads_services: bool, is_dropping: bool) -> App {
    install_cryptography();
    let store = new_store().await;
    let directory = tempfile::tempdir().expect("a temporary directory");
    // The store under test is looked into, so its master key is the tests'.
    std::fs::create_dir(directory.path().join("dev")).expect("a directory");
    let key = URL_SAFE_NO_PAD.encode(MASTER);
    std::fs::write(directory.path().join("dev").join("master.key"), key).expect("a master key");
    let settings = DevSettings {
        port: 0,
        sandbox_port: 0,
        directory: directory.path().join("dev"),
        public_url: None,
        policies: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("policies"),
        store_url: Some(store.url.clone()),
        hot_url: hot_url(),
        workers: 1,
        sandbox_url: None,
        metrics_port: None,
        reads_services,
        file_drops: is_dropping.then(|| city(directory.path())).into_iter().collect(),
    };
    let dev = Box::pin(start(settings, clock, Arc::new(SystemEntropy))).await.expect("the application starts");
    App { dev, store, directory }
}

fn city(directory: &Path) -> FileDropSettings {
    FileDropSettings { client: ClientId::parse("nursery-desk").expect("an id"), folder: directory.join("drop") }
}

impl App {
    /// Where the made-up city's applications are put.
    pub fn file_drop(&self) -> PathBuf {
        city(self.directory.path()).folder
    }

    /// The address of the gateway.
    pub fn url(&self) -> &str {
        &self.dev.public_url
    }

    /// Where the ready-made clients' files are.
    pub fn directory(&self) -> PathBuf {
        self.directory.path().join("dev")
    }

    /// Stops it, and says whether it stopped in time.
    pub async fn stop(self) -> bool {
        tokio::time::timeout(Duration::from_secs(2), self.dev.stop(Duration::from_secs(1))).await.is_ok()
    }
}

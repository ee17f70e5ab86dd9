//! Reading connections: borrowed for one read on the caller's own thread, then given back.
//!
//! A read takes some microseconds, less than handing it to another thread would. There are never more connections
//! than threads that read at once, and each keeps its prepared statements.

use super::database::{Database, open_for_reading};
use crate::domain::Fault;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The idle reading connections of one file.
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(super) fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Mutex::new(Vec::new()) }
    }

    /// Runs `work` on a connection. One whose work faulted or panicked is closed, not given back.
    pub(super) fn read<T>(&self, work: impl FnOnce(Database<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        let idle = self.lock().pop();
        let connection = idle.map_or_else(|| open_for_reading(&self.path), Ok)?;
        let out = work(Database::new(&connection))?;
        self.lock().push(connection);
        Ok(out)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        // Nothing that can panic runs under the lock; a list of idle connections is whole at any moment anyway.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The checkpoint thread: moves the write-ahead log into the file from time to time, beside the writer.

use super::database::open_for_writing;
use crate::domain::Fault;
use rusqlite::{Connection, ErrorCode};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often. A checkpoint with nothing to move costs microseconds.
const EVERY: Duration = Duration::from_millis(500);
/// Pages of 4 KiB (64 MiB) over which the log must start anew: under steady writes a passive checkpoint alone never
/// finds the moment to do that.
const LONG_LOG: i64 = 16_384;

/// How often the log's emptying is tried while another checkpoint or a reader holds it, and the pause between.
const TRIES: usize = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// Moves the whole log into the file and cuts it to nothing: no former page remains in it. Blocks; may take seconds.
pub(super) fn empty_log(path: &Path) -> Result<(), Fault> {
    let connection = open_for_writing(path)?;
    for _ in 0..TRIES {
        if is_emptied(&connection)? {
            return Ok(());
        }
        std::thread::sleep(PAUSE);
    }
    Err(Fault::unavailable("sqlite", std::io::Error::other("the write-ahead log is held and could not be emptied")))
}

fn is_emptied(connection: &Connection) -> Result<bool, Fault> {
    match connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)) {
        Ok(busy) => Ok(busy == 0),
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// The running thread; dropping it stops it.
pub(super) struct Checkpoints {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpoints {
    /// Starts the thread on its own connection. It sets `is_log_long` when the writer should restart the log.
    pub(super) fn start(path: &Path, is_log_long: Arc<AtomicBool>) -> Result<Self, Fault> {
        let connection = open_for_writing(path)?;
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::Builder::new().name("sqlite-checkpoint".into()).spawn(move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                // Busy or broken: the next turn comes, and the writer sees lasting trouble by itself.
                let pages = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get::<_, i64>(1));
                if pages.is_ok_and(|pages| pages > LONG_LOG) {
                    is_log_long.store(true, Ordering::Relaxed);
                }
            }
        });
        let thread = thread.map_err(|e| Fault::unavailable("sqlite", e))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

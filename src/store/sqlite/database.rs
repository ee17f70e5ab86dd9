//! A connection as the ports' implementations see it: listed statements in, values or faults out.

use crate::domain::Fault;
use crate::store::statement::Statement;
use rusqlite::{Connection, ErrorCode, OpenFlags, Params, Row};
use std::path::Path;
use std::time::Duration;

/// How long a connection waits for another process's write before it says that the engine is busy.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// More than there are statements, so that each is prepared once per connection.
const PREPARED: usize = 256;

/// A connection lent to one piece of work.
#[derive(Clone, Copy)]
pub(super) struct Database<'c>(&'c Connection);

impl<'c> Database<'c> {
    pub(super) const fn new(connection: &'c Connection) -> Self {
        Self(connection)
    }

    /// Runs a write; gives how many rows it changed.
    pub(super) fn execute(self, statement: Statement, params: impl Params) -> Result<usize, Fault> {
        Ok(self.0.prepare_cached(statement.sql())?.execute(params)?)
    }

    /// The first row, if there is one.
    pub(super) fn find<T>(
        self,
        statement: Statement,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut statement = self.0.prepare_cached(statement.sql())?;
        let mut rows = statement.query(params)?;
        let row = rows.next()?;
        row.map(read).transpose()
    }

    /// Every row.
    pub(super) fn list<T>(
        self,
        statement: Statement,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut statement = self.0.prepare_cached(statement.sql())?;
        let mut rows = statement.query(params)?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            out.push(read(row)?);
        }
        Ok(out)
    }

    /// The first row, if there is one that can still be read: one whose key was destroyed is erased.
    pub(super) fn find_readable<T>(
        self,
        statement: Statement,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Option<T>, Fault> {
        Ok(self.find(statement, params, read)?.flatten())
    }

    /// Every row that can still be read.
    pub(super) fn list_readable<T>(
        self,
        statement: Statement,
        params: impl Params,
        read: impl Fn(&Row<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Vec<T>, Fault> {
        Ok(self.list(statement, params, read)?.into_iter().flatten().collect())
    }

    /// Prepares a statement and does not run it.
    pub(super) fn prepare(self, statement: Statement) -> Result<(), Fault> {
        let prepared = self.0.prepare_cached(statement.sql());
        prepared.map(drop).map_err(|e| Fault::Internal(format!("{e} in: {}", statement.sql())))
    }
}

/// Most memory for the writer's pages: 16 MiB, in SQLite's notation for KiB. A commit after a balanced tree looks through all
/// of them (a page was numbered as the one that locks meanwhile, and what is above the file's end is dropped), so that more
/// costs every commit what it saves in reads.
const WRITERS_CACHE: i64 = -16_384;

/// Opens the file for writing; makes it, readable by its owner only, when it is not there.
pub(super) fn open_for_writing(path: &Path) -> Result<Connection, Fault> {
    make_private(path)?;
    let connection = Connection::open(path)?;
    prepare_connection(&connection)?;
    // In WAL mode FULL syncs the log at every commit: what was acknowledged outlives a power cut.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The checkpoint thread does this; inside the writer it would hold up a whole group.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    // The indexes of a long history are written to all over; SQLite's own 2 MiB make every such write a read of the file.
    connection.pragma_update(None, "cache_size", WRITERS_CACHE)?;
    // Freed space is zeroed, pages that fall free included, so that what was erased does not linger in the file.
    connection.pragma_update(None, "secure_delete", "ON")?;
    Ok(connection)
}

/// Opens the file for reading.
pub(super) fn open_for_reading(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare_connection(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn prepare_connection(connection: &Connection) -> Result<(), Fault> {
    connection.busy_timeout(BUSY_WAIT)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    Ok(())
}

/// SQLite gives its log and index the mode of the file itself.
fn make_private(path: &Path) -> Result<(), Fault> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|e| Fault::unavailable("sqlite", e))
}

/// The engine's own texts name tables and columns, never values.
impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted,
            ) => Self::unavailable("sqlite", error),
            _ => Self::Internal(format!("sqlite: {error}")),
        }
    }
}

//! What an error of this engine means to the rest.

use crate::domain::Fault;

/// SQLSTATE classes and codes with which a server says that it cannot now, and may later: connection, resources,
/// operator's intervention (shutdown, cancelled by time), lost races, a lock not got in time, a read-only standby.
const NOT_NOW: &[&str] = &["08", "53", "57", "40001", "40P01", "55P03", "25006"];

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::Database(database) => {
                let code = database.code().unwrap_or_default();
                if NOT_NOW.iter().any(|prefix| code.starts_with(prefix)) {
                    return Self::unavailable("postgres", error);
                }
                // A server's own text may hold values of the row; its code and the rule's name do not.
                Self::Internal(format!("postgres: SQLSTATE {code} {}", database.constraint().unwrap_or_default()))
            }
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::unavailable("postgres", error),
            sqlx::Error::ColumnDecode { index, .. } => Self::Internal(format!("postgres: column {index} does not fit")),
            _ => Self::Internal("postgres: the driver and the statement do not fit".into()),
        }
    }
}

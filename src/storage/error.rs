//! What can go wrong with a database, as far as a caller can act on it. Several callers may be told of one failure.

use std::sync::Arc;

/// A storage operation that did not happen, or of which it is not known whether it did.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Somebody else changed the same thing first; load it again. Nothing was written.
    #[error("changed by another meanwhile")]
    Stale,
    /// The database is out of reach or out of resources; trying again later may help.
    #[error("the database is out of reach")]
    Unavailable(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// A row that no version of this program writes.
    #[error("table {table} holds a row that makes no sense: {reason}")]
    Inconsistent {
        /// Where.
        table: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The tables could not be brought up to date.
    #[error("the tables cannot be brought up to date")]
    Migration(#[source] Arc<sqlx::migrate::MigrateError>),
    /// A database URL that names none of ours.
    #[error("{0}")]
    Url(String),
    /// A fault of this program.
    #[error("the database refused a statement")]
    Database(#[source] Arc<sqlx::Error>),
}

/// What a storage operation gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The database, or the way to it, is of no use now.
    pub(super) fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(Arc::from(cause.into()))
    }

    /// Whether the connection on which it came up is of no further use.
    pub(super) fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Stale | Self::Inconsistent { .. } | Self::Url(_) => false,
            // A statement that took too long was cancelled, and the connection is as before.
            Self::Unavailable(error) => code(&**error).as_deref() != Some(CANCELLED),
            // What was under way may be left half done.
            Self::Migration(_) | Self::Database(_) => true,
        }
    }
}

impl From<sqlx::migrate::MigrateError> for Error {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        Self::Migration(Arc::new(error))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Io(_) | E::Tls(_) | E::WorkerCrashed => Self::unavailable(error),
            E::Database(reply) => match reply.code() {
                Some(code) if is_lost_race(&code) => Self::Stale,
                Some(code) if is_unavailable(&code) => Self::unavailable(error),
                _ => Self::Database(Arc::new(error)),
            },
            E::Configuration(reason) => {
                Self::Url(format!("the database URL cannot be used: {reason}"))
            }
            _ => Self::Database(Arc::new(error)),
        }
    }
}

/// What the database calls the error.
fn code(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let error = error.downcast_ref::<sqlx::Error>()?.as_database_error()?;
    error.code().map(Into::into)
}

/// SQLSTATE `query_canceled`: `statement_timeout` has passed, say.
const CANCELLED: &str = "57014";

/// SQLSTATE 40001 and 40P01: serialization failure, deadlock.
fn is_lost_race(code: &str) -> bool {
    matches!(code, "40001" | "40P01")
}

/// SQLSTATE classes 08 (connection), 53 (resources), 55P03 (lock not available), 57 (operator intervention: a
/// shutdown, a time limit), 58 (system), and 25006 (a standby, after a fail-over);
/// of SQLite's primary result codes (the lowest byte): 5 busy, 6 locked, 8 read-only, 10 I/O, 13 full, 14 cannot
/// open.
fn is_unavailable(code: &str) -> bool {
    let sqlstate = code.len() == 5;
    let classes = ["08", "53", "55P03", "57", "58", "25006"];
    let sqlite = || code.parse::<i32>().map(|code| code & 0xff);
    (sqlstate && classes.iter().any(|class| code.starts_with(class)))
        || (!sqlstate && matches!(sqlite(), Ok(5 | 6 | 8 | 10 | 13 | 14)))
}

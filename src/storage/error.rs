//! What can go wrong with a database, as far as a caller can act on it.

/// A storage operation that did not happen, or of which it is not known whether it did.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Somebody else changed the same thing first; load it again. Nothing was written.
    #[error("changed by another meanwhile")]
    Stale,
    /// The database is out of reach or out of resources; trying again later may help.
    #[error("the database is out of reach")]
    Unavailable(#[source] sqlx::Error),
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
    Migration(#[from] sqlx::migrate::MigrateError),
    /// A database URL that names none of ours.
    #[error("{0}")]
    Url(String),
    /// A fault of this program.
    #[error("the database refused a statement")]
    Database(#[source] sqlx::Error),
}

/// What a storage operation gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &error {
            E::Io(_) | E::Tls(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed => {
                Self::Unavailable(error)
            }
            E::Database(reply) => match reply.code() {
                Some(code) if is_lost_race(&code) => Self::Stale,
                Some(code) if is_unavailable(&code) => Self::Unavailable(error),
                _ => Self::Database(error),
            },
            _ => Self::Database(error),
        }
    }
}

/// SQLSTATE 40001 and 40P01: serialization failure, deadlock.
fn is_lost_race(code: &str) -> bool {
    matches!(code, "40001" | "40P01")
}

/// SQLSTATE classes 08 (connection), 53 (resources), 57P (shutdown, cannot connect), 58 (system); 57014
/// (cancelled), 25006 (a standby);
/// of SQLite's primary result codes (the lowest byte): 5 busy, 6 locked, 8 read-only, 10 I/O, 13 full, 14 cannot
/// open.
fn is_unavailable(code: &str) -> bool {
    let sqlstate = code.len() == 5;
    let classes = ["08", "53", "57014", "57P", "58", "25006"];
    let sqlite = || code.parse::<i32>().map(|code| code & 0xff);
    (sqlstate && classes.iter().any(|class| code.starts_with(class)))
        || (!sqlstate && matches!(sqlite(), Ok(5 | 6 | 8 | 10 | 13 | 14)))
}

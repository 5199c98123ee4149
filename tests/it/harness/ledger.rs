//! The events of a user, read past the application.

use super::Database;
use sqlx::{FromRow, PgPool, SqlitePool, pool::PoolOptions};
use tenure::proto::OwnershipEvent;

const AFTER: &str =
    "select revision, number, attribute, from_owner, to_owner, generation, active, manual, pinned,
                            cause, actor, request_id
                     from event where user_id = $1 and revision > $2 order by revision, number";

/// A row of the table `event`, but for whose it is and when.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Event {
    pub revision: i64,
    pub number: i32,
    pub attribute: String,
    pub from_owner: Option<String>,
    pub to_owner: Option<String>,
    pub generation: i64,
    pub active: bool,
    pub manual: bool,
    pub pinned: bool,
    pub cause: String,
    pub actor: String,
    pub request_id: String,
}

/// As one is told.
impl From<OwnershipEvent> for Event {
    fn from(event: OwnershipEvent) -> Self {
        let cause = event.cause().as_str_name();
        Self {
            cause: cause.trim_start_matches("CAUSE_").to_owned(),
            revision: event.revision,
            number: event.number,
            attribute: event.attribute,
            from_owner: event.from,
            to_owner: event.to,
            generation: event.generation,
            active: event.active,
            manual: event.manual,
            pinned: event.pinned,
            actor: event.actor,
            request_id: event.request_id,
        }
    }
}

/// The ledger of a database.
pub enum Ledger {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Ledger {
    pub async fn open(database: &Database) -> Self {
        let url = database.url();
        if database.is_postgres() {
            Self::Postgres(pool().connect(&url).await.unwrap())
        } else {
            Self::Sqlite(pool().connect(&url).await.unwrap())
        }
    }

    /// The user's events of later revisions, in order.
    pub async fn after(&self, user: &str, revision: i64) -> Vec<Event> {
        let events = match self {
            Self::Sqlite(pool) => {
                let query = sqlx::query_as(AFTER).bind(user.to_owned()).bind(revision);
                query.fetch_all(pool).await
            }
            Self::Postgres(pool) => {
                let query = sqlx::query_as(AFTER).bind(user.to_owned()).bind(revision);
                query.fetch_all(pool).await
            }
        };
        events.unwrap()
    }
}

fn pool<DB: sqlx::Database>() -> PoolOptions<DB> {
    let pool = PoolOptions::new().max_connections(4);
    pool.test_before_acquire(false)
}

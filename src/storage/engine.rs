//! Everything in which the statements for the two databases differ, but for the commit of a change.

use super::{Result, users::load};
use crate::domain::{Instant, change::Change, name::UserId};
use serde_json::Value;
use sqlx::{Database, Pool, Postgres, Sqlite, migrate::Migrator};

/// A database that Tenure runs on.
#[async_trait::async_trait]
pub trait Engine: Database {
    /// Whether the database is a part of this process.
    const EMBEDDED: bool;
    /// Opens a transaction that may write.
    const BEGIN: &'static str;
    /// Loads a user's state, with the attributes in the JSON array `$2`.
    const LOAD_NAMED: &'static str;
    /// Adds or replaces the catalog entries in the JSON array `$1`.
    const UPSERT_CATALOG: &'static str;

    /// Counts the table in which the migrations record the version.
    const HAS_VERSION: &'static str;

    /// The tables, step by step.
    fn migrations() -> &'static Migrator;

    /// Brings the tables up to date, while others may be doing the same.
    async fn migrate(pool: &Pool<Self>) -> Result<()>;

    /// A moment in a JSON document that SQL takes apart.
    fn json_instant(moment: Instant) -> Value;

    /// How many rows a statement changed.
    fn rows_affected(result: &Self::QueryResult) -> u64;

    /// Writes a change, all or nothing. [`super::Error::Stale`] if the revision is not the one that it was made for.
    async fn commit(pool: &Pool<Self>, user: &UserId, change: &Change) -> Result<()>;
}

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

#[async_trait::async_trait]
impl Engine for Postgres {
    const EMBEDDED: bool = false;
    const BEGIN: &'static str = "BEGIN";
    const LOAD_NAMED: &'static str = load!(
        "and name = any (array(select jsonb_array_elements_text($2)))",
        "and attribute = any (array(select jsonb_array_elements_text($2)))"
    );
    const UPSERT_CATALOG: &'static str = "
        insert into catalog_entry (kind, name, definition)
        select r.kind, r.name, r.definition
        from jsonb_to_recordset($1) as r (kind text, name text, definition text)
        on conflict (kind, name) do update set definition = excluded.definition";

    const HAS_VERSION: &'static str = "select count(*) as count from information_schema.tables
        where table_schema = current_schema() and table_name = '_sqlx_migrations'";

    fn migrations() -> &'static Migrator {
        &POSTGRES
    }

    async fn migrate(pool: &Pool<Self>) -> Result<()> {
        Ok(POSTGRES.run(pool).await?)
    }

    fn json_instant(moment: Instant) -> Value {
        let text = moment.format(&time::format_description::well_known::Rfc3339);
        text.map_or(Value::Null, Value::String)
    }

    fn rows_affected(result: &Self::QueryResult) -> u64 {
        result.rows_affected()
    }

    async fn commit(pool: &Pool<Self>, user: &UserId, change: &Change) -> Result<()> {
        super::postgres::commit(pool, user, change).await
    }
}

#[async_trait::async_trait]
impl Engine for Sqlite {
    const EMBEDDED: bool = true;
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const LOAD_NAMED: &'static str = load!(
        "and name in (select value from json_each($2))",
        "and attribute in (select value from json_each($2))"
    );
    const UPSERT_CATALOG: &'static str = "
        insert into catalog_entry (kind, name, definition)
        select r.value->>'kind', r.value->>'name', r.value->>'definition'
        from json_each($1) as r where true
        on conflict (kind, name) do update set definition = excluded.definition";

    const HAS_VERSION: &'static str =
        "select count(*) as count from sqlite_master where name = '_sqlx_migrations'";

    fn migrations() -> &'static Migrator {
        &SQLITE
    }

    async fn migrate(pool: &Pool<Self>) -> Result<()> {
        // The lock that sqlx takes on PostgreSQL is nothing on SQLite: a transaction that writes is one.
        let mut transaction = pool.begin_with(Self::BEGIN).await?;
        SQLITE.run_direct(None, &mut *transaction, false).await?;
        Ok(transaction.commit().await?)
    }

    fn json_instant(moment: Instant) -> Value {
        super::column::micros(moment).into()
    }

    fn rows_affected(result: &Self::QueryResult) -> u64 {
        result.rows_affected()
    }

    async fn commit(pool: &Pool<Self>, user: &UserId, change: &Change) -> Result<()> {
        super::sqlite::commit(pool, user, change).await
    }
}

//! Everything in which the statements for the two databases differ, but for the commit of a change.

use super::{Result, loaded::load};
use crate::domain::{Instant, change::Change, name::UserId};
use serde_json::Value;
use sqlx::{
    Connection as _, Database, PgConnection, Postgres, Sqlite, SqliteConnection, migrate::Migrator,
};

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
    /// Ends the removals of the services among those entries.
    const END_REMOVALS: &'static str;

    /// Counts the table in which the migrations record the version.
    const HAS_VERSION: &'static str;

    /// The tables, step by step.
    fn migrations() -> &'static Migrator;

    /// Brings the tables up to date, while others may be doing the same.
    async fn migrate(connection: &mut Self::Connection) -> Result<()>;

    /// A moment in a JSON document that SQL takes apart.
    fn json_instant(moment: Instant) -> Value;

    /// How many rows a statement changed.
    fn rows_affected(result: &Self::QueryResult) -> u64;

    /// Writes a change, all or nothing. [`super::Error::Stale`] if the revision is not the one that it was made for.
    async fn commit(
        connection: &mut Self::Connection,
        user: &UserId,
        change: &Change,
    ) -> Result<()>;
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

    const END_REMOVALS: &'static str = "
        delete from removal where service in (
            select r.name from jsonb_to_recordset($1) as r (kind text, name text) where r.kind = 'service')";

    const HAS_VERSION: &'static str = "select count(*) as count from information_schema.tables
        where table_schema = current_schema() and table_name = '_sqlx_migrations'";

    fn migrations() -> &'static Migrator {
        &POSTGRES
    }

    async fn migrate(connection: &mut PgConnection) -> Result<()> {
        Ok(POSTGRES.run_direct(None, connection, false).await?)
    }

    fn json_instant(moment: Instant) -> Value {
        let text = moment.format(&time::format_description::well_known::Rfc3339);
        text.map_or(Value::Null, Value::String)
    }

    fn rows_affected(result: &Self::QueryResult) -> u64 {
        result.rows_affected()
    }

    async fn commit(connection: &mut PgConnection, user: &UserId, change: &Change) -> Result<()> {
        super::postgres::commit(connection, user, change).await
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

    const END_REMOVALS: &'static str = "
        delete from removal where service in (
            select r.value->>'name' from json_each($1) as r where r.value->>'kind' = 'service')";

    const HAS_VERSION: &'static str =
        "select count(*) as count from sqlite_master where name = '_sqlx_migrations'";

    fn migrations() -> &'static Migrator {
        &SQLITE
    }

    async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
        // The lock that sqlx takes on PostgreSQL is nothing on SQLite: a transaction that writes is one.
        let mut transaction = connection.begin_with(Self::BEGIN).await?;
        SQLITE.run_direct(None, &mut *transaction, false).await?;
        Ok(transaction.commit().await?)
    }

    fn json_instant(moment: Instant) -> Value {
        super::column::micros(moment).into()
    }

    fn rows_affected(result: &Self::QueryResult) -> u64 {
        result.rows_affected()
    }

    async fn commit(
        connection: &mut SqliteConnection,
        user: &UserId,
        change: &Change,
    ) -> Result<()> {
        super::sqlite::commit(connection, user, change).await
    }
}

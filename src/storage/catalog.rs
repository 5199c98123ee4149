//! The operator's catalog entries in SQL: one row an entry, its definition as JSON, because no query looks inside.

use super::{
    Catalogs, Engine, Error, Result, SqlStore,
    column::{Column, Instant},
    pool::Pool,
};
use crate::domain::{catalog::CatalogFile, removal::Removal};
use serde_json::{Value, json};
use sqlx::{Connection as _, Executor, FromRow, IntoArguments, query::Query, types::Json};

const VERSION: &str = "select version from catalog_version";
const ENTRIES: &str = "select kind, definition from catalog_entry order by kind, name";
const RAISE: &str = "update catalog_version set version = version + 1 where version = $1";
const REMOVE: &str = "delete from catalog_entry where kind = 'service' and name = $1";
const BEGIN_REMOVAL: &str =
    "insert into removal (service, requested_at, pass_began_at, after_user, found)
                             values ($1, $2, $2, '', false)";

#[derive(FromRow)]
pub(super) struct Version {
    version: i64,
}

#[derive(FromRow)]
pub(super) struct Entry {
    kind: String,
    definition: String,
}

#[async_trait::async_trait]
impl<DB: Engine> Catalogs for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    String: Column<DB>,
    i64: Column<DB>,
    Instant: Column<DB>,
    Json<Value>: Column<DB>,
    Version: for<'r> FromRow<'r, DB::Row>,
    Entry: for<'r> FromRow<'r, DB::Row>,
{
    async fn version(&self) -> Result<i64> {
        let mut lease = self.read.lease().await?;
        let version = sqlx::query_as(VERSION).fetch_one(lease.connection()).await;
        let version: Version = lease.end(version)?;
        Ok(version.version)
    }

    async fn entries(&self) -> Result<(i64, CatalogFile)> {
        // First: entries that are newer than their version are only read once more.
        let version = self.version().await?;
        let mut lease = self.read.lease().await?;
        let rows = sqlx::query_as(ENTRIES).fetch_all(lease.connection()).await;
        let rows: Vec<Entry> = lease.end(rows)?;
        let mut file = CatalogFile::default();
        for row in rows {
            match row.kind.as_str() {
                "group" => file.group.push(row.parsed()?),
                "template" => file.template.push(row.parsed()?),
                _ => file.service.push(row.parsed()?),
            }
        }
        Ok((version, file))
    }

    async fn apply(&self, version: i64, entries: &CatalogFile) -> Result<()> {
        let rows = Json(Value::Array(rows(entries)?));
        let work = [
            sqlx::query(DB::UPSERT_CATALOG).bind(rows.clone()),
            sqlx::query(DB::END_REMOVALS).bind(rows),
        ];
        change(&self.write, version, work).await
    }

    async fn remove(&self, version: i64, removal: &Removal) -> Result<()> {
        let service = removal.service.as_str().to_owned();
        let work = [
            sqlx::query(REMOVE).bind(service.clone()),
            sqlx::query(BEGIN_REMOVAL)
                .bind(service)
                .bind(Instant(removal.requested_at)),
        ];
        change(&self.write, version, work).await
    }
}

/// Raises the version by one, if it is still `version`, and does the work; all or nothing.
async fn change<DB: Engine>(
    pool: &Pool<DB>,
    version: i64,
    work: [Query<'_, DB, DB::Arguments>; 2],
) -> Result<()>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    i64: Column<DB>,
{
    let mut lease = pool.lease().await?;
    let changed = changed(lease.connection(), version, work).await;
    lease.end(changed)
}

async fn changed<DB: Engine>(
    connection: &mut DB::Connection,
    version: i64,
    work: [Query<'_, DB, DB::Arguments>; 2],
) -> Result<()>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    i64: Column<DB>,
{
    let mut transaction = connection.begin_with(DB::BEGIN).await?;
    let raised = sqlx::query(RAISE)
        .bind(version)
        .execute(&mut *transaction)
        .await?;
    if DB::rows_affected(&raised) == 0 {
        transaction.rollback().await?;
        return Err(Error::Stale);
    }
    for statement in work {
        statement.execute(&mut *transaction).await?;
    }
    Ok(transaction.commit().await?)
}

fn rows(entries: &CatalogFile) -> Result<Vec<Value>> {
    let groups = entries
        .group
        .iter()
        .map(|g| row("group", g.name.as_str(), g));
    let templates = entries
        .template
        .iter()
        .map(|t| row("template", t.name.as_str(), t));
    let services = entries
        .service
        .iter()
        .map(|s| row("service", s.name.as_str(), s));
    groups.chain(templates).chain(services).collect()
}

fn row(kind: &str, name: &str, entry: &impl serde::Serialize) -> Result<Value> {
    let definition = serde_json::to_string(entry).map_err(inconsistent)?;
    Ok(json!({"kind": kind, "name": name, "definition": definition}))
}

impl Entry {
    fn parsed<T: serde::de::DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.definition).map_err(inconsistent)
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "it is what map_err hands over"
)]
fn inconsistent(error: serde_json::Error) -> Error {
    Error::Inconsistent {
        table: "catalog_entry",
        reason: error.to_string(),
    }
}

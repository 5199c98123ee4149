//! The operator's catalog entries in SQL: one row an entry, its definition as JSON, because no query looks inside.

use super::{Catalogs, Engine, Error, Result, SqlStore, column::Column};
use crate::domain::catalog::CatalogFile;
use serde_json::{Value, json};
use sqlx::{Executor, FromRow, IntoArguments, Pool, types::Json};

const VERSION: &str = "select version from catalog_version";
const ENTRIES: &str = "select kind, definition from catalog_entry order by kind, name";
const RAISE: &str = "update catalog_version set version = version + 1 where version = $1";

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
    for<'c> &'c Pool<DB>: Executor<'c, Database = DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    i64: Column<DB>,
    Json<Value>: Column<DB>,
    Version: for<'r> FromRow<'r, DB::Row>,
    Entry: for<'r> FromRow<'r, DB::Row>,
{
    async fn entries(&self) -> Result<(i64, CatalogFile)> {
        let version: Version = sqlx::query_as(VERSION).fetch_one(&self.read).await?;
        let rows: Vec<Entry> = sqlx::query_as(ENTRIES).fetch_all(&self.read).await?;
        let mut file = CatalogFile::default();
        for row in rows {
            match row.kind.as_str() {
                "group" => file.group.push(row.parsed()?),
                "template" => file.template.push(row.parsed()?),
                _ => file.service.push(row.parsed()?),
            }
        }
        Ok((version.version, file))
    }

    async fn apply(&self, version: i64, entries: &CatalogFile) -> Result<()> {
        let rows = Value::Array(rows(entries)?);
        let mut transaction = self.write.begin_with(DB::BEGIN).await?;
        let raised = sqlx::query(RAISE)
            .bind(version)
            .execute(&mut *transaction)
            .await?;
        if DB::rows_affected(&raised) == 0 {
            return Err(Error::Stale);
        }
        sqlx::query(DB::UPSERT_CATALOG)
            .bind(Json(rows))
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }
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

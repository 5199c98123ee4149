//! Users in SQL: loading a state, for both engines.

use super::{
    Engine, Loaded, Result, Selection, SqlStore, Users,
    column::Column,
    loaded::{LoadRow, load},
};
use crate::domain::{
    change::Change,
    name::{AttributeName, ServiceName, UserId},
};
use sqlx::{Executor, FromRow, IntoArguments, types::Json};

const LOAD_OWNED: &str = load!(
    "and owner = $2",
    "and attribute in (select name from attribute where user_id = $1 and owner = $2)"
);
const LOAD_ALL: &str = load!("", "");

const CONNECTED: &str = "select user_id from connection where service = $1 and user_id > $2
                         order by user_id limit $3";

/// A user who has a service connected.
#[derive(FromRow)]
pub(super) struct Connected {
    user_id: String,
}

#[async_trait::async_trait]
impl<DB: Engine> Users for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    String: Column<DB>,
    i64: Column<DB>,
    Json<Vec<AttributeName>>: Column<DB>,
    DB::Row: LoadRow,
    Connected: for<'r> FromRow<'r, DB::Row>,
{
    async fn load(&self, user: &UserId, selection: &Selection) -> Result<Loaded> {
        let user = user.as_str().to_owned();
        let query = match selection {
            Selection::Named(names) => sqlx::query(DB::LOAD_NAMED)
                .bind(user)
                .bind(Json(names.clone())),
            Selection::OwnedBy(service) => sqlx::query(LOAD_OWNED)
                .bind(user)
                .bind(service.as_str().to_owned()),
            Selection::All => sqlx::query(LOAD_ALL).bind(user),
        };
        let mut lease = self.read.lease().await?;
        let rows = query.fetch_all(lease.connection()).await;
        loaded(&lease.end(rows)?)
    }

    async fn commit(&self, user: &UserId, change: &Change) -> Result<()> {
        let mut lease = self.write.lease().await?;
        let committed = DB::commit(lease.connection(), user, change).await;
        lease.end(committed)
    }

    async fn connected(
        &self,
        service: &ServiceName,
        after: &str,
        limit: u32,
    ) -> Result<Vec<UserId>> {
        let mut lease = self.read.lease().await?;
        let rows = sqlx::query_as(CONNECTED)
            .bind(service.as_str().to_owned())
            .bind(after.to_owned())
            .bind(i64::from(limit))
            .fetch_all(lease.connection())
            .await;
        let rows: Vec<Connected> = lease.end(rows)?;
        rows.into_iter()
            .map(|row| Ok(UserId::parse(row.user_id)?))
            .collect()
    }
}

fn loaded(rows: &[impl LoadRow]) -> Result<Loaded> {
    let mut loaded = Loaded::default();
    for row in rows {
        row.add_to(&mut loaded)?;
    }
    Ok(loaded)
}

//! Users in SQL. What requests do, [`Gathered`](super::gathered::Gathered) does.

use super::{Engine, Loaded, Result, Selection, SqlStore, Users, column::Column};
use crate::domain::{
    change::Change,
    name::{ServiceName, UserId},
};
use sqlx::{Executor, FromRow, IntoArguments};

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
    Connected: for<'r> FromRow<'r, DB::Row>,
{
    async fn load(&self, user: &UserId, selection: &Selection) -> Result<Loaded> {
        self.gathered.load(user.clone(), selection.clone()).await
    }

    async fn commit(&self, user: &UserId, change: Change) -> Result<()> {
        self.gathered.commit(user.clone(), change).await
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

//! Answers that are kept, in SQL. One text for both engines. They are written by [`Users::commit`](super::Users::commit).

use super::{
    Engine, Records, Result, SqlStore,
    column::{Column, Instant},
};
use crate::domain::{
    self,
    name::{ServiceName, UserId},
    record::{IdempotencyKey, Record},
};
use sqlx::{Executor, FromRow, IntoArguments};

const KEPT: &str = "select fingerprint, answer, expires_at from idempotency_record
                    where user_id = $1 and service = $2 and key = $3";
const FORGET: &str = "delete from idempotency_record where (user_id, service, key) in
                      (select user_id, service, key from idempotency_record where expires_at < $1
                       order by expires_at limit $2)";

#[derive(FromRow)]
pub(super) struct Row {
    fingerprint: Vec<u8>,
    answer: Vec<u8>,
    expires_at: Instant,
}

#[async_trait::async_trait]
impl<DB: Engine> Records for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    String: Column<DB>,
    i64: Column<DB>,
    Instant: Column<DB>,
    Row: for<'r> FromRow<'r, DB::Row>,
{
    async fn kept(
        &self,
        user: &UserId,
        service: &ServiceName,
        key: &IdempotencyKey,
    ) -> Result<Option<Record>> {
        let mut lease = self.read.lease().await?;
        let row = sqlx::query_as(KEPT)
            .bind(user.as_str().to_owned())
            .bind(service.as_str().to_owned())
            .bind(key.as_str().to_owned())
            .fetch_optional(lease.connection())
            .await;
        let row: Option<Row> = lease.end(row)?;
        Ok(row.map(|row| Record {
            service: service.clone(),
            key: key.clone(),
            fingerprint: row.fingerprint,
            answer: row.answer,
            expires_at: row.expires_at.0,
        }))
    }

    async fn forget_records(&self, before: domain::Instant, limit: u32) -> Result<u64> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(FORGET)
            .bind(Instant(before))
            .bind(i64::from(limit))
            .execute(lease.connection())
            .await;
        Ok(DB::rows_affected(&lease.end(done)?))
    }
}

//! Revoked tokens of outside authorization servers, in SQL. One text for both engines but for the one that every request
//! runs, which looks several up at once.

use super::{
    Engine, Result, RevokedTokens, SqlStore,
    column::{Column, Instant},
};
use crate::domain::{self, token::TokenHash, withdrawal::RevokedToken};
use sqlx::{Executor, FromRow, IntoArguments};

/// Told twice: what was told first of when, and the later end.
const ADD: &str = "
    insert into revoked_token (hash, revoked_at, expires_at) values ($1, $2, $3)
    on conflict (hash) do update set expires_at = excluded.expires_at
    where revoked_token.expires_at < excluded.expires_at";
const FORGET: &str = "delete from revoked_token where hash in
                      (select hash from revoked_token where expires_at < $1 order by expires_at limit $2)";

/// The text that finds which of some hashes are there.
macro_rules! select {
    ($which:literal) => {
        concat!("select hash from revoked_token ", $which)
    };
}
pub(super) use select;

/// A hash that is there.
#[derive(FromRow)]
pub(super) struct Row {
    pub(super) hash: Vec<u8>,
}

#[async_trait::async_trait]
impl<DB: Engine> RevokedTokens for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    i64: Column<DB>,
    Vec<u8>: Column<DB>,
    Instant: Column<DB>,
{
    async fn is_revoked(&self, hash: &TokenHash) -> Result<bool> {
        self.gathered.is_revoked(*hash).await
    }

    async fn add_revoked(&self, token: &RevokedToken) -> Result<()> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(ADD)
            .bind(token.hash.0.to_vec())
            .bind(Instant(token.revoked_at))
            .bind(Instant(token.expires_at))
            .execute(lease.connection())
            .await;
        lease.end(done)?;
        Ok(())
    }

    async fn forget_revoked(&self, before: domain::Instant, limit: u32) -> Result<u64> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(FORGET)
            .bind(Instant(before))
            .bind(i64::from(limit))
            .execute(lease.connection())
            .await;
        Ok(DB::rows_affected(&lease.end(done)?))
    }
}

//! Tokens of internal services in SQL. One text for both engines.

use super::{
    Engine, Error, InternalTokens, Result, SqlStore,
    column::{Column, Instant},
};
use crate::domain::{self, internal::InternalToken, name::ServiceName, token::TokenHash};
use sqlx::{Executor, FromRow, IntoArguments};

const FIND: &str = "select hash, name, role, issued_at, expires_at, revoked_at from internal_token
                    where hash = $1";
const ADD: &str = "insert into internal_token (hash, name, role, issued_at, expires_at)
                   values ($1, $2, $3, $4, $5)";
const ALL: &str = "select hash, name, role, issued_at, expires_at, revoked_at from internal_token
                   order by issued_at desc, hash";
const REVOKE: &str = "update internal_token set revoked_at = $3
                      where hash >= $1 and hash <= $2 and revoked_at is null";
const FORGET: &str = "delete from internal_token where hash in
                      (select hash from internal_token where expires_at < $1 limit $2)";

#[derive(FromRow)]
pub(super) struct Row {
    hash: Vec<u8>,
    name: String,
    role: String,
    issued_at: Instant,
    expires_at: Instant,
    revoked_at: Option<Instant>,
}

#[async_trait::async_trait]
impl<DB: Engine> InternalTokens for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    String: Column<DB>,
    i64: Column<DB>,
    Vec<u8>: Column<DB>,
    Instant: Column<DB>,
    Row: for<'r> FromRow<'r, DB::Row>,
{
    async fn find_internal(&self, hash: &TokenHash) -> Result<Option<InternalToken>> {
        let mut lease = self.read.lease().await?;
        let row = sqlx::query_as(FIND)
            .bind(hash.0.to_vec())
            .fetch_optional(lease.connection())
            .await;
        let row: Option<Row> = lease.end(row)?;
        row.map(InternalToken::try_from).transpose()
    }

    async fn add_internal(&self, token: &InternalToken) -> Result<()> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(ADD)
            .bind(token.hash.0.to_vec())
            .bind(token.name.as_str().to_owned())
            .bind(token.role.as_str().to_owned())
            .bind(Instant(token.issued_at))
            .bind(Instant(token.expires_at))
            .execute(lease.connection())
            .await;
        lease.end(done)?;
        Ok(())
    }

    async fn internal(&self) -> Result<Vec<InternalToken>> {
        let mut lease = self.read.lease().await?;
        let rows = sqlx::query_as(ALL).fetch_all(lease.connection()).await;
        let rows: Vec<Row> = lease.end(rows)?;
        rows.into_iter().map(InternalToken::try_from).collect()
    }

    async fn revoke_internal(
        &self,
        first: &TokenHash,
        last: &TokenHash,
        at: domain::Instant,
    ) -> Result<u64> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(REVOKE)
            .bind(first.0.to_vec())
            .bind(last.0.to_vec())
            .bind(Instant(at))
            .execute(lease.connection())
            .await;
        Ok(DB::rows_affected(&lease.end(done)?))
    }

    async fn forget_internal(&self, before: domain::Instant, limit: u32) -> Result<u64> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(FORGET)
            .bind(Instant(before))
            .bind(i64::from(limit))
            .execute(lease.connection())
            .await;
        Ok(DB::rows_affected(&lease.end(done)?))
    }
}

impl TryFrom<Row> for InternalToken {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let bytes = row.hash.len();
        let inconsistent = |_| Error::Inconsistent {
            table: "internal_token",
            reason: format!("a hash has {bytes} bytes"),
        };
        Ok(Self {
            hash: TokenHash(row.hash.try_into().map_err(inconsistent)?),
            name: ServiceName::parse(row.name)?,
            role: row.role.parse()?,
            issued_at: row.issued_at.0,
            expires_at: row.expires_at.0,
            revoked_at: row.revoked_at.map(|at| at.0),
        })
    }
}

//! Tokens in SQL. One text for both engines.

use super::{
    Engine, Error, Result, SqlStore, Tokens,
    column::{Column, Instant},
};
use crate::domain::{
    self,
    name::{ServiceName, UserId},
    scope::Scopes,
    token::{TokenHash, TokenRecord},
};
use sqlx::{Executor, FromRow, IntoArguments};

/// The text that reads tokens.
macro_rules! select {
    ($which:literal) => {
        concat!(
            "select hash, user_id, service, scopes, issued_at, expires_at, revoked_at from token ",
            $which
        )
    };
}
pub(super) use select;

const OF_USER: &str = select!("where user_id = $1 order by issued_at desc, hash");
const REVOKE: &str = "update token set revoked_at = $3
                      where hash >= $1 and hash <= $2 and revoked_at is null";
const FORGET: &str = "delete from token where hash in
                      (select hash from token where expires_at < $1 order by expires_at limit $2)";

#[derive(FromRow)]
pub(super) struct Row {
    pub(super) hash: Vec<u8>,
    user_id: String,
    service: Option<String>,
    scopes: String,
    issued_at: Instant,
    expires_at: Instant,
    revoked_at: Option<Instant>,
}

#[async_trait::async_trait]
impl<DB: Engine> Tokens for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    String: Column<DB>,
    i64: Column<DB>,
    Vec<u8>: Column<DB>,
    Instant: Column<DB>,
    Row: for<'r> FromRow<'r, DB::Row>,
{
    async fn find(&self, hash: &TokenHash) -> Result<Option<TokenRecord>> {
        self.gathered.find(*hash).await
    }

    async fn of_user(&self, user: &UserId) -> Result<Vec<TokenRecord>> {
        let mut lease = self.read.lease().await?;
        let rows = sqlx::query_as(OF_USER)
            .bind(user.as_str().to_owned())
            .fetch_all(lease.connection())
            .await;
        let rows: Vec<Row> = lease.end(rows)?;
        rows.iter().map(TokenRecord::try_from).collect()
    }

    async fn revoke(
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

    async fn forget(&self, before: domain::Instant, limit: u32) -> Result<u64> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(FORGET)
            .bind(Instant(before))
            .bind(i64::from(limit))
            .execute(lease.connection())
            .await;
        Ok(DB::rows_affected(&lease.end(done)?))
    }
}

impl TryFrom<&Row> for TokenRecord {
    type Error = Error;
    fn try_from(row: &Row) -> Result<Self> {
        let inconsistent = |_| Error::Inconsistent {
            table: "token",
            reason: format!("a hash has {} bytes", row.hash.len()),
        };
        let service = row.service.as_deref();
        Ok(Self {
            hash: TokenHash(row.hash.as_slice().try_into().map_err(inconsistent)?),
            user: UserId::parse(row.user_id.as_str())?,
            service: service.map(ServiceName::parse).transpose()?,
            scopes: Scopes::from(row.scopes.clone()),
            issued_at: row.issued_at.0,
            expires_at: row.expires_at.0,
            revoked_at: row.revoked_at.as_ref().map(|at| at.0),
        })
    }
}

//! In SQL: how far the removals of services have come. One text for both engines.

use super::{
    Engine, Error, Removals, Result, SqlStore,
    column::{Column, Instant},
};
use crate::domain::{name::ServiceName, removal::Removal};
use sqlx::{Executor, FromRow, IntoArguments};

const PENDING: &str = "select service, requested_at, pass_began_at, after_user, found
                       from removal order by service";
const ADVANCE: &str = "update removal set pass_began_at = $4, after_user = $5, found = $6
                       where service = $1 and pass_began_at = $2 and after_user = $3";
const FINISH: &str = "delete from removal
                      where service = $1 and pass_began_at = $2 and after_user = $3";

#[derive(FromRow)]
pub(super) struct Row {
    service: String,
    requested_at: Instant,
    pass_began_at: Instant,
    after_user: String,
    found: bool,
}

#[async_trait::async_trait]
impl<DB: Engine> Removals for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    String: Column<DB>,
    bool: Column<DB>,
    Instant: Column<DB>,
    Row: for<'r> FromRow<'r, DB::Row>,
{
    async fn pending(&self) -> Result<Vec<Removal>> {
        let mut lease = self.read.lease().await?;
        let rows = sqlx::query_as(PENDING).fetch_all(lease.connection()).await;
        let rows: Vec<Row> = lease.end(rows)?;
        rows.into_iter().map(Removal::try_from).collect()
    }

    async fn advance(&self, from: &Removal, to: &Removal) -> Result<()> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(ADVANCE)
            .bind(from.service.as_str().to_owned())
            .bind(Instant(from.pass_began_at))
            .bind(from.after_user.clone())
            .bind(Instant(to.pass_began_at))
            .bind(to.after_user.clone())
            .bind(to.found)
            .execute(lease.connection())
            .await;
        match DB::rows_affected(&lease.end(done)?) {
            0 => Err(Error::Stale),
            _ => Ok(()),
        }
    }

    async fn finish(&self, removal: &Removal) -> Result<()> {
        let mut lease = self.write.lease().await?;
        let done = sqlx::query(FINISH)
            .bind(removal.service.as_str().to_owned())
            .bind(Instant(removal.pass_began_at))
            .bind(removal.after_user.clone())
            .execute(lease.connection())
            .await;
        lease.end(done)?;
        Ok(())
    }
}

impl TryFrom<Row> for Removal {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let service = ServiceName::parse(row.service).map_err(|error| Error::Inconsistent {
            table: "removal",
            reason: error.to_string(),
        })?;
        Ok(Self {
            service,
            requested_at: row.requested_at.0,
            pass_began_at: row.pass_began_at.0,
            after_user: row.after_user,
            found: row.found,
        })
    }
}

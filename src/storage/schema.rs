//! The tables, and which programs can work on them. `docs/migrations.md` tells how they change.

use super::{Engine, Result, Schema, SchemaVersions, SqlStore};
use sqlx::{ConnectOptions as _, Connection as _, Executor, FromRow, IntoArguments};

/// How many there are.
#[derive(FromRow)]
pub(super) struct Count {
    count: i64,
}

/// A version, if there is one.
#[derive(FromRow)]
pub(super) struct Version {
    version: Option<i64>,
}

const FOUND: &str = "select max(version) as version from _sqlx_migrations";
const OLDEST: &str = "select oldest as version from schema_compatibility";

/// The first version that records which programs may run beside it.
const RECORDS_OLDEST: i64 = 2;

#[async_trait::async_trait]
impl<DB: Engine> Schema for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    Count: for<'r> FromRow<'r, DB::Row>,
    Version: for<'r> FromRow<'r, DB::Row>,
{
    async fn migrate(&self) -> Result<()> {
        let versions = self.versions().await?;
        if versions.found >= versions.needed {
            return Ok(());
        }
        // Past the pool: a step may take longer than a statement of a request may.
        let mut connection = self.direct.connect().await?;
        let migrated = DB::migrate(&mut connection).await;
        connection.close().await?;
        migrated
    }

    async fn versions(&self) -> Result<SchemaVersions> {
        let mut lease = self.read.lease().await?;
        let versions = versions::<DB>(lease.connection()).await;
        lease.end(versions)
    }

    fn is_embedded(&self) -> bool {
        DB::EMBEDDED
    }
}

async fn versions<DB: Engine>(connection: &mut DB::Connection) -> Result<SchemaVersions>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    Count: for<'r> FromRow<'r, DB::Row>,
    Version: for<'r> FromRow<'r, DB::Row>,
{
    let there: Count = sqlx::query_as(DB::HAS_VERSION)
        .fetch_one(&mut *connection)
        .await?;
    let found = if there.count == 0 {
        None
    } else {
        let found: Version = sqlx::query_as(FOUND).fetch_one(&mut *connection).await?;
        found.version
    };
    let found = found.unwrap_or_default();
    let oldest = if found < RECORDS_OLDEST {
        Some(found)
    } else {
        let oldest: Version = sqlx::query_as(OLDEST).fetch_one(connection).await?;
        oldest.version
    };
    let needed = DB::migrations().iter().map(|step| step.version).max();
    Ok(SchemaVersions {
        found,
        needed: needed.unwrap_or_default(),
        oldest: oldest.unwrap_or(found),
    })
}

impl SchemaVersions {
    /// Whether the program must first bring the tables up to date.
    #[must_use]
    pub fn is_old(self) -> bool {
        self.found < self.needed
    }

    /// Whether the tables are newer than the program and have been changed in a way that it cannot work with.
    #[must_use]
    pub fn is_beyond(self) -> bool {
        self.needed < self.oldest
    }
}

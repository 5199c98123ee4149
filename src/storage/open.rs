//! Opening a database, by its URL.

use super::{Engine, Error, Result, Schema, SchemaVersions, SqlStore, Store, column::Column};
use sqlx::{
    Connection as _, Executor, FromRow, IntoArguments, PgConnection, Postgres, Sqlite,
    migrate::Migrate,
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{fmt, str::FromStr, sync::Arc, time::Duration};

/// Where the data is, and how to reach it.
#[derive(Clone)]
pub struct Config {
    /// `sqlite://PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.
    pub url: String,
    /// How many connections there are at most, to PostgreSQL or to read from SQLite.
    pub max_connections: u32,
    /// How long an operation waits for a connection.
    pub acquire_timeout: Duration,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("url", &redacted(&self.url))
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout", &self.acquire_timeout)
            .finish()
    }
}

/// The URL without what stands before the host, where a password may be.
fn redacted(url: &str) -> String {
    match (url.split_once("://"), url.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, host))) => format!("{scheme}://...@{host}"),
        _ => url.to_owned(),
    }
}

/// Opens the database that the URL names; an SQLite file is created if it is not there.
///
/// # Errors
/// When the URL names no database of ours, or it is out of reach.
pub async fn open(config: &Config) -> Result<Arc<dyn Store>> {
    let url = config.url.as_str();
    if url.starts_with("sqlite:") {
        Ok(Arc::new(SqlStore::<Sqlite>::open(config).await?))
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        Ok(Arc::new(SqlStore::<Postgres>::open(config).await?))
    } else {
        let url = redacted(url);
        Err(Error::Url(format!(
            "the database URL must begin with 'sqlite://' or 'postgres://', not '{url}'"
        )))
    }
}

impl SqlStore<Postgres> {
    async fn open(config: &Config) -> Result<Self> {
        let options = PgConnectOptions::from_str(&config.url).map_err(invalid_url)?;
        let pool = pool(config, config.max_connections)
            .before_acquire(|connection: &mut PgConnection, used| {
                Box::pin(async move {
                    if used.idle_for > UNTESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.application_name("tenure"))
            .await?;
        Ok(Self {
            read: pool.clone(),
            write: pool,
        })
    }
}

impl SqlStore<Sqlite> {
    async fn open(config: &Config) -> Result<Self> {
        if config.url.contains(":memory:") || config.url.contains("mode=memory") {
            let message = "an SQLite database in memory would be another one for each connection; name a file";
            return Err(Error::Url(message.to_owned()));
        }
        // FULL: what was answered must survive a loss of power.
        let options = SqliteConnectOptions::from_str(&config.url)
            .map_err(invalid_url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(config.acquire_timeout);
        let write = pool(config, 1).connect_with(options.clone()).await?;
        let read = pool(config, config.max_connections)
            .connect_with(options)
            .await?;
        Ok(Self { read, write })
    }
}

/// How long a connection to PostgreSQL may have been idle and is used without a test.
const UNTESTED: Duration = Duration::from_secs(1);

/// Connections are not tested before each use, which would cost a round trip: a broken one shows itself.
fn pool<DB: sqlx::Database>(config: &Config, max_connections: u32) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(max_connections)
        .acquire_timeout(config.acquire_timeout)
        .test_before_acquire(false)
}

fn invalid_url(error: sqlx::Error) -> Error {
    match error {
        sqlx::Error::Configuration(reason) => {
            Error::Url(format!("the database URL cannot be read: {reason}"))
        }
        other => other.into(),
    }
}

/// The tables' version, as the migrations record it.
#[derive(FromRow)]
pub(super) struct Found {
    version: Option<i64>,
}

#[async_trait::async_trait]
impl<DB: Engine> Schema for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Connection: Migrate,
    DB::Arguments: IntoArguments<DB>,
    i64: Column<DB>,
    Found: for<'r> FromRow<'r, DB::Row>,
{
    async fn migrate(&self) -> Result<()> {
        Ok(DB::migrations().run(&self.write).await?)
    }

    async fn versions(&self) -> Result<SchemaVersions> {
        let mut connection = self.write.acquire().await?;
        let migrations = DB::migrations();
        connection
            .ensure_migrations_table(&migrations.table_name)
            .await?;
        let found: Found = sqlx::query_as("select max(version) as version from _sqlx_migrations")
            .fetch_one(&mut *connection)
            .await?;
        let needed = migrations.iter().map(|step| step.version).max();
        Ok(SchemaVersions {
            found: found.version.unwrap_or_default(),
            needed: needed.unwrap_or_default(),
        })
    }

    fn is_embedded(&self) -> bool {
        DB::EMBEDDED
    }
}

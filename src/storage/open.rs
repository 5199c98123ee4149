//! Opening a database, by its URL.

use super::{Engine, Error, Result, Schema, SchemaVersions, SqlStore, Store};
use sqlx::{
    Connection as _, Executor, FromRow, IntoArguments, PgConnection, Pool, Postgres, Sqlite,
    pool::PoolOptions,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{fmt, str::FromStr, sync::Arc, time::Duration};

/// Where the data is, and how to reach it.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which database.
    pub url: DatabaseUrl,
    /// How many connections there are at most, to PostgreSQL or to read from SQLite.
    pub max_connections: u32,
    /// How long an operation waits for a connection.
    pub acquire_timeout: Duration,
}

/// `sqlite://PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. It shows itself without what may be secret:
/// user, password and parameters.
#[derive(Clone)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Takes any text; opening it tells whether it names a database.
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shown, _) = self.0.split_once('?').unwrap_or((&self.0, ""));
        let (scheme, rest) = shown.split_once("://").unwrap_or(("", shown));
        let separator = if scheme.is_empty() { "" } else { "://" };
        match rest.rsplit_once('@') {
            Some((_, host)) => write!(f, "{scheme}{separator}...@{host}"),
            None => f.write_str(shown),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Opens the database that the URL names; an SQLite file is created if it is not there.
///
/// # Errors
/// When the URL names no database of ours, or it is out of reach.
pub async fn open(config: &Config) -> Result<Arc<dyn Store>> {
    let url = config.url.0.as_str();
    if url.starts_with("sqlite:") {
        Ok(Arc::new(SqlStore::<Sqlite>::open(config).await?))
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        Ok(Arc::new(SqlStore::<Postgres>::open(config).await?))
    } else {
        let url = &config.url;
        Err(Error::Url(format!(
            "the database URL must begin with 'sqlite://' or 'postgres://', not '{url}'"
        )))
    }
}

impl SqlStore<Postgres> {
    async fn open(config: &Config) -> Result<Self> {
        let options = PgConnectOptions::from_str(&config.url.0)
            .map_err(invalid_url)?
            .application_name("tenure");
        // The pool would try until its time is over, and then not say why.
        PgConnection::connect_with(&options).await?.close().await?;
        let pool = pool(config, config.max_connections)
            .before_acquire(|connection: &mut PgConnection, used| {
                Box::pin(async move {
                    if used.idle_for > UNTESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self {
            read: pool.clone(),
            write: pool,
        })
    }
}

impl SqlStore<Sqlite> {
    async fn open(config: &Config) -> Result<Self> {
        if config.url.0.contains(":memory:") || config.url.0.contains("mode=memory") {
            let message = "an SQLite database in memory would be another one for each connection; name a file";
            return Err(Error::Url(message.to_owned()));
        }
        let options = SqliteConnectOptions::from_str(&config.url.0).map_err(invalid_url)?;
        if options.get_filename().as_os_str().is_empty() {
            let message = "the database URL names no file, like sqlite://tenure.db does";
            return Err(Error::Url(message.to_owned()));
        }
        // FULL: what was answered must survive a loss of power.
        let options = options
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

/// How many there are.
#[derive(FromRow)]
pub(super) struct Count {
    count: i64,
}

/// The tables' version, as the migrations record it.
#[derive(FromRow)]
pub(super) struct Found {
    version: Option<i64>,
}

const VERSION: &str = "select max(version) as version from _sqlx_migrations";

#[async_trait::async_trait]
impl<DB: Engine> Schema for SqlStore<DB>
where
    for<'c> &'c Pool<DB>: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    Count: for<'r> FromRow<'r, DB::Row>,
    Found: for<'r> FromRow<'r, DB::Row>,
{
    async fn migrate(&self) -> Result<()> {
        DB::migrate(&self.write).await
    }

    async fn versions(&self) -> Result<SchemaVersions> {
        let there: Count = sqlx::query_as(DB::HAS_VERSION)
            .fetch_one(&self.read)
            .await?;
        let found = if there.count == 0 {
            None
        } else {
            let found: Found = sqlx::query_as(VERSION).fetch_one(&self.read).await?;
            found.version
        };
        let needed = DB::migrations().iter().map(|step| step.version).max();
        Ok(SchemaVersions {
            found: found.unwrap_or_default(),
            needed: needed.unwrap_or_default(),
        })
    }

    fn is_embedded(&self) -> bool {
        DB::EMBEDDED
    }
}

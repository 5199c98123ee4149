//! Opening a database, by its URL.

use super::{
    Engine, Error, Result, SqlStore, Store,
    gathered::Gathered,
    pool::{Limits, Options, Pool},
};
use sqlx::{
    Postgres, Sqlite,
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
    /// How long an operation waits for a connection, and for the lock of another process on SQLite.
    pub acquire_timeout: Duration,
    /// How long PostgreSQL may work on a statement before it gives it up; zero is as long as it likes.
    pub statement_timeout: Duration,
    /// How old a connection may become.
    pub connection_life: Duration,
    /// How many concurrent requests at most share a statement; with one each has its own.
    pub batch: usize,
}

impl Config {
    /// The settings that `tenure` has by default, on this database.
    #[must_use]
    pub fn new(url: DatabaseUrl) -> Self {
        Self {
            url,
            max_connections: 8,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(5),
            connection_life: Duration::from_mins(30),
            batch: 64,
        }
    }

    fn limits(&self, connections: u32) -> Limits {
        Limits {
            connections,
            patience: self.acquire_timeout,
            life: self.connection_life,
        }
    }
}

/// `sqlite://PATH`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=MODE`. It shows itself without what may
/// be secret: user, password and parameters.
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
        let store = SqlStore::<Sqlite>::open(config)?;
        Ok(Arc::new(store.reached().await?))
    } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
        let store = SqlStore::<Postgres>::open(config)?;
        Ok(Arc::new(store.reached().await?))
    } else {
        let url = &config.url;
        Err(Error::Url(format!(
            "the database URL must begin with 'sqlite://' or 'postgres://', not '{url}'"
        )))
    }
}

impl<DB: Engine> SqlStore<DB> {
    fn on(read: Pool<DB>, write: Pool<DB>, direct: Options<DB>, config: &Config) -> Self {
        Self {
            gathered: Gathered::new(&read, &write, config.batch),
            read,
            write,
            direct,
        }
    }

    /// The same, once a connection could be opened: what is wrong with a URL is to be told at the start.
    async fn reached(self) -> Result<Self> {
        self.write.lease().await?.end(Ok::<_, Error>(()))?;
        Ok(self)
    }
}

/// Each statement finds its rows by an index, in the same way for one user and for many, so it is planned once: the
/// planner, which expects ten elements of any array, would plan anew for each that has one, and that costs more than
/// the statement. A plan that is kept must not come from the day when the tables were empty, when to read them whole
/// was best; nor is there anything to compile.
const PLANS: [(&str, &str); 3] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("jit", "off"),
];

impl SqlStore<Postgres> {
    fn open(config: &Config) -> Result<Self> {
        let direct = PgConnectOptions::from_str(&config.url.0)?.application_name("tenure");
        let limit = config.statement_timeout.as_millis();
        let limited: Options<Postgres> = direct
            .clone()
            .options([("statement_timeout", limit.to_string().as_str())])
            .options(PLANS);
        let pool = Pool::new(limited, config.limits(config.max_connections))?;
        Ok(Self::on(pool.clone(), pool, direct, config))
    }
}

impl SqlStore<Sqlite> {
    fn open(config: &Config) -> Result<Self> {
        if config.url.0.contains(":memory:") || config.url.0.contains("mode=memory") {
            let message = "an SQLite database in memory would be another one for each connection; name a file";
            return Err(Error::Url(message.to_owned()));
        }
        let options = SqliteConnectOptions::from_str(&config.url.0)?;
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
        let read = Pool::new(options.clone(), config.limits(config.max_connections))?;
        let write = Pool::new(options.clone(), config.limits(1))?;
        Ok(Self::on(read, write, options, config))
    }
}

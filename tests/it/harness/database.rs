//! A database of its own for each test.

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions,
};
use std::{
    path::Path,
    str::FromStr as _,
    sync::atomic::{AtomicU32, Ordering},
};
use tempfile::TempDir;

/// An empty database, which goes with this.
pub enum Database {
    Sqlite(TempDir),
    Postgres { server: String, name: String },
}

/// What keeps others from the database until it ends.
pub enum Outage {
    /// A transaction that holds the lock which every write needs.
    Sqlite(SqliteConnection),
    /// The same.
    Postgres(PgConnection),
    /// A database that takes no connections.
    Closed { server: String, name: String },
}

impl Database {
    /// A file in memory where the system keeps files there: what a test writes need not outlive a loss of power, and
    /// waiting for the disk is most of the time of a change.
    pub fn sqlite() -> Self {
        let in_memory = tempfile::tempdir_in("/dev/shm");
        Self::Sqlite(in_memory.or_else(|_| tempfile::tempdir()).unwrap())
    }

    /// A new database on the server that `TEST_DATABASE_URL` names. Where it names none the test is skipped, or fails
    /// if `REQUIRE_POSTGRES` is set.
    #[expect(clippy::disallowed_methods, reason = "the tests have no configuration")]
    pub async fn postgres() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            assert!(
                std::env::var("REQUIRE_POSTGRES").is_err(),
                "TEST_DATABASE_URL names no server"
            );
            return None;
        };
        let (process, number) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let name = format!("tenure_test_{process}_{number}");
        let database = Self::Postgres { server, name };
        database.create().await;
        Some(database)
    }

    pub fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => format!("sqlite://{}/test.db", folder.path().display()),
            Self::Postgres { server, name } => {
                let (base, options) = server.split_once('?').unwrap_or((server, ""));
                let (base, _) = base.rsplit_once('/').unwrap();
                format!("{base}/{name}?{options}")
            }
        }
    }

    /// The host and port of the server, and the URL by which the database is reached through this port instead.
    pub fn through(&self, port: u16) -> (String, String) {
        let url = self.url();
        let (start, rest) = url.split_once('@').unwrap();
        let (server, rest) = rest.split_once('/').unwrap();
        let separator = if rest.contains('?') { '&' } else { '?' };
        let url = format!("{start}@127.0.0.1:{port}/{rest}{separator}sslmode=disable");
        (server.to_owned(), url)
    }

    /// Another empty one on the same engine.
    pub async fn another(&self) -> Self {
        if self.is_postgres() {
            Self::postgres().await.unwrap()
        } else {
            Self::sqlite()
        }
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres { .. })
    }

    async fn create(&self) {
        if let Self::Postgres { server, name } = self {
            let mut connection = PgConnection::connect(server).await.unwrap();
            let sql = format!("create database {name} template template0");
            connection.execute(AssertSqlSafe(sql)).await.unwrap();
        }
    }

    /// Runs statements, past the application.
    pub async fn run(&self, sql: &str) {
        self.try_run(sql).await.unwrap();
    }

    /// Runs statements that may be refused.
    pub async fn try_run(&self, sql: &str) -> sqlx::Result<()> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
                connection.execute(sql).await.map(drop)
            }
            Self::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url()).await.unwrap();
                connection.execute(sql).await.map(drop)
            }
        }
    }

    /// Runs the migrations of a folder.
    pub async fn migrate_by(&self, folder: &Path) {
        let steps = Migrator::new(folder).await.unwrap();
        match self {
            Self::Sqlite(_) => {
                let options = SqliteConnectOptions::from_str(&self.url()).unwrap();
                let connection = options.create_if_missing(true).connect().await;
                steps.run(&mut connection.unwrap()).await.unwrap();
            }
            Self::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url()).await.unwrap();
                steps.run(&mut connection).await.unwrap();
            }
        }
    }

    /// The numbers in the first column of a query.
    pub async fn numbers(&self, sql: &str) -> Vec<i64> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
                let query = sqlx::query_scalar(sql).fetch_all(&mut connection);
                query.await.unwrap()
            }
            Self::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url()).await.unwrap();
                let query = sqlx::query_scalar(sql).fetch_all(&mut connection);
                query.await.unwrap()
            }
        }
    }

    /// Takes the lock that every write needs, until the outage ends.
    pub async fn lock(&self) -> Outage {
        self.lock_table("user_revision").await
    }

    /// Takes the lock that whoever writes to this table needs; on SQLite that is the one of all.
    pub async fn lock_table(&self, table: &str) -> Outage {
        match self {
            Self::Sqlite(_) => {
                let mut connection = SqliteConnection::connect(&self.url()).await.unwrap();
                connection.execute("begin immediate").await.unwrap();
                Outage::Sqlite(connection)
            }
            Self::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url()).await.unwrap();
                let lock = format!("begin; lock table {table} in access exclusive mode");
                connection.execute(AssertSqlSafe(lock)).await.unwrap();
                Outage::Postgres(connection)
            }
        }
    }

    /// Takes the database out of reach: PostgreSQL ends all connections and takes no new ones; of an SQLite file
    /// nobody else can be kept but from writing.
    pub async fn outage(&self) -> Outage {
        let Self::Postgres { server, name } = self else {
            return self.lock().await;
        };
        let (server, name) = (server.clone(), name.clone());
        let mut connection = PgConnection::connect(&server).await.unwrap();
        // One after the other: whoever is ended must not be let in again.
        for step in [
            format!("alter database {name} allow_connections false"),
            format!(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"
            ),
        ] {
            connection.execute(AssertSqlSafe(step)).await.unwrap();
        }
        Outage::Closed { server, name }
    }
}

impl Drop for Database {
    /// Drops a PostgreSQL database, on a thread of its own: the test's runtime may be ending.
    fn drop(&mut self) {
        let Self::Postgres { server, name } = self else {
            return;
        };
        let (server, name) = (server.clone(), name.clone());
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                let mut connection = PgConnection::connect(&server).await.unwrap();
                let sql = format!("drop database if exists {name} with (force)");
                connection.execute(AssertSqlSafe(sql)).await.unwrap();
            });
        });
        // A test that failed already must not fail for this instead.
        let _ = dropping.join();
    }
}

impl Outage {
    pub async fn end(self) {
        match self {
            Self::Closed { server, name } => {
                let mut connection = PgConnection::connect(&server).await.unwrap();
                let open = format!("alter database {name} allow_connections true");
                connection.execute(AssertSqlSafe(open)).await.unwrap();
            }
            Self::Sqlite(mut connection) => {
                connection.execute("rollback").await.unwrap();
            }
            Self::Postgres(mut connection) => {
                connection.execute("rollback").await.unwrap();
            }
        }
    }
}

//! Databases, of either engine, that go when they have been measured.

use super::cluster::Cluster;
use anyhow::Context as _;
use serde::Serialize;
use serde_json::Value;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    SqliteConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use std::{collections::BTreeMap, net::SocketAddr, str::FromStr as _};
use tempfile::TempDir;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Engine {
    Postgres,
    Sqlite,
}

impl Engine {
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::Sqlite => "SQLite",
        }
    }
}

/// The PostgreSQL server: ours, or one that was named.
#[derive(Debug)]
pub(crate) enum Server {
    Throwaway(Cluster),
    Given(String),
}

impl Server {
    pub(crate) fn start(given: Option<&str>) -> anyhow::Result<Self> {
        Ok(match given {
            Some(url) => Self::Given(url.to_owned()),
            None => Self::Throwaway(Cluster::start()?),
        })
    }

    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Throwaway(cluster) => &cluster.url,
            Self::Given(url) => url,
        }
    }

    pub(crate) fn postmaster(&self) -> anyhow::Result<Option<u32>> {
        match self {
            Self::Throwaway(cluster) => cluster.postmaster().map(Some),
            Self::Given(_) => Ok(None),
        }
    }

    /// A setting that is in force, by name.
    pub(crate) async fn setting(&self, name: &str) -> anyhow::Result<String> {
        let mut connection = PgConnection::connect(self.url()).await?;
        let query = sqlx::query_scalar("select current_setting($1)").bind(name.to_owned());
        Ok(query.fetch_one(&mut connection).await?)
    }
}

/// A database of its own.
pub(crate) enum Database {
    Postgres { server: String, url: String },
    Sqlite { folder: TempDir },
}

impl Database {
    pub(crate) async fn postgres(server: &Server, name: &str) -> anyhow::Result<Self> {
        let name = format!("tenure_bench_{}_{name}", std::process::id());
        let (base, parameters) = match server.url().split_once('?') {
            Some((base, parameters)) => (base, format!("?{parameters}")),
            None => (server.url(), String::new()),
        };
        let (base, _) = base.rsplit_once('/').context("the URL has no database")?;
        let mut connection = PgConnection::connect(server.url()).await?;
        let create = format!("create database {name} template template0");
        connection.execute(AssertSqlSafe(create)).await?;
        Ok(Self::Postgres {
            server: server.url().to_owned(),
            url: format!("{base}/{name}{parameters}"),
        })
    }

    pub(crate) fn sqlite() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self::Sqlite { folder })
    }

    pub(crate) fn engine(&self) -> Engine {
        match self {
            Self::Postgres { .. } => Engine::Postgres,
            Self::Sqlite { .. } => Engine::Sqlite,
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Postgres { url, .. } => url.clone(),
            Self::Sqlite { folder } => format!("sqlite://{}/bench.db", folder.path().display()),
        }
    }

    /// Where the PostgreSQL server listens, and the URL by which the database is reached through another address.
    pub(crate) fn through(&self, other: SocketAddr) -> anyhow::Result<String> {
        let options = PgConnectOptions::from_str(&self.url())?;
        // In clear: whoever is there is to read along.
        let options = options.ssl_mode(PgSslMode::Disable);
        let options = options.host(&other.ip().to_string()).port(other.port());
        Ok(options.to_url_lossy().to_string())
    }

    pub(crate) fn address(&self) -> anyhow::Result<(String, u16)> {
        let options = PgConnectOptions::from_str(&self.url())?;
        Ok((options.get_host().to_owned(), options.get_port()))
    }

    /// A number that a query gives.
    pub(crate) async fn number(&self, query: &str) -> anyhow::Result<i64> {
        let query = AssertSqlSafe(query.to_owned());
        Ok(match self {
            Self::Postgres { url, .. } => {
                let mut connection = PgConnection::connect(url).await?;
                sqlx::query_scalar(query).fetch_one(&mut connection).await?
            }
            Self::Sqlite { .. } => {
                let mut connection = SqliteConnection::connect(&self.url()).await?;
                sqlx::query_scalar(query).fetch_one(&mut connection).await?
            }
        })
    }

    /// All rows of a user on PostgreSQL but the tokens, by table, without the user's id and the transaction that an
    /// event is placed by.
    pub(crate) async fn rows(&self, user: u64) -> anyhow::Result<BTreeMap<&'static str, Value>> {
        let mut connection = PgConnection::connect(&self.url()).await?;
        let mut rows = BTreeMap::new();
        for table in ["user_revision", "connection", "attribute", "offer", "event"] {
            let query = format!(
                "select coalesce(jsonb_agg(line order by line), '[]') from (
                     select to_jsonb(t) - 'user_id' - 'position' as line from {table} t where user_id = $1) as lines"
            );
            let query = sqlx::query_scalar(AssertSqlSafe(query)).bind(user.to_string());
            rows.insert(table, query.fetch_one(&mut connection).await?);
        }
        Ok(rows)
    }

    /// Drops a PostgreSQL database; the rest goes by itself.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        if let Self::Postgres { server, url } = self {
            let (base, _) = url.split_once('?').unwrap_or((&url, ""));
            let (_, name) = base.rsplit_once('/').unwrap_or_default();
            let mut connection = PgConnection::connect(&server).await?;
            let drop = format!("drop database {name} with (force)");
            connection.execute(AssertSqlSafe(drop)).await?;
        }
        Ok(())
    }
}

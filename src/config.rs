//! The only reader of arguments, environment and settings file. A flag counts before its variable, a variable before the
//! default; the file has what neither can hold.

mod file;
mod operator;
mod serve;
mod sign_in;
mod transport;

use crate::storage::{self, DatabaseUrl};
use clap::{Parser, Subcommand};
pub use file::{InvalidFile, SettingsFile};
pub use operator::{
    AttributeCommand, CatalogCommand, ConnectionAdd, ConnectionCommand, CreateAttribute,
    IssueToken, TokenCommand,
};
pub use serve::{DemoArguments, ListenArguments, RateLimit, ServeArguments};
use std::time::Duration;
pub use transport::TransportArguments;

/// Who may write this piece of a user's data, right now?
///
/// Tenure lets many services write into one user's data, one owner an attribute: it speaks Exist's attribute ownership
/// API, version 2, over REST, and gRPC to internal services.
#[derive(Debug, Parser)]
#[command(name = "tenure", version, propagate_version = true)]
#[command(
    after_help = "Example:\n  tenure demo\n\nTry it out: a whole Tenure on a throwaway database."
)]
pub struct Arguments {
    /// What all commands share.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What all commands share.
#[derive(Debug, clap::Args)]
pub struct Common {
    /// Where the data is.
    #[arg(
        long,
        help = "The database: sqlite://PATH or postgres://USER:PASSWORD@HOST/DATABASE?sslmode=MODE",
        global = true,
        env = "TENURE_DATABASE_URL",
        default_value = "sqlite://tenure.db",
        hide_env_values = true,
        value_parser = |url: &str| Ok::<_, std::convert::Infallible>(DatabaseUrl::new(url)),
        value_name = "URL"
    )]
    pub database_url: DatabaseUrl,

    /// The most connections to PostgreSQL, or to read from SQLite
    #[arg(
        long,
        global = true,
        env = "TENURE_DATABASE_CONNECTIONS",
        default_value_t = 8,
        value_parser = clap::value_parser!(u32).range(1..=1000),
        value_name = "N"
    )]
    pub database_connections: u32,

    /// The longest wait for a connection to the database, or for another process that writes to SQLite
    #[arg(
        long,
        global = true,
        env = "TENURE_DATABASE_ACQUIRE_TIMEOUT",
        default_value = "2s",
        value_parser = some_time,
        value_name = "TIME"
    )]
    pub database_acquire_timeout: Duration,

    /// The longest that PostgreSQL may work on a statement; 0s is as long as it likes
    #[arg(
        long,
        global = true,
        env = "TENURE_DATABASE_STATEMENT_TIMEOUT",
        default_value = "5s",
        value_parser = duration,
        value_name = "TIME"
    )]
    pub database_statement_timeout: Duration,

    /// How old a connection to the database may become
    #[arg(
        long,
        global = true,
        env = "TENURE_DATABASE_CONNECTION_LIFE",
        default_value = "30m",
        value_parser = some_time,
        value_name = "TIME"
    )]
    pub database_connection_life: Duration,

    /// How many concurrent requests at most share a statement to the database; 1 gives each its own
    #[arg(
        long,
        global = true,
        env = "TENURE_DATABASE_BATCH",
        default_value_t = 64,
        value_parser = clap::value_parser!(u16).range(1..=1000),
        value_name = "N"
    )]
    pub database_batch: u16,

    /// Print JSON instead of a table
    #[arg(long, global = true)]
    pub json: bool,

    /// What to log, to standard error: off, error, warn, info, debug, or directives like tenure=debug; info if not said,
    /// and warn for the demo
    #[arg(long, global = true, env = "TENURE_LOG", value_name = "FILTER")]
    pub log: Option<String>,

    /// How to log
    #[arg(
        long,
        global = true,
        env = "TENURE_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    pub log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What `tenure` can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve gRPC, REST and metrics until SIGINT or SIGTERM
    #[command(
        after_help = "Example:\n  tenure serve --database-url sqlite:///var/lib/tenure/tenure.db"
    )]
    Serve(Box<ServeArguments>),
    /// Serve on a throwaway database with users, services and tokens, and print lines to try
    #[command(after_help = "Example:\n  tenure demo --http-addr 127.0.0.1:8081")]
    Demo(DemoArguments),
    /// Bring the database's tables up to date
    #[command(
        after_help = "Example:\n  tenure migrate --database-url postgres://tenure@localhost/tenure"
    )]
    Migrate,
    /// The groups, templates and services that all users share
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Which services a user has connected
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Bearer tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// A user's attributes
    #[command(subcommand)]
    Attribute(AttributeCommand),
}

impl Arguments {
    /// What to log. The demo prints lines to try, among which the changes that set it up would be lost.
    #[must_use]
    pub fn log(&self) -> &str {
        let default = match self.command {
            Command::Demo(_) => "warn",
            _ => "info",
        };
        self.common.log.as_deref().unwrap_or(default)
    }
}

impl Common {
    /// Where the data is.
    #[must_use]
    pub fn storage(&self) -> storage::Config {
        storage::Config {
            url: self.database_url.clone(),
            max_connections: self.database_connections,
            acquire_timeout: self.database_acquire_timeout,
            statement_timeout: self.database_statement_timeout,
            connection_life: self.database_connection_life,
            batch: self.database_batch.into(),
        }
    }
}

/// A span of time that is not none.
fn some_time(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err("expected more than no time".to_owned()),
        time => Ok(time),
    }
}

/// A span of time like `365d`, `12h` or `90s`.
fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|error| format!("{error}; expected a time like 365d or 10s"))
}

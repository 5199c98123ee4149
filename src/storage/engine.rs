//! Everything in which the two databases differ. Each has a file of its own.

use super::{Loaded, Result, Selection, checks, revoked_tokens, tokens};
use crate::domain::{
    Instant,
    change::Change,
    ledger::{Entry, Position},
    name::UserId,
    token::TokenHash,
};
use serde_json::Value;
use sqlx::{Database, migrate::Migrator};

/// A database that Tenure runs on.
#[async_trait::async_trait]
pub(super) trait Engine: Database {
    /// Whether the database is a part of this process.
    const EMBEDDED: bool;
    /// Opens a transaction that may write.
    const BEGIN: &'static str;
    /// Whether reads for several users are better than as many reads.
    const GATHERS_READS: bool;
    /// Adds or replaces the catalog entries in the JSON array `$1`.
    const UPSERT_CATALOG: &'static str;
    /// Ends the removals of the services among those entries.
    const END_REMOVALS: &'static str;

    /// How far the feed can be read: the columns of a [`Horizon`](crate::domain::ledger::Horizon), in one row.
    const HORIZON: &'static str;

    /// Counts the table in which the migrations record the version.
    const HAS_VERSION: &'static str;

    /// The tables, step by step.
    fn migrations() -> &'static Migrator;

    /// Brings the tables up to date, while others may be doing the same.
    async fn migrate(connection: &mut Self::Connection) -> Result<()>;

    /// A moment in a JSON document that SQL takes apart.
    fn json_instant(moment: Instant) -> Value;

    /// How many rows a statement changed.
    fn rows_affected(result: &Self::QueryResult) -> u64;

    /// The tokens of these hashes, as far as there are any, in any order.
    async fn find(
        connection: &mut Self::Connection,
        hashes: &[TokenHash],
    ) -> Result<Vec<tokens::Row>>;

    /// Those of these hashes that are of revoked tokens, in any order.
    async fn revoked(
        connection: &mut Self::Connection,
        hashes: &[TokenHash],
    ) -> Result<Vec<revoked_tokens::Row>>;

    /// Loads what is asked of each user, in one moment for each. The selections are of one kind.
    async fn load(
        connection: &mut Self::Connection,
        asked: &[(UserId, Selection)],
    ) -> Result<Vec<Result<Loaded>>>;

    /// How these attributes stand, in any order; all of one moment.
    async fn seen(
        connection: &mut Self::Connection,
        attributes: &[(UserId, String)],
    ) -> Result<Vec<checks::Row>>;

    /// See [`super::Ledger::prune`].
    async fn prune(
        connection: &mut Self::Connection,
        start: &Position,
        passed: &[Entry],
    ) -> Result<()>;

    /// Writes changes of different users, each all or nothing: [`super::Error::Stale`] for one whose revision is not
    /// the one that it was made for.
    ///
    /// # Errors
    /// Nothing at all is written then.
    async fn commit(
        connection: &mut Self::Connection,
        changes: &[(UserId, Change)],
    ) -> Result<Vec<Result<()>>>;
}

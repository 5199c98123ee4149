//! Storage: what the service needs of a database, in the domain's words, and the one SQL implementation of it.
//!
//! Each operation is atomic in itself; no transaction handle leaves this module. All that differs between the
//! engines is in a file of each, in how a moment is kept (`column`), and in opening (`open`). What every request does
//! (find its token, load, commit) goes through `gathered`, which makes one statement of those that come at a time. The
//! traits are the contract, `tests/it/storage` is its conformance suite, and both engines pass it.

mod catalog;
mod checks;
mod coalesce;
mod column;
mod document;
mod engine;
mod error;
mod gathered;
mod internal_tokens;
mod ledger;
mod loaded;
mod open;
mod pool;
mod postgres;
mod pruning;
mod records;
mod removals;
mod revoked_tokens;
mod schema;
mod sqlite;
mod tokens;
mod users;

use crate::domain::{
    Instant,
    catalog::CatalogFile,
    change::Change,
    check::Seen,
    internal::InternalToken,
    ledger::{Entry, Events, Horizon, Position, Query},
    name::{AttributeName, ServiceName, UserId},
    record::{IdempotencyKey, Record},
    removal::Removal,
    state::UserState,
    token::{TokenHash, TokenRecord},
    withdrawal::RevokedToken,
};
use engine::Engine;
pub use error::{Error, Result};
pub use open::{Config, DatabaseUrl, open};

/// Which of a user's attributes to load. Every connection and withdrawal is loaded always, and of the offers those
/// for the attributes that are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Those of these names, if the user has them.
    Named(Vec<AttributeName>),
    /// Those that the service owns.
    OwnedBy(ServiceName),
    /// All.
    All,
}

/// What was loaded of a user, all of it at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The state; that of a user who is not known is empty, at revision 0.
    pub state: UserState,
    /// The catalog's version at that moment.
    pub catalog_version: i64,
}

/// The users' data.
#[async_trait::async_trait]
pub trait Users: Send + Sync {
    /// Loads a part of a user's state, in one statement.
    async fn load(&self, user: &UserId, selection: &Selection) -> Result<Loaded>;

    /// Commits a change and its events, all or nothing, and raises the user's revision by one.
    ///
    /// # Errors
    /// [`Error::Stale`] if the user's revision is not `change.revision` any more; nothing is written then.
    async fn commit(&self, user: &UserId, change: Change) -> Result<()>;

    /// The first users after `after` who have the service connected, in byte order of their ids; at most `limit`.
    async fn connected(
        &self,
        service: &ServiceName,
        after: &str,
        limit: u32,
    ) -> Result<Vec<UserId>>;
}

/// Tokens, by their hash. They are issued, and ended with their connection, by [`Users::commit`].
#[async_trait::async_trait]
pub trait Tokens: Send + Sync {
    /// The token with that hash, valid or not.
    async fn find(&self, hash: &TokenHash) -> Result<Option<TokenRecord>>;

    /// The user's tokens, valid or not, the latest first.
    async fn of_user(&self, user: &UserId) -> Result<Vec<TokenRecord>>;

    /// Revokes the tokens with a hash in this range, ends included, unless they are; how many it was. A token's end
    /// changes nothing that a revision orders, so no user's revision rises.
    async fn revoke(&self, first: &TokenHash, last: &TokenHash, at: Instant) -> Result<u64>;

    /// Deletes tokens that expired before `before`, at most `limit` of them; how many it was.
    async fn forget(&self, before: Instant, limit: u32) -> Result<u64>;
}

/// Tokens of outside authorization servers that are refused before their time, by their hash.
#[async_trait::async_trait]
pub trait RevokedTokens: Send + Sync {
    /// Whether the token with that hash is one of them.
    async fn is_revoked(&self, hash: &TokenHash) -> Result<bool>;

    /// Adds a token. For one that is there the later of the two ends counts.
    async fn add_revoked(&self, token: &RevokedToken) -> Result<()>;

    /// Deletes tokens that expired before `before`, at most `limit` of them; how many it was.
    async fn forget_revoked(&self, before: Instant, limit: u32) -> Result<u64>;
}

/// Answers that are kept for requests that may be sent again. They are written by [`Users::commit`].
#[async_trait::async_trait]
pub trait Records: Send + Sync {
    /// What was answered to the request of that name, expired or not.
    async fn kept(
        &self,
        user: &UserId,
        service: &ServiceName,
        key: &IdempotencyKey,
    ) -> Result<Option<Record>>;

    /// Deletes answers that expired before `before`, at most `limit` of them; how many it was.
    async fn forget_records(&self, before: Instant, limit: u32) -> Result<u64>;
}

/// How attributes stand, for checks before a write.
#[async_trait::async_trait]
pub trait Checks: Send + Sync {
    /// How each of these attributes stands, all of them at one moment. A name that is no attribute's names none.
    async fn seen(&self, attributes: Vec<(UserId, String)>) -> Result<Vec<Seen>>;
}

/// What happened. Events are written by [`Users::commit`].
#[async_trait::async_trait]
pub trait Ledger: Send + Sync {
    /// A page of one user's events.
    async fn events(&self, user: &UserId, query: &Query) -> Result<Events>;

    /// How far the feed can be read now.
    async fn horizon(&self) -> Result<Horizon>;

    /// The first events of the feed after `after` that belong to a transaction before `complete`, of all users or of
    /// one; at most `limit`. None is missing if `complete` is that of a [`Horizon`] that was asked for before.
    async fn feed(
        &self,
        after: &Position,
        complete: i64,
        user: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<Entry>>;

    /// The place of the user's last event at this revision or before; one before all of theirs if there is none.
    async fn place_of(&self, user: &UserId, revision: i64) -> Result<Position>;

    /// Moves the start of the feed past these events, which follow it without a gap, and deletes what came before them
    /// of their attributes: the last event of an attribute stays.
    ///
    /// # Errors
    /// [`Error::Stale`] if the start is not `start` any more; nothing is deleted then.
    async fn prune(&self, start: &Position, passed: &[Entry]) -> Result<()>;
}

/// Tokens of internal services, by their hash.
#[async_trait::async_trait]
pub trait InternalTokens: Send + Sync {
    /// The token with that hash, valid or not.
    async fn find_internal(&self, hash: &TokenHash) -> Result<Option<InternalToken>>;

    /// Adds a token.
    async fn add_internal(&self, token: &InternalToken) -> Result<()>;

    /// All tokens, valid or not, the latest first.
    async fn internal(&self) -> Result<Vec<InternalToken>>;

    /// Revokes the tokens with a hash in this range, ends included, unless they are; how many it was.
    async fn revoke_internal(
        &self,
        first: &TokenHash,
        last: &TokenHash,
        at: Instant,
    ) -> Result<u64>;

    /// Deletes tokens that expired before `before`, at most `limit` of them; how many it was.
    async fn forget_internal(&self, before: Instant, limit: u32) -> Result<u64>;
}

/// The operator's entries of the catalog.
#[async_trait::async_trait]
pub trait Catalogs: Send + Sync {
    /// How often the entries have been changed.
    async fn version(&self) -> Result<i64>;

    /// All entries, and a version that is not newer than they are.
    async fn entries(&self) -> Result<(i64, CatalogFile)>;

    /// Adds or replaces entries, all or nothing, if the version is still `version`, and raises it by one. The removal
    /// of a service that comes back is over.
    ///
    /// # Errors
    /// [`Error::Stale`] if it is not.
    async fn apply(&self, version: i64, entries: &CatalogFile) -> Result<()>;

    /// Takes a service out, records the work that follows from it, and raises the version by one; all or nothing.
    ///
    /// # Errors
    /// [`Error::Stale`] if the version is not `version` any more.
    async fn remove(&self, version: i64, removal: &Removal) -> Result<()>;
}

/// The work that follows when a service leaves the catalog.
#[async_trait::async_trait]
pub trait Removals: Send + Sync {
    /// What is under way, by service.
    async fn pending(&self) -> Result<Vec<Removal>>;

    /// Records how far the work has come.
    ///
    /// # Errors
    /// [`Error::Stale`] if it was not at `from` any more; nothing is recorded then.
    async fn advance(&self, from: &Removal, to: &Removal) -> Result<()>;

    /// Records that nothing is left to be done, if the work has come no further meanwhile.
    async fn finish(&self, removal: &Removal) -> Result<()>;
}

/// The tables themselves.
#[async_trait::async_trait]
pub trait Schema: Send + Sync {
    /// Brings the tables up to what this program needs.
    async fn migrate(&self) -> Result<()>;

    /// How far the tables are, and what this program needs.
    async fn versions(&self) -> Result<SchemaVersions>;

    /// Whether the database is a file, which any command may migrate by itself.
    fn is_embedded(&self) -> bool;
}

/// How far the tables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SchemaVersions {
    /// What the database has; 0 is nothing.
    pub found: i64,
    /// What this program was built for.
    pub needed: i64,
    /// The oldest version whose programs can work on what the database has.
    pub oldest: i64,
}

/// All that there is to store.
pub trait Store:
    Users
    + Tokens
    + RevokedTokens
    + InternalTokens
    + Records
    + Checks
    + Ledger
    + Catalogs
    + Removals
    + Schema
{
}
impl<T> Store for T where
    T: Users
        + Tokens
        + RevokedTokens
        + InternalTokens
        + Records
        + Checks
        + Ledger
        + Catalogs
        + Removals
        + Schema
{
}

/// The SQL implementation. SQLite has one writer, so it has a pool of one connection to write with; on PostgreSQL
/// both are the same pool.
struct SqlStore<DB: Engine> {
    read: pool::Pool<DB>,
    write: pool::Pool<DB>,
    gathered: gathered::Gathered,
    /// How to connect past the pool, for as long as it takes.
    direct: pool::Options<DB>,
}

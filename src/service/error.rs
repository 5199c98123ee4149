//! The outcomes of a use case other than success.
//!
//! An item of a batch that fails is no error but a part of the answer: see `domain::failure`.

use crate::{
    domain::{
        decide::{CreateRefused, IssueRefused},
        name::{AttributeName, ServiceName},
        record::IdempotencyKey,
        succession::Unqualified,
    },
    storage,
};

/// Why a use case as a whole did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller's connection is gone, and its token with it.
    #[error("Invalid token")]
    Disconnected,
    /// The request breaks a rule that does not depend on any state.
    #[error("{}", .0.iter().map(|v| v.description.as_str()).collect::<Vec<_>>().join(" "))]
    InvalidRequest(Vec<Violation>),
    /// The key of a request was that of another one before.
    #[error("Idempotency key '{0}' was used for another request.")]
    KeyReused(IdempotencyKey),
    /// Events are asked for that the ledger has no more.
    #[error(
        "the ledger is not complete from there on any more; the oldest place that works is '{oldest}'"
    )]
    NotRetained {
        /// The oldest place that works: a cursor or a revision, as was asked for.
        oldest: String,
    },
    /// A cursor from beyond the end.
    #[error("the cursor is none that this database gave")]
    UnknownCursor,
    /// Whoever watches has not taken what there was for so long that it is not kept for it.
    #[error("the reader fell too far behind; watch again from the cursor '{cursor}'")]
    WatchTooSlow {
        /// Up to here all was sent.
        cursor: String,
    },
    /// This instance stops.
    #[error("this instance stops; watch again from the cursor '{cursor}'")]
    ShuttingDown {
        /// Up to here all was sent.
        cursor: String,
    },
    /// The operator asked for what cannot be.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// An attribute that the user does not have.
    #[error("User doesn't have an attribute named '{0}'")]
    NoSuchAttribute(AttributeName),
    /// A service that the user has not connected.
    #[error("service '{0}' is not connected")]
    NotConnected(ServiceName),
    /// The user chose an owner that cannot be.
    #[error("service '{service}' cannot own '{attribute}': {why}")]
    NotQualified {
        /// The owner that was chosen.
        service: ServiceName,
        /// Of which attribute.
        attribute: AttributeName,
        /// Why not.
        why: Unqualified,
    },
    /// An attribute that nobody owns cannot be active or pinned.
    #[error("nobody owns '{0}', and what nobody owns is neither active nor pinned")]
    NotOwned(AttributeName),
    /// The user decided about what is not so any more.
    #[error("{0} was changed meanwhile; look at it again")]
    ChangedMeanwhile(String),
    /// An ID token that is not as it must be.
    #[error("Invalid token")]
    TokenInvalid,
    /// Nobody can sign in here.
    #[error("no sign-in is set up here")]
    SignInDisabled,
    /// Others changed the same data each time.
    #[error("too many others are changing the same data; try again")]
    Contended,
    /// The database is out of reach.
    #[error("the database is out of reach")]
    Unavailable(#[source] storage::Error),
    /// It cannot be told now whether a token is good.
    #[error("tokens cannot be verified now")]
    Unverifiable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault of this program, or of the data.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// One field of a request that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which, as the request spells it.
    pub field: String,
    /// What was expected: one sentence.
    pub description: String,
}

/// What an operator asked for and cannot have.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// No such service.
    #[error("there is no service '{0}' in the catalog; add it with 'tenure catalog apply'")]
    UnknownService(ServiceName),
    /// A scope that is about no group.
    #[error(
        "there is no scope '{0}': a scope is a group of the catalog or 'manual', and '_read' or '_write'"
    )]
    UnknownScope(String),
    /// A removal of what is not connected.
    #[error("service '{0}' is not connected")]
    NotConnected(ServiceName),
    /// A token that the connection does not cover.
    #[error(transparent)]
    Issue(#[from] IssueRefused),
    /// An attribute that cannot be created.
    #[error(transparent)]
    Create(#[from] CreateRefused),
    /// An attribute that the user does not have.
    #[error("the user has no attribute named '{0}'")]
    NoSuchAttribute(AttributeName),
    /// An attribute that nobody owns cannot be active.
    #[error("nobody owns '{0}', and what nobody owns cannot be active")]
    NotOwned(AttributeName),
    /// A catalog whose entries do not fit together.
    #[error(transparent)]
    Catalog(#[from] crate::domain::catalog::InvalidCatalog),
    /// A token that was not issued, or is revoked already.
    #[error("there is no such token, or it is revoked already")]
    NoSuchToken,
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        match error {
            storage::Error::Stale => Self::Contended,
            storage::Error::Unavailable(_) => Self::Unavailable(error),
            storage::Error::Inconsistent { .. }
            | storage::Error::Migration(_)
            | storage::Error::Url(_)
            | storage::Error::Database(_) => Self::Internal(error.into()),
        }
    }
}

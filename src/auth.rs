//! From a bearer token to a principal.

mod certificate;
mod issuers;
mod opaque;
mod secret;

use crate::domain::{
    Instant,
    internal::Role,
    name::{ServiceName, UserId},
    scope::Scopes,
    token::TokenHash,
};
pub use certificate::{
    CertificateHolder, CertificateHolders, CertificateId, Certified, InvalidCertificateId,
};
pub use issuers::{
    EndpointUrl, IdTokens, InternalService, InternalSettings, IntrospectionSettings,
    InvalidSetting, IssuerSettings, IssuerUrl, Issuers, Secret, SignInSettings, SigningAlgorithm,
    TokenType, Unusable, id_tokens, prepare,
};
pub use opaque::OpaqueTokens;
pub use secret::{TokenKind, TokenSecret};
use std::{fmt, time::Duration};

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// An OAuth2 client, for a user.
    Client(Client),
    /// A user, with a token of their own.
    User(User),
    /// A service of the platform itself.
    Internal(Internal),
}

impl Principal {
    /// From when on the token is refused.
    #[must_use]
    pub fn expires_at(&self) -> Instant {
        match self {
            Self::Client(client) => client.expires_at,
            Self::User(user) => user.expires_at,
            Self::Internal(internal) => internal.expires_at,
        }
    }

    /// The token whose calls are counted; those of internal services are not.
    #[must_use]
    pub fn limited(&self) -> Option<&TokenHash> {
        match self {
            Self::Client(client) => Some(&client.token),
            Self::User(user) => Some(&user.token),
            Self::Internal(_) => None,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Client(client) => write!(f, "service:{} for {}", client.service, client.user),
            Self::User(user) => write!(f, "user:{}", user.user),
            Self::Internal(internal) => write!(f, "internal:{} ({})", internal.name, internal.role),
        }
    }
}

/// An OAuth2 client that acts for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Whose attributes.
    pub user: UserId,
    /// Which service.
    pub service: ServiceName,
    /// What the token grants; the connection may grant less.
    pub scopes: Scopes,
    /// When the token was issued; the beginning of 1970 if it does not tell, so that it counts as issued before whatever
    /// the user has withdrawn since.
    pub issued_at: Instant,
    /// From when on the token is refused.
    pub expires_at: Instant,
    /// What tells this token from others ([`TokenSecret::identity_of`]), for its limit and for whoever revokes it.
    pub token: TokenHash,
    /// Who made the token.
    pub issuer: Issuer,
}

/// Who made a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Issuer {
    /// Tenure: the token lies within a connection, and is known to the store.
    Tenure,
    /// An outside authorization server, to which the user granted what the token says.
    Outside,
}

/// A user who acts for themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub user: UserId,
    /// When the token was issued.
    pub issued_at: Instant,
    /// From when on the token is refused.
    pub expires_at: Instant,
    /// What tells this token from others, for its limit.
    pub token: TokenHash,
}

/// A service of the platform itself, which acts for no user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Internal {
    /// What it is called.
    pub name: ServiceName,
    /// What it may do.
    pub role: Role,
    /// When the token was issued.
    pub issued_at: Instant,
    /// From when on the token is refused.
    pub expires_at: Instant,
}

/// Why a caller is not let in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no bearer token.
    #[error("Authentication credentials were not provided.")]
    Missing,
    /// The token is unknown, expired or revoked.
    #[error("Invalid token")]
    Invalid,
    /// The token is good, but not an OAuth2 client's.
    #[error("This token is not an OAuth2 client's; only a service can do this.")]
    NotAClient,
    /// The token is good, but not an internal service's.
    #[error("This token is not an internal service's; only such a service can do this.")]
    NotInternal,
    /// The token is good, but not a user's own.
    #[error("This token is not a user's own; only users themselves can do this.")]
    NotAUser,
    /// The token is an internal service's, whose role does not allow it.
    #[error("This needs an internal service of role {needed}; the token's is {has}.")]
    RoleTooSmall {
        /// What the token's is.
        has: Role,
        /// The least that will do.
        needed: Role,
    },
    /// It cannot be told now whether the token is good.
    #[error("tokens cannot be verified now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A fault of this program, or of the data.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Turns a bearer token into a principal.
#[async_trait::async_trait]
pub trait Verifier: Send + Sync {
    /// Who the token belongs to.
    ///
    /// # Errors
    /// [`Error::Invalid`] if to nobody, [`Error::Unavailable`] if that cannot be told.
    async fn verify(&self, token: &str) -> Result<Principal, Error>;

    /// For how long the principal's token will be good yet, unless it is revoked.
    fn remaining(&self, principal: &Principal) -> Duration;
}

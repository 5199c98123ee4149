//! Internal services: those of the platform itself, which act for no user.

use super::{
    Instant,
    name::{InvalidName, ServiceName},
    token::TokenHash,
};
use std::{fmt, str::FromStr};

/// What an internal service may do; each role may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Ask: checks, introspection, the ledger, watches, connections.
    Reader,
    /// Tell what users granted elsewhere, and what they withdrew: what an authorization server does.
    Writer,
    /// Change what an operator can: tokens and attributes too.
    Operator,
}

impl Role {
    const ALL: [Self; 3] = [Self::Reader, Self::Writer, Self::Operator];

    /// How it is stored and written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Operator => "operator",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let role = Self::ALL.into_iter().find(|role| role.as_str() == text);
        role.ok_or(InvalidName::of("role", "reader, writer or operator"))
    }
}

/// A token of an internal service, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternalToken {
    /// Its key.
    pub hash: TokenHash,
    /// What the service is called; it has nothing to do with the services of the catalog.
    pub name: ServiceName,
    /// What it may do.
    pub role: Role,
    /// When it was issued.
    pub issued_at: Instant,
    /// From when on it is refused.
    pub expires_at: Instant,
    /// Since when it is refused before its time.
    pub revoked_at: Option<Instant>,
}

impl InternalToken {
    /// Whether it opens anything at this moment.
    #[must_use]
    pub fn is_valid(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

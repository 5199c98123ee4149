//! The ledger: what happened to a user's attributes.

use super::{
    Instant,
    name::{AttributeName, InvalidName, ServiceName},
};
use std::{fmt, str::FromStr};

/// One change of one attribute. Within a user events are ordered by the revision that committed them and their
/// number within it. An event holds the state after it, so that the last one of an attribute tells how it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// What changed.
    pub attribute: AttributeName,
    /// Who owned it before.
    pub from: Option<ServiceName>,
    /// Who owns it after.
    pub to: Option<ServiceName>,
    /// Its generation after.
    pub generation: i64,
    /// Whether it is active after.
    pub active: bool,
    /// Whether it is manual after.
    pub manual: bool,
    /// Whether it is pinned after.
    pub pinned: bool,
    /// Why.
    pub cause: Cause,
}

/// Why an attribute changed. What a change of owner brings with it (active, another `manual`) has no event of its
/// own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// It came to be, owned by nobody.
    Created,
    /// A service acquired what was nobody's.
    Acquired,
    /// A service acquired what was another's.
    Taken,
    /// Its owner released it, and nobody qualified.
    Released,
    /// Its owner gave it up or lost it, and this successor qualified.
    Inherited,
    /// The user chose the owner.
    UserChoice,
    /// Its owner was disconnected, and nobody qualified.
    Disconnected,
    /// The grant of its owner covers it no more, and nobody qualified.
    ScopeNarrowed,
    /// It was switched on again.
    Activated,
    /// It was switched off.
    Deactivated,
    /// `manual` was set or cleared by its owner.
    ManualChanged,
    /// The user pinned it to its owner.
    Pinned,
    /// It is pinned no more.
    Unpinned,
}

impl Cause {
    /// How it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "CREATED",
            Self::Acquired => "ACQUIRED",
            Self::Taken => "TAKEN",
            Self::Released => "RELEASED",
            Self::Inherited => "INHERITED",
            Self::UserChoice => "USER_CHOICE",
            Self::Disconnected => "DISCONNECTED",
            Self::ScopeNarrowed => "SCOPE_NARROWED",
            Self::Activated => "ACTIVATED",
            Self::Deactivated => "DEACTIVATED",
            Self::ManualChanged => "MANUAL_CHANGED",
            Self::Pinned => "PINNED",
            Self::Unpinned => "UNPINNED",
        }
    }

    /// All of them. Those that this program never gives are read all the same: a later one on the same database may.
    pub const ALL: [Self; 13] = [
        Self::Created,
        Self::Acquired,
        Self::Taken,
        Self::Released,
        Self::Inherited,
        Self::UserChoice,
        Self::Disconnected,
        Self::ScopeNarrowed,
        Self::Activated,
        Self::Deactivated,
        Self::ManualChanged,
        Self::Pinned,
        Self::Unpinned,
    ];
}

impl FromStr for Cause {
    type Err = InvalidName;

    /// Takes what [`Cause::as_str`] gives.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let cause = Self::ALL.into_iter().find(|cause| cause.as_str() == text);
        cause.ok_or(InvalidName::of("cause", "one of those that are recorded"))
    }
}

/// What all events of one transaction have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// Who made the change.
    pub actor: Actor,
    /// The request that made it: 1 to 128 of `A-Za-z0-9._-`.
    pub request_id: String,
    /// When.
    pub at: Instant,
}

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// A service, through its token.
    Service(ServiceName),
    /// The user whose attributes they are.
    User,
    /// Whoever runs this Tenure, by its commands.
    Operator,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name) => write!(f, "service:{name}"),
            Self::User => f.write_str("user"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

impl FromStr for Actor {
    type Err = InvalidName;

    /// Takes what `Display` writes.
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        match text.split_once(':') {
            Some(("service", name)) => Ok(Self::Service(ServiceName::parse(name)?)),
            None if text == "user" => Ok(Self::User),
            None if text == "operator" => Ok(Self::Operator),
            _ => Err(InvalidName::of(
                "actor",
                "'service:NAME', 'user' or 'operator'",
            )),
        }
    }
}

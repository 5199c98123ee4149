//! What is asked before a write, and what is answered.

use super::Error;
use crate::proto::{self, CheckItem, CheckResult, check_ownership_request as request};
use std::{sync::Arc, time::Duration};

/// The longest age that the wire knows, 10,000 years: whoever allows more allows any.
const LONGEST: prost_types::Duration = prost_types::Duration {
    seconds: 315_576_000_000,
    nanos: 0,
};

/// An attribute of a user, and the service that is to write it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Whose attribute: 1 to 255 bytes.
    pub user: Arc<str>,
    /// Its name.
    pub attribute: Arc<str>,
    /// Name of the service whose value it is: what must be the owner.
    pub service: Arc<str>,
}

impl Target {
    /// The user's attribute of this name, to be written by this service.
    pub fn new(
        user: impl Into<Arc<str>>,
        attribute: impl Into<Arc<str>>,
        service: impl Into<Arc<str>>,
    ) -> Self {
        Self {
            user: user.into(),
            attribute: attribute.into(),
            service: service.into(),
        }
    }
}

/// May the service write the attribute?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which service, and which attribute.
    pub target: Target,
    /// The generation under which the service acquired the attribute; none: whichever it is.
    pub generation: Option<i64>,
    /// With [`Freshness::AtLeast`], the revision that this user must be shown at, instead of the one for all.
    pub at_least: Option<i64>,
}

/// How fresh the answers must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// As the database has it during the call.
    Latest,
    /// Each user at this revision or a later one: whoever knows the revision of a change sees that change.
    AtLeast(i64),
    /// As it was, at most so long ago.
    Cached(Duration),
}

/// What Tenure answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Whether the service may write.
    pub verdict: Verdict,
    /// Name of the service that owns the attribute; none if nobody does.
    pub owner: Option<String>,
    /// The attribute's generation, the fence of a write; 0 if there is no such attribute.
    pub generation: i64,
    /// The answer shows the user at this revision, or a later one.
    pub revision: i64,
    /// The answer was true at most so long before it was given; none: the database gave it during the call.
    pub age: Option<Duration>,
}

/// Whether the service may write. Of several reasons not to, the first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It owns the attribute, which is active: it may.
    Owned,
    /// The user has no such attribute.
    NoSuchAttribute,
    /// Another service owns it, or nobody.
    NotOwner,
    /// It owns the attribute, but not since the generation of the question: it lost it meanwhile.
    StaleGeneration,
    /// It owns the attribute, and the user has switched it off.
    Inactive,
}

impl From<Target> for Question {
    /// Whether it may write now, whenever it acquired.
    fn from(target: Target) -> Self {
        Self {
            target,
            generation: None,
            at_least: None,
        }
    }
}

impl Question {
    pub(super) fn into_message(self) -> CheckItem {
        let Target {
            user,
            attribute,
            service,
        } = self.target;
        CheckItem {
            user: user.to_string(),
            attribute: attribute.to_string(),
            service: service.to_string(),
            generation: self.generation,
            at_least_revision: self.at_least,
        }
    }
}

impl Freshness {
    pub(super) fn into_message(self) -> request::Freshness {
        match self {
            Self::Latest => request::Freshness::Latest(proto::Latest {}),
            Self::AtLeast(revision) => request::Freshness::AtLeast(proto::AtLeast { revision }),
            Self::Cached(max_age) => request::Freshness::Cached(proto::Cached {
                max_age: Some(max_age.try_into().unwrap_or(LONGEST)),
            }),
        }
    }
}

impl Checked {
    pub(super) fn from_message(result: CheckResult, age: Option<Duration>) -> Result<Self, Error> {
        Ok(Self {
            verdict: match result.verdict() {
                proto::Verdict::Owned => Verdict::Owned,
                proto::Verdict::NoSuchAttribute => Verdict::NoSuchAttribute,
                proto::Verdict::NotOwner => Verdict::NotOwner,
                proto::Verdict::StaleGeneration => Verdict::StaleGeneration,
                proto::Verdict::Inactive => Verdict::Inactive,
                proto::Verdict::Unspecified => {
                    return Err(Error::unexpected("a verdict that is none"));
                }
            },
            owner: result.owner,
            generation: result.generation,
            revision: result.revision,
            age,
        })
    }
}

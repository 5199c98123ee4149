//! What a user has granted to a service.

use super::{
    catalog::Catalog,
    name::{GroupName, InvalidName},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// A set of OAuth2 scopes: `GROUP_read`, `GROUP_write`, `manual_read`, `manual_write`. Others are kept and grant
/// nothing here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// Whether a service with these scopes may write an attribute of `group` that is `manual` or not
    /// (`contract.md`, Acquire: write scope).
    #[must_use]
    pub fn cover(&self, group: &GroupName, manual: bool) -> bool {
        self.grant("_write", group, manual)
    }

    /// Whether a service with these scopes may read an attribute of `group` that is `manual` or not
    /// (`contract-around.md`, A user's attributes).
    #[must_use]
    pub fn show(&self, group: &GroupName, manual: bool) -> bool {
        self.grant("_read", group, manual)
    }

    fn grant(&self, suffix: &str, group: &GroupName, manual: bool) -> bool {
        let is_of = |name: &str| {
            self.iter()
                .any(|scope| scope.strip_suffix(suffix) == Some(name))
        };
        is_of(group.as_str()) || (manual && is_of("manual"))
    }

    /// The scopes that are in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    /// The scopes of this set that are not in the other.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }

    /// The scopes that are in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each scope, in byte order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// The first scope that means nothing with this catalog.
    #[must_use]
    pub fn unknown<'a>(&'a self, catalog: &Catalog) -> Option<&'a str> {
        self.iter().find(|scope| !is_about(catalog, scope))
    }

    /// Those that mean something with this catalog: an authorization server has others besides, like `openid`.
    #[must_use]
    pub fn meaningful(&self, catalog: &Catalog) -> Self {
        let scopes = self.0.iter().filter(|scope| is_about(catalog, scope));
        Self(scopes.cloned().collect())
    }

    /// Takes the scopes out of a list that is separated by white space (RFC 6749, section 3.3).
    ///
    /// # Errors
    /// When one has a character that RFC 6749 does not allow.
    pub fn parse(list: &str) -> Result<Self, InvalidName> {
        let valid = |b: u8| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
        if list
            .split_whitespace()
            .all(|scope| scope.bytes().all(valid))
        {
            Ok(Self::from(list.to_owned()))
        } else {
            Err(InvalidName::of(
                "scope",
                "visible ASCII characters but '\"' and '\\'",
            ))
        }
    }
}

/// Whether the scope is about a group of the catalog, or about what is manual.
fn is_about(catalog: &Catalog, scope: &str) -> bool {
    let subject = scope
        .strip_suffix("_read")
        .or_else(|| scope.strip_suffix("_write"));
    subject.is_some_and(|s| s == "manual" || catalog.group(s).is_some())
}

impl From<String> for Scopes {
    fn from(list: String) -> Self {
        Self(list.split_whitespace().map(str::to_owned).collect())
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(" "))
    }
}

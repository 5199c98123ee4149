//! The state of one user, as far as a request touches it.

use super::{
    Instant,
    attribute::Attribute,
    catalog::Catalog,
    name::{AttributeName, ServiceName},
    scope::Scopes,
    withdrawal::Withdrawal,
};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt};

/// What is known of one user at one revision. A part of it may be loaded: the attributes that a request names, all
/// offers for them, every connection, and every withdrawal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserState {
    /// How many transactions have changed anything of this user.
    pub revision: i64,
    /// By name.
    pub attributes: BTreeMap<AttributeName, Attribute>,
    /// By attribute and service.
    pub offers: BTreeMap<(AttributeName, ServiceName), Offer>,
    /// By service.
    pub connections: BTreeMap<ServiceName, Connection>,
    /// By service, connected or not.
    pub withdrawals: BTreeMap<ServiceName, Withdrawal>,
}

/// What a service has said about an attribute of a user, and what the user has said about the two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    /// It acquired the attribute at least once without an explicit `manual: true`.
    pub offered: bool,
    /// It released the attribute and has not acquired it since.
    pub declined: bool,
    /// The `manual` that it last asked for.
    pub manual: Option<bool>,
    /// The revision at which it last became the owner. One owner at a time: whoever became it last owned it last.
    pub last_owned: Option<i64>,
    /// The user's rank for it, from 1, or none.
    pub rank: Option<i32>,
}

/// A service that the user has connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// What the user granted it.
    pub scopes: Scopes,
    /// Since when.
    pub since: Instant,
}

/// What makes a connection, and widens it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connections {
    /// An operator, or an internal service that tells what users grant.
    #[default]
    Explicit,
    /// The tokens of outside authorization servers too: the first of a service for a user makes the connection, and one
    /// that grants more widens it.
    FromTokens,
}

impl fmt::Display for Connections {
    /// As the settings file spells it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Explicit => "explicit",
            Self::FromTokens => "from_tokens",
        })
    }
}

impl UserState {
    /// The attribute of that name, where `name` may be any text.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }

    /// What the service has said about the attribute.
    #[must_use]
    pub fn offer(&self, attribute: &AttributeName, service: &ServiceName) -> Option<&Offer> {
        self.offers.get(&(attribute.clone(), service.clone()))
    }

    /// When the service last lost of what was granted to it.
    #[must_use]
    pub fn withdrawal(&self, service: &ServiceName) -> Withdrawal {
        self.withdrawals.get(service).cloned().unwrap_or_default()
    }

    /// Whether the service has indicated that it can handle the attribute: by the catalog, or by having acquired it
    /// (`contract.md`, Release). One that has left the catalog can handle nothing, even where it is still connected.
    #[must_use]
    pub fn has_indicated(
        &self,
        service: &ServiceName,
        attribute: &Attribute,
        catalog: &Catalog,
    ) -> bool {
        let Some(known) = catalog.service(service) else {
            return false;
        };
        let provides = |template| known.provides.contains(template);
        attribute.template.as_ref().is_some_and(provides)
            || self
                .offer(&attribute.name, service)
                .is_some_and(|offer| offer.offered)
    }
}

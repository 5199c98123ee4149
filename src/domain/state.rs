//! The state of one user, as far as a request touches it.

use super::{
    Instant,
    attribute::Attribute,
    catalog::Catalog,
    name::{AttributeName, ServiceName},
    scope::Scopes,
};
use std::collections::BTreeMap;

/// What is known of one user at one revision. A part of it may be loaded: the attributes that a request names, all
/// offers for them, and every connection.
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

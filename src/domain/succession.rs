//! Who comes next (`contract.md`, Release; I7).

use super::{
    attribute::Attribute,
    catalog::Catalog,
    name::{AttributeName, GroupName, ServiceName},
    state::{Offer, UserState},
};
use std::{cmp::Reverse, collections::BTreeMap};

/// A service that can take an attribute over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// Its name.
    pub service: ServiceName,
    /// The attribute's `manual` under it: what it last asked for, else false.
    pub manual: bool,
}

/// Why a service cannot take an attribute over; the first of these reasons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unqualified {
    /// The user has not connected it.
    #[error("it is not connected")]
    NotConnected,
    /// It has left the catalog, and will be disconnected.
    #[error("it is not offered here any more")]
    Removed,
    /// It has never said that it can.
    #[error("it has not indicated that it can handle it")]
    NotIndicated,
    /// It does not want it.
    #[error("it has released it, and has not acquired it since")]
    Declined,
    /// What the user granted to it does not cover the attribute.
    #[error("it has no permission to write to attributes in group '{0}'")]
    NotCovered(GroupName),
}

/// The first of those that qualify to take `attribute` over from its owner.
#[must_use]
pub fn successor(state: &UserState, catalog: &Catalog, attribute: &Attribute) -> Option<Successor> {
    successors(state, catalog, attribute).into_iter().next()
}

/// The services that qualify to take `attribute` over from its owner: by the user's own ranking, then whoever owned it
/// most recently, then label, then name.
#[must_use]
pub fn successors(state: &UserState, catalog: &Catalog, attribute: &Attribute) -> Vec<Successor> {
    let others = state.connections.keys();
    let others = others.filter(|service| !attribute.is_owned_by(service));
    let mut all: Vec<_> = others
        .filter_map(|service| qualified(state, catalog, attribute, service).ok())
        .collect();
    let nothing = Offer::default();
    all.sort_by_cached_key(|successor| {
        let service = &successor.service;
        let offer = state.offer(&attribute.name, service).unwrap_or(&nothing);
        let label = catalog.service(service).map(|known| known.label.clone());
        let unranked = offer.rank.is_none();
        let last_owned = Reverse(offer.last_owned);
        (unranked, offer.rank, last_owned, label, service.clone())
    });
    all
}

/// The service as a successor of the attribute's owner, if it is connected with a write scope for the attribute, has
/// indicated that it can handle it, and has not released it since it last acquired it.
///
/// # Errors
/// The first of the reasons why it is none.
pub fn qualified(
    state: &UserState,
    catalog: &Catalog,
    attribute: &Attribute,
    service: &ServiceName,
) -> Result<Successor, Unqualified> {
    let connection = state.connections.get(service);
    let connection = connection.ok_or(Unqualified::NotConnected)?;
    if catalog.service(service).is_none() {
        return Err(Unqualified::Removed);
    }
    if !state.has_indicated(service, attribute, catalog) {
        return Err(Unqualified::NotIndicated);
    }
    let offer = state.offer(&attribute.name, service);
    if offer.is_some_and(|offer| offer.declined) {
        return Err(Unqualified::Declined);
    }
    let manual = offer.and_then(|offer| offer.manual).unwrap_or(false);
    if !connection.scopes.cover(&attribute.group, manual) {
        return Err(Unqualified::NotCovered(attribute.group.clone()));
    }
    Ok(Successor {
        service: service.clone(),
        manual,
    })
}

/// The user's own rankings, of whatever attribute has one: services of the catalog, connected or not. One that has left
/// the catalog is passed over until it is back.
#[must_use]
pub fn rankings<'s>(
    state: &'s UserState,
    catalog: &Catalog,
) -> BTreeMap<&'s AttributeName, Vec<ServiceName>> {
    let offers = state.offers.iter();
    let ranked = offers.filter_map(|((attribute, service), offer)| {
        catalog.service(service)?;
        Some((attribute, offer.rank?, service))
    });
    let mut ranked: Vec<_> = ranked.collect();
    ranked.sort_unstable();
    let mut rankings: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (attribute, _, service) in ranked {
        rankings.entry(attribute).or_default().push(service.clone());
    }
    rankings
}

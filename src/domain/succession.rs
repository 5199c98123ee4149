//! Who comes next (`contract.md`, Release; I7).

use super::{
    attribute::Attribute,
    catalog::Catalog,
    name::ServiceName,
    state::{Offer, UserState},
};
use std::cmp::Reverse;

/// The service that takes an attribute over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Successor {
    /// Its name.
    pub service: ServiceName,
    /// The attribute's `manual` under it: what it last asked for, else false.
    pub manual: bool,
}

/// The first of the services that qualify to take `attribute` over from `releaser`: by the user's own ranking, then
/// whoever owned it most recently, then label, then name.
#[must_use]
pub fn successor(
    state: &UserState,
    catalog: &Catalog,
    attribute: &Attribute,
    releaser: &ServiceName,
) -> Option<Successor> {
    let nothing = Offer::default();
    state
        .connections
        .iter()
        .filter(|(service, _)| *service != releaser)
        .filter(|(service, _)| state.has_indicated(service, attribute, catalog))
        .map(|(service, connection)| {
            let offer = state.offer(&attribute.name, service).unwrap_or(&nothing);
            (service, connection, offer)
        })
        .filter(|(_, connection, offer)| {
            let manual = offer.manual.unwrap_or(false);
            !offer.declined && connection.scopes.cover(&attribute.group, manual)
        })
        .min_by_key(|(service, _, offer)| {
            let unranked = offer.rank.is_none();
            let label = catalog.service(service).map(|s| &s.label);
            let last_owned = Reverse(offer.last_owned);
            (unranked, offer.rank, last_owned, label, *service)
        })
        .map(|(service, _, offer)| Successor {
            service: service.clone(),
            manual: offer.manual.unwrap_or(false),
        })
}

//! What one transaction writes, and the working copy that it is worked out on.

use super::{
    Instant,
    attribute::{Attribute, Owner},
    catalog::Catalog,
    event::{Cause, Event, Stamp},
    name::{AttributeName, ServiceName},
    record::Record,
    scope::Scopes,
    state::{Connection, Offer, UserState},
    token::TokenRecord,
    withdrawal::Withdrawal,
};
use std::collections::BTreeMap;

/// What one transaction writes of one user, if the user's revision is still the one that it was worked out from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The revision that it was worked out from; the committed one is one more.
    pub revision: i64,
    /// Attributes that are new or different.
    pub attributes: Vec<Attribute>,
    /// Offers that are new or different.
    pub offers: Vec<((AttributeName, ServiceName), Offer)>,
    /// Offers that say nothing any more.
    pub forgotten: Vec<(AttributeName, ServiceName)>,
    /// Connections that are new or different.
    pub connections: Vec<(ServiceName, Connection)>,
    /// Services that are connected no more; their tokens for this user end.
    pub disconnected: Vec<ServiceName>,
    /// What is withdrawn, where that is new.
    pub withdrawals: Vec<(ServiceName, Withdrawal)>,
    /// Tokens that are issued.
    pub tokens: Vec<TokenRecord>,
    /// What a request is answered by if it is sent again.
    pub record: Option<Record>,
    /// The ledger entries, in order.
    pub events: Vec<Event>,
    /// Who made the change, when, and by which request.
    pub stamp: Stamp,
}

impl Change {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.attributes.is_empty()
            && self.offers.is_empty()
            && self.forgotten.is_empty()
            && self.connections.is_empty()
            && self.disconnected.is_empty()
            && self.withdrawals.is_empty()
            && self.tokens.is_empty()
            && self.record.is_none()
            && self.events.is_empty()
    }
}

/// A working copy of a user's state. Its methods are the elementary moves; each keeps the invariants and records
/// its event.
pub struct Draft<'a> {
    before: &'a UserState,
    state: UserState,
    catalog: &'a Catalog,
    stamp: Stamp,
    events: Vec<Event>,
    tokens: Vec<TokenRecord>,
    record: Option<Record>,
}

impl<'a> Draft<'a> {
    /// A copy to work on.
    #[must_use]
    pub fn new(before: &'a UserState, catalog: &'a Catalog, stamp: Stamp) -> Self {
        Self {
            before,
            state: before.clone(),
            catalog,
            stamp,
            events: Vec::new(),
            tokens: Vec::new(),
            record: None,
        }
    }

    /// The state as it stands now.
    #[must_use]
    pub fn state(&self) -> &UserState {
        &self.state
    }

    /// The catalog of this transaction.
    #[must_use]
    pub fn catalog(&self) -> &'a Catalog {
        self.catalog
    }

    /// When the change is made.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.stamp.at
    }

    /// Goes back to the beginning.
    pub(super) fn undo(&mut self) {
        self.state = self.before.clone();
        self.events.clear();
        self.tokens.clear();
    }

    /// Has the answer kept with the change; its revision is one more than the state's.
    pub fn keep(&mut self, record: Record) {
        self.record = Some(record);
    }

    /// Adds an attribute that nobody owns.
    pub(super) fn create(&mut self, attribute: Attribute) {
        debug_assert!(attribute.owner.is_none() && attribute.generation == 0);
        self.events.push(event(&attribute, None, Cause::Created));
        let name = attribute.name.clone();
        self.state.attributes.insert(name, attribute);
    }

    /// Gives the attribute to an owner, or to nobody: one generation up, one event. `edit` sees it with its new
    /// owner, active and not pinned, before the event is recorded.
    pub(super) fn hand_over(
        &mut self,
        name: &AttributeName,
        to: Option<&ServiceName>,
        cause: Cause,
        edit: impl FnOnce(&mut Attribute),
    ) {
        if let Some(to) = to {
            let revision = self.before.revision + 1;
            self.offer(name, to).last_owned = Some(revision);
        }
        let since = self.stamp.at;
        let Some(attribute) = self.state.attributes.get_mut(name) else {
            return;
        };
        let from = attribute.owner.take().map(|owner| owner.service);
        attribute.owner = to.cloned().map(|service| Owner {
            service,
            since,
            active: true,
            pinned: false,
        });
        attribute.generation += 1;
        edit(attribute);
        let event = event(attribute, from, cause);
        self.events.push(event);
    }

    /// Changes an attribute and not its owner.
    pub(super) fn adjust(
        &mut self,
        name: &AttributeName,
        cause: Cause,
        edit: impl FnOnce(&mut Attribute),
    ) {
        if let Some(attribute) = self.state.attributes.get_mut(name) {
            edit(attribute);
            let owner = attribute.owner_name().cloned();
            let event = event(attribute, owner, cause);
            self.events.push(event);
        }
    }

    /// What the service has said about the attribute, to be added to.
    pub(super) fn offer(&mut self, attribute: &AttributeName, service: &ServiceName) -> &mut Offer {
        let key = (attribute.clone(), service.clone());
        self.state.offers.entry(key).or_default()
    }

    /// Ranks these services for the attribute, the first to come first, and takes their rank from all others.
    pub(super) fn rank(&mut self, attribute: &AttributeName, services: &[ServiceName]) {
        for ((of, _), offer) in &mut self.state.offers {
            if of == attribute {
                offer.rank = None;
            }
        }
        for (rank, service) in (1..).zip(services) {
            self.offer(attribute, service).rank = Some(rank);
        }
    }

    /// Connects the service, or replaces its scopes. That it lost some is remembered.
    pub(super) fn connect(&mut self, service: &ServiceName, scopes: Scopes) -> Connection {
        let existing = self.state.connections.get(service);
        let since = existing.map_or(self.stamp.at, |connection| connection.since);
        let lost = existing.is_some_and(|had| !had.scopes.beyond(&scopes).is_empty());
        if lost {
            self.narrow(service);
        }
        let connection = Connection { scopes, since };
        let connections = &mut self.state.connections;
        connections.insert(service.clone(), connection.clone());
        connection
    }

    /// Remembers that a part of what was granted to the service is withdrawn now. No clock turns that back.
    pub(super) fn narrow(&mut self, service: &ServiceName) {
        let withdrawal = self.state.withdrawals.entry(service.clone()).or_default();
        withdrawal.narrowed_at = withdrawal.narrowed_at.max(Some(self.stamp.at));
    }

    /// Disconnects the service if it is connected, and forgets what it said; the user's own ranking stays. That all which
    /// was granted to it is withdrawn now is remembered.
    pub(super) fn disconnect(&mut self, service: &ServiceName) {
        let withdrawal = self.state.withdrawals.entry(service.clone()).or_default();
        withdrawal.disconnected_at = withdrawal.disconnected_at.max(Some(self.stamp.at));
        self.state.connections.remove(service);
        for ((_, of), offer) in &mut self.state.offers {
            if of == service {
                *offer = Offer {
                    rank: offer.rank,
                    ..Offer::default()
                };
            }
        }
    }

    /// Issues a token.
    pub(super) fn issue(&mut self, token: TokenRecord) {
        self.tokens.push(token);
    }

    /// What is to be written, and the state after it.
    #[must_use]
    pub fn finish(self) -> (Change, UserState) {
        let Self { before, state, .. } = self;
        let said = |offer: &Offer| *offer != Offer::default();
        let change = Change {
            revision: before.revision,
            attributes: changed(&before.attributes, &state.attributes)
                .map(|(_, attribute)| attribute)
                .collect(),
            offers: changed(&before.offers, &state.offers)
                .filter(|(_, offer)| said(offer))
                .collect(),
            forgotten: changed(&before.offers, &state.offers)
                .filter(|(key, offer)| !said(offer) && before.offers.contains_key(key))
                .map(|(key, _)| key)
                .collect(),
            connections: changed(&before.connections, &state.connections).collect(),
            disconnected: before
                .connections
                .keys()
                .filter(|service| !state.connections.contains_key(*service))
                .cloned()
                .collect(),
            withdrawals: changed(&before.withdrawals, &state.withdrawals).collect(),
            tokens: self.tokens,
            record: self.record,
            events: self.events,
            stamp: self.stamp,
        };
        let revision = before.revision + i64::from(!change.is_empty());
        (change, UserState { revision, ..state })
    }
}

fn event(attribute: &Attribute, from: Option<ServiceName>, cause: Cause) -> Event {
    Event {
        attribute: attribute.name.clone(),
        from,
        to: attribute.owner_name().cloned(),
        generation: attribute.generation,
        active: attribute.is_active(),
        manual: attribute.manual,
        pinned: attribute.is_pinned(),
        cause,
    }
}

/// The entries of `after` that `before` lacks or has otherwise.
fn changed<K: Ord + Clone, V: PartialEq + Clone>(
    before: &BTreeMap<K, V>,
    after: &BTreeMap<K, V>,
) -> impl Iterator<Item = (K, V)> {
    after
        .iter()
        .filter(|(key, value)| before.get(key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
}

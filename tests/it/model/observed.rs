//! What the database has, in the model's words.

use super::state::{Attribute, Offer, State};
use crate::harness::{Database, Event, Ledger, config, id};
use std::{collections::BTreeMap, sync::Arc};
use tenure::{
    domain::{Instant, state::UserState},
    storage::{self, Selection, Store},
};

/// Reads past the application.
pub struct Observer {
    store: Arc<dyn Store>,
    ledger: Ledger,
}

/// One user as the database has it, and the events since the revision that was asked for.
#[derive(Debug)]
pub struct Seen {
    pub state: State,
    /// Since when each attribute is owned.
    pub since: BTreeMap<String, Instant>,
    pub events: Vec<Event>,
}

impl Observer {
    pub async fn open(database: &Database) -> Self {
        let store = storage::open(&config(database).storage).await;
        Self {
            store: store.unwrap(),
            ledger: Ledger::open(database).await,
        }
    }

    pub async fn see(&self, user: &str, after: i64) -> Seen {
        let user_id = id(user);
        let (loaded, events) = tokio::join!(
            self.store.load(&user_id, &Selection::All),
            self.ledger.after(user, after)
        );
        let state = loaded.unwrap().state;
        let owners = state.attributes.iter();
        let since = owners.filter_map(|(name, attribute)| {
            let owner = attribute.owner.as_ref()?;
            Some((name.to_string(), owner.since))
        });
        Seen {
            since: since.collect(),
            state: plain(&state),
            events,
        }
    }
}

fn plain(state: &UserState) -> State {
    let connections = state.connections.iter().map(|(service, connection)| {
        let scopes = connection.scopes.iter().map(str::to_owned).collect();
        (service.to_string(), scopes)
    });
    let attributes = state.attributes.iter().map(|(name, attribute)| {
        let plain = Attribute {
            template: attribute.template.as_ref().map(ToString::to_string),
            label: attribute.label.to_string(),
            group: attribute.group.to_string(),
            value_type: attribute.value_type.into(),
            priority: attribute.priority.into(),
            manual: attribute.manual,
            active: attribute.is_active(),
            owner: attribute.owner_name().map(ToString::to_string),
            generation: attribute.generation,
            pinned: attribute.is_pinned(),
        };
        (name.to_string(), plain)
    });
    let offers = state
        .offers
        .iter()
        .filter_map(|((attribute, service), offer)| {
            let plain = Offer {
                offered: offer.offered,
                declined: offer.declined,
                manual: offer.manual,
                last_owned: offer.last_owned,
            };
            let says_nothing = plain == Offer::default();
            // A row may hold a rank alone.
            let is_a_rank = says_nothing && offer.rank.is_some();
            (!is_a_rank).then(|| ((attribute.to_string(), service.to_string()), plain))
        });
    let withdrawn = state.withdrawals.iter().flat_map(|(service, withdrawal)| {
        let lost = [
            (withdrawal.disconnected_at, true),
            (withdrawal.narrowed_at, false),
        ];
        let lost = lost.into_iter().filter(|(at, _)| at.is_some());
        lost.map(|(_, all)| (service.to_string(), all))
    });
    State {
        withdrawn: withdrawn.collect(),
        revision: state.revision,
        connections: connections.collect(),
        attributes: attributes.collect(),
        offers: offers.collect(),
        rankings: rankings(state),
    }
}

fn rankings(state: &UserState) -> BTreeMap<String, Vec<String>> {
    let ranks = state
        .offers
        .iter()
        .filter_map(|((attribute, service), offer)| {
            Some((attribute.to_string(), offer.rank?, service.to_string()))
        });
    let mut ranks: Vec<_> = ranks.collect();
    ranks.sort();
    let mut rankings: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (attribute, _, service) in ranks {
        rankings.entry(attribute).or_default().push(service);
    }
    rankings
}

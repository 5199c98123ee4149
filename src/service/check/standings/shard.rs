//! Some of the users, behind one lock.

use super::{Reading, Remembered};
use crate::domain::{
    check::{Seen, Standing},
    ledger::Entry,
    name::{AttributeName, UserId},
};
use prometheus_client::metrics::counter::Counter;
use quick_cache::{DefaultHashBuilder, Lifecycle, Weighter, unsync::Cache};
use std::{
    collections::{HashMap, hash_map},
    time::Instant,
};

/// So many attributes are expected of a user, for each of whom the cache keeps a little even when they are forgotten.
const OF_USER: u64 = 10;

/// What is known of some users.
pub(super) struct Shard {
    users: Cache<UserId, Known, Weight, DefaultHashBuilder, Evictions>,
    /// How many places have been made.
    places: u64,
}

/// What is known of one user.
struct Known {
    /// Which place it is.
    place: u64,
    /// The feed has told all of the user's events up to this revision.
    told: i64,
    attributes: HashMap<AttributeName, Remembered>,
}

/// A user costs about as much as an attribute.
#[derive(Clone)]
struct Weight;

/// Counts the users who are forgotten to make room for others.
#[derive(Clone)]
struct Evictions(Counter<u64>);

impl Shard {
    /// Weighs no more than `room`.
    pub(super) fn new(room: u64, evictions: Counter<u64>) -> Self {
        let users = usize::try_from(room / OF_USER).unwrap_or(usize::MAX);
        let (hasher, evictions) = (DefaultHashBuilder::default(), Evictions(evictions));
        Self {
            users: Cache::with(users, room, Weight, hasher, evictions),
            places: 0,
        }
    }

    pub(super) fn get(&self, user: &UserId, attribute: &str) -> Option<Remembered> {
        let known = self.users.get(user)?;
        let mut remembered = known.attributes.get(attribute)?.clone();
        remembered.seen.revision = remembered.seen.revision.max(known.told);
        Some(remembered)
    }

    /// The user's place, which is made if there is none.
    pub(super) fn place(&mut self, user: &UserId) -> u64 {
        if let Some(known) = self.users.peek(user) {
            return known.place;
        }
        self.places += 1;
        let known = Known {
            place: self.places,
            told: 0,
            attributes: HashMap::new(),
        };
        self.users.insert(user.clone(), known);
        self.places
    }

    pub(super) fn remember(&mut self, reading: Reading, seen: Seen, as_of: Instant) {
        let Some(mut known) = self.users.peek_mut(&reading.user) else {
            return;
        };
        if known.place == reading.place {
            let as_of = Some(as_of);
            known.learn(reading.attribute, Remembered { seen, as_of });
        }
        drop(known);
        self.make_room();
    }

    pub(super) fn apply(&mut self, user: &str, change: &[Entry]) {
        let Some(mut known) = self.users.peek_mut(user) else {
            return;
        };
        for Entry {
            position, event, ..
        } in change
        {
            let told = Remembered {
                seen: Seen {
                    standing: Some(Standing {
                        owner: event.to.clone(),
                        generation: event.generation,
                        active: event.active,
                    }),
                    revision: position.revision,
                },
                as_of: None,
            };
            // One that is not known may be on its way from the database, as it was before this.
            known.learn(event.attribute.clone(), told);
            known.told = known.told.max(position.revision);
        }
        drop(known);
        self.make_room();
    }

    /// The cache does it by itself when another user comes, but not when more is learned of one.
    fn make_room(&mut self) {
        let room = self.users.capacity();
        if self.users.weight() > room {
            self.users.set_capacity(room);
        }
    }

    pub(super) fn clear(&mut self) {
        self.users.clear();
    }

    #[cfg(test)]
    pub(super) fn weight(&self) -> u64 {
        self.users.weight()
    }
}

impl Known {
    fn learn(&mut self, attribute: AttributeName, remembered: Remembered) {
        match self.attributes.entry(attribute) {
            hash_map::Entry::Occupied(known) => known.into_mut().update(remembered),
            hash_map::Entry::Vacant(unknown) => drop(unknown.insert(remembered)),
        }
    }
}

impl Weighter<UserId, Known> for Weight {
    fn weight(&self, _: &UserId, known: &Known) -> u64 {
        known.attributes.len() as u64 + 1
    }
}

impl Lifecycle<UserId, Known> for Evictions {
    type RequestState = ();

    fn on_evict(&self, (): &mut (), _: UserId, _: Known) {
        self.0.inc();
    }
}

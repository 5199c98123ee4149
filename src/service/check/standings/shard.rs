//! Some of the users, behind one lock.

use super::{Reading, Remembered};
use crate::domain::{
    check::{Seen, Standing},
    ledger::Entry,
    name::{AttributeName, UserId},
};
use prometheus_client::metrics::counter::Counter;
use std::{
    collections::{HashMap, VecDeque, hash_map},
    time::Instant,
};

/// What is known of some users. Where there is no room for another, those go that nobody has asked about since it was
/// last their turn to go.
pub(super) struct Shard {
    users: HashMap<UserId, Known>,
    /// Every user once, whose turn is next first.
    turns: VecDeque<UserId>,
    /// Users and attributes together: a user costs about as much as an attribute.
    weight: usize,
    /// The most that it may weigh.
    room: usize,
    /// How many places have been made.
    places: u64,
    evictions: Counter<u64>,
}

/// What is known of one user.
struct Known {
    /// Which place it is.
    place: u64,
    /// Whether somebody has asked since it was last the user's turn.
    was_asked: bool,
    /// The feed has told all of the user's events up to this revision.
    told: i64,
    attributes: HashMap<AttributeName, Remembered>,
}

impl Shard {
    pub(super) fn new(room: usize, evictions: Counter<u64>) -> Self {
        Self {
            users: HashMap::new(),
            turns: VecDeque::new(),
            weight: 0,
            room,
            places: 0,
            evictions,
        }
    }

    pub(super) fn get(&mut self, user: &UserId, attribute: &str) -> Option<Remembered> {
        let known = self.users.get_mut(user)?;
        known.was_asked = true;
        let mut remembered = known.attributes.get(attribute)?.clone();
        remembered.seen.revision = remembered.seen.revision.max(known.told);
        Some(remembered)
    }

    /// The user's place, which is made if there is none.
    pub(super) fn place(&mut self, user: &UserId) -> u64 {
        if let Some(known) = self.users.get(user) {
            return known.place;
        }
        self.places += 1;
        let known = Known {
            place: self.places,
            was_asked: false,
            told: 0,
            attributes: HashMap::new(),
        };
        self.users.insert(user.clone(), known);
        self.turns.push_back(user.clone());
        self.weight += 1;
        self.make_room();
        self.places
    }

    pub(super) fn remember(&mut self, reading: Reading, seen: Seen, as_of: Instant) {
        let known = self.users.get_mut(&reading.user);
        if let Some(known) = known.filter(|known| known.place == reading.place) {
            let as_of = Some(as_of);
            self.weight += known.learn(reading.attribute, Remembered { seen, as_of });
            self.make_room();
        }
    }

    pub(super) fn apply(&mut self, user: &str, change: &[Entry]) {
        let Some(known) = self.users.get_mut(user) else {
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
            self.weight += known.learn(event.attribute.clone(), told);
            known.told = known.told.max(position.revision);
        }
        self.make_room();
    }

    pub(super) fn clear(&mut self) {
        self.users.clear();
        self.turns.clear();
        self.weight = 0;
    }

    fn make_room(&mut self) {
        while self.weight > self.room
            && let Some(user) = self.turns.pop_front()
        {
            let hash_map::Entry::Occupied(mut known) = self.users.entry(user) else {
                continue;
            };
            if std::mem::take(&mut known.get_mut().was_asked) {
                self.turns.push_back(known.key().clone());
            } else {
                self.weight -= 1 + known.remove().attributes.len();
                self.evictions.inc();
            }
        }
    }

    #[cfg(test)]
    pub(super) fn weight(&self) -> usize {
        let users = self.users.values();
        let weight = users.map(|known| 1 + known.attributes.len()).sum();
        assert_eq!((self.weight, self.turns.len()), (weight, self.users.len()));
        weight
    }
}

impl Known {
    /// Adds to what is known of the attribute; by how many attributes more are known then.
    fn learn(&mut self, attribute: AttributeName, remembered: Remembered) -> usize {
        match self.attributes.entry(attribute) {
            hash_map::Entry::Occupied(known) => {
                known.into_mut().update(remembered);
                0
            }
            hash_map::Entry::Vacant(unknown) => {
                unknown.insert(remembered);
                1
            }
        }
    }
}

//! How attributes stand, in memory: what was read once, and what the feed has told since.
//!
//! A user's place is made before anything of theirs is read, and what the feed tells of a user who has a place is kept
//! in it. So what was read is never older than the feed is: either the reading saw an event, or the feed tells it later.
//! A user who is forgotten meanwhile gets another place the next time, and what was read for the one before is dropped:
//! nobody knows what the feed has told in between.

mod shard;

use crate::domain::{
    check::Seen,
    ledger::Entry,
    name::{AttributeName, UserId},
};
use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};
use shard::Shard;
use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// Among how many locks the users are spread. Each is held for as long as it takes to look something up.
const SHARDS: usize = 16;

/// What is known of some users' attributes; bounded.
pub struct Standings {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
}

/// An attribute that is being read, and the place that its user had when that began.
pub(super) struct Reading {
    user: UserId,
    attribute: AttributeName,
    place: u64,
}

/// How an attribute stands.
#[derive(Clone)]
pub(super) struct Remembered {
    pub(super) seen: Seen,
    /// When it was read; none if the feed told it. It is as fresh as the feed is, in any case.
    pub(super) as_of: Option<Instant>,
}

impl Standings {
    /// Keeps at most so many attributes, in equal parts that are rounded up.
    #[must_use]
    pub fn new(capacity: u64, meters: &mut Registry) -> Self {
        let evictions = Counter::<u64>::default();
        meters.register(
            "tenure_check_evictions",
            "Users whose attributes were forgotten to make room for others",
            evictions.clone(),
        );
        let bound = Gauge::<i64>::default();
        bound.set(i64::try_from(capacity).unwrap_or(i64::MAX));
        meters.register(
            "tenure_check_capacity",
            "How many attributes checks can remember",
            bound,
        );
        let room = capacity.div_ceil(SHARDS as u64);
        let shard = || Mutex::new(Shard::new(room, evictions.clone()));
        Self {
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
            hasher: RandomState::new(),
        }
    }

    /// What is known of the attribute.
    pub(super) fn get(&self, user: &UserId, attribute: &str) -> Option<Remembered> {
        self.shard(user.as_str()).get(user, attribute)
    }

    /// To be called before an attribute is read. None if there can be no such attribute: whoever asks may ask for any
    /// text, and that must not take the room of what there is.
    pub(super) fn announce(&self, user: &UserId, attribute: &str) -> Option<Reading> {
        let attribute = AttributeName::parse(attribute).ok()?;
        let user = user.clone();
        let place = self.shard(user.as_str()).place(&user);
        Some(Reading {
            user,
            attribute,
            place,
        })
    }

    /// Keeps what was read, unless the feed has told something later, or the user's place is another by now.
    pub(super) fn remember(&self, reading: Reading, seen: Seen, as_of: Instant) {
        self.shard(reading.user.as_str())
            .remember(reading, seen, as_of);
    }

    /// What happened in one change of a user.
    pub(in crate::service) fn apply(&self, change: &[Entry]) {
        if let Some(entry) = change.first() {
            let user = entry.position.user.as_str();
            self.shard(user).apply(user, change);
        }
    }

    /// Forgets everything.
    pub(in crate::service) fn clear(&self) {
        for shard in &self.shards {
            lock(shard).clear();
        }
    }

    /// Where the user is, if anywhere.
    fn shard(&self, user: &str) -> MutexGuard<'_, Shard> {
        #[expect(clippy::cast_possible_truncation, reason = "any bits of it will do")]
        let hash = self.hasher.hash_one(user) as usize;
        lock(&self.shards[hash % SHARDS])
    }
}

fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Remembered {
    /// Of two that are of one revision the later is as late, or later: what is read is the state after all of a
    /// change, and the feed tells its events in their order, all of them before anybody looks.
    fn update(&mut self, other: Self) {
        if other.seen.revision >= self.seen.revision {
            self.seen = other.seen;
        }
        self.as_of = self.as_of.max(other.as_of);
    }
}

#[cfg(test)]
mod tests;

//! How attributes stand, in memory: what was read once, and what the feed has told since.
//!
//! A user's place is made before anything of theirs is read, and what the feed tells of a user who has a place is kept
//! in it. So what was read is never older than the feed is: either the reading saw an event, or the feed tells it later.

use crate::domain::{
    check::{Seen, Standing},
    ledger::Entry,
    name::UserId,
};
use moka::{notification::RemovalCause, ops::compute::Op, sync::Cache};
use prometheus_client::{
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

/// What is known of some users' attributes; bounded.
pub struct Standings {
    users: Cache<UserId, Place>,
}

/// What is known of one user.
#[derive(Clone, Default)]
pub(super) struct Place(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    /// The feed has told all of the user's events up to this revision.
    told: i64,
    attributes: HashMap<String, Remembered>,
}

/// How an attribute stands.
#[derive(Clone)]
pub(super) struct Remembered {
    pub(super) seen: Seen,
    /// When it was read; none if the feed told it. It is as fresh as the feed is, in any case.
    pub(super) as_of: Option<Instant>,
}

impl Standings {
    /// Keeps at most so many attributes.
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
        let evicted = move |_: Arc<UserId>, _: Place, cause| {
            if cause == RemovalCause::Size {
                evictions.inc();
            }
        };
        let users = Cache::builder()
            .max_capacity(capacity)
            .weigher(|_, place: &Place| place.weight())
            .eviction_listener(evicted)
            .build();
        Self { users }
    }

    /// What is known of the attribute.
    pub(super) fn get(&self, user: &UserId, attribute: &str) -> Option<Remembered> {
        let place = self.users.get(user)?;
        let known = place.lock();
        let mut remembered = known.attributes.get(attribute)?.clone();
        remembered.seen.revision = remembered.seen.revision.max(known.told);
        Some(remembered)
    }

    /// The place of each user.
    pub(super) fn places<'u>(&self, users: impl Iterator<Item = &'u UserId>) -> Vec<Place> {
        users
            .map(|user| self.users.get_with_by_ref(user, Place::default))
            .collect()
    }

    /// Keeps what was read of a user who had this place before, unless the feed has told something later. A place that
    /// was given up meanwhile is nobody's any more.
    pub(super) fn remember(
        &self,
        user: UserId,
        place: Place,
        attribute: String,
        seen: Seen,
        as_of: Instant,
    ) {
        let is_new = {
            let mut known = place.lock();
            let attributes = known.attributes.len();
            let as_of = Some(as_of);
            let remembered = Remembered { seen, as_of };
            known
                .attributes
                .entry(attribute)
                .and_modify(|known| known.update(&remembered))
                .or_insert(remembered);
            known.attributes.len() > attributes
        };
        if is_new {
            // Put in again, it is weighed again.
            self.users
                .entry(user)
                .and_compute_with(|there| match there {
                    Some(there) if Arc::ptr_eq(&there.value().0, &place.0) => Op::Put(place),
                    _ => Op::Nop,
                });
        }
    }

    /// What happened in one change of a user.
    pub(in crate::service) fn apply(&self, change: &[Entry]) {
        let place = change.first().and_then(|entry| {
            let user = entry.position.user.as_str();
            self.users.get(user)
        });
        let Some(place) = place else {
            return;
        };
        let mut known = place.lock();
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
            match known.attributes.get_mut(event.attribute.as_str()) {
                Some(known) => known.update(&told),
                // It may be on its way from the database, as it was before this.
                None => drop(known.attributes.insert(event.attribute.to_string(), told)),
            }
            known.told = known.told.max(position.revision);
        }
    }

    /// Forgets everything.
    pub(in crate::service) fn clear(&self) {
        self.users.invalidate_all();
    }
}

impl Place {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A user costs about as much as an attribute.
    fn weight(&self) -> u32 {
        u32::try_from(self.lock().attributes.len() + 1).unwrap_or(u32::MAX)
    }
}

impl Remembered {
    /// Of two that are of one revision the later is as late, or later: what is read is the state after all of a
    /// change, and the feed tells its events in their order, all of them before anybody looks.
    fn update(&mut self, other: &Self) {
        if other.seen.revision >= self.seen.revision {
            self.seen = other.seen.clone();
        }
        self.as_of = self.as_of.max(other.as_of);
    }
}

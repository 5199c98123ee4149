//! A bounded number of places, for connections and for requests: whoever comes when all are taken gets the place of
//! whoever has been idle for longest, and is turned away only where everybody is at work. So those who hold places and
//! do nothing with them keep nobody out.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::Notify;

/// So many places; clones share them.
#[derive(Debug, Clone)]
pub struct Places(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    taken: usize,
    /// Those who can be asked to leave, by since when.
    idle: BTreeMap<u64, Arc<Notify>>,
    /// The last moment at which somebody became idle, counted.
    last: u64,
}

/// A place, until it is dropped or taken away. Its holder is at work at first.
#[derive(Debug)]
pub struct Place {
    shared: Arc<Shared>,
    /// Since when its holder is idle; 0 is at work. Changed under the lock.
    since: AtomicU64,
    taken_away: OnceLock<Arc<Notify>>,
}

impl Places {
    /// So many, all free.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self(Arc::new(Shared {
            capacity,
            state: Mutex::default(),
        }))
    }

    /// Takes a free place, or that of whoever has been idle for longest. None where all are at work.
    #[must_use]
    pub fn take(&self) -> Option<Place> {
        let mut state = self.0.lock();
        if state.taken >= self.0.capacity {
            state.take_away()?;
        }
        state.taken += 1;
        drop(state);
        Some(Place {
            shared: Arc::clone(&self.0),
            since: AtomicU64::new(0),
            taken_away: OnceLock::new(),
        })
    }

    /// Takes the place of whoever has been idle for longest away; whether there was one.
    pub(super) fn make_room(&self) -> bool {
        self.0.lock().take_away().is_some()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_away(&mut self) -> Option<()> {
        let (_, holder) = self.idle.pop_first()?;
        self.taken -= 1;
        holder.notify_one();
        Some(())
    }
}

impl Place {
    /// From now on its holder is idle, if it was not.
    pub fn rest(&self) {
        let notice = Arc::clone(self.notice());
        let mut state = self.shared.lock();
        if self.since.load(Ordering::Relaxed) == 0 {
            state.last += 1;
            let since = state.last;
            self.since.store(since, Ordering::Relaxed);
            state.idle.insert(since, notice);
        }
    }

    /// From now on its holder is at work. Nothing changes where the place has been taken away.
    pub fn work(&self) {
        let mut state = self.shared.lock();
        let since = self.since.load(Ordering::Relaxed);
        if state.idle.remove(&since).is_some() {
            self.since.store(0, Ordering::Relaxed);
        }
    }

    /// Waits until the place is somebody else's. Only one can wait.
    pub async fn taken_away(&self) {
        self.notice().notified().await;
    }

    fn notice(&self) -> &Arc<Notify> {
        self.taken_away.get_or_init(Arc::default)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let since = *self.since.get_mut();
        let mut state = self.shared.lock();
        if since == 0 || state.idle.remove(&since).is_some() {
            state.taken -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn where_all_are_at_work_nobody_is_let_in_until_one_leaves() {
        let places = Places::new(2);
        let held = [places.take().unwrap(), places.take().unwrap()];
        assert!(places.take().is_none());
        drop(held);
        assert!(places.take().is_some());
    }

    #[test]
    fn whoever_has_been_idle_for_longest_leaves_first_and_leaves_nothing_behind() {
        let places = Places::new(3);
        let held: Vec<_> = (0..3).map(|_| places.take().unwrap()).collect();
        for holder in [1, 2, 0, 1] {
            held[holder].rest();
        }
        // At work again, and then idle for the shortest time.
        held[1].work();
        held[1].rest();
        let gone = |place: &Place| place.taken_away().now_or_never().is_some();
        let newcomers: Vec<_> = (0..2).map(|_| places.take().unwrap()).collect();
        assert_eq!(
            held.iter().map(gone).collect::<Vec<_>>(),
            [true, false, true]
        );
        held[2].work();
        drop(held);
        assert!(places.take().is_some());
        drop(newcomers);
        let all: Vec<_> = std::iter::from_fn(|| places.take()).take(9).collect();
        assert_eq!(all.len(), 3);
    }

    #[test]
    fn room_can_be_made_though_there_are_free_places() {
        let places = Places::new(9);
        let place = places.take().unwrap();
        assert!(!places.make_room());
        place.rest();
        assert!(places.make_room());
        assert!(place.taken_away().now_or_never().is_some());
        drop(place);
        let all: Vec<_> = std::iter::from_fn(|| places.take()).take(99).collect();
        assert_eq!(all.len(), 9);
    }
}

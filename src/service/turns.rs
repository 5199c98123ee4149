//! Requests for one user take turns within an instance, and hand on what they know.
//!
//! This is for speed alone: without it a hot attribute would have one winner a round, and all others would decide in
//! vain. What keeps concurrent changes correct is the compare and set of the commit.

use super::catalog::Versioned;
use crate::{
    domain::{name::UserId, state::UserState},
    storage::Selection,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};
use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

/// Who is having a turn, and who waits for one.
#[derive(Default)]
pub(super) struct Turns {
    queues: Mutex<HashMap<UserId, Arc<Queue<Option<Known>>>>>,
}

/// What is known of a user, as it was loaded or as changes since have left it.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) selection: Selection,
    pub(super) state: UserState,
    pub(super) catalog: Arc<Versioned>,
    /// When the load began.
    pub(super) loaded_at: Instant,
}

/// A turn; it ends when this is dropped.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    user: &'t UserId,
    queue: Arc<Queue<Option<Known>>>,
    queued_at: Instant,
    guard: Option<OwnedMutexGuard<Option<Known>>>,
}

impl Turns {
    /// Waits for this user's turn.
    pub(super) async fn take<'t>(&'t self, user: &'t UserId) -> Turn<'t> {
        let queued_at = Instant::now();
        let queue = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(queues.entry(user.clone()).or_default())
        };
        // Made before the wait, so that one who stops waiting leaves nothing behind either.
        let mut turn = Turn {
            turns: self,
            user,
            queue: Arc::clone(&queue),
            queued_at,
            guard: None,
        };
        turn.guard = Some(queue.lock_owned().await);
        turn
    }
}

impl Turn<'_> {
    /// What the turn before knew, if it knows all that is selected and it was loaded while this one waited. A load from
    /// before would be older than the request: another instance may have changed the user or the catalog meanwhile, and
    /// whoever knows of that may have sent the request.
    pub(super) fn recall(&mut self, selection: &Selection) -> Option<Known> {
        let known = self.guard.as_mut()?.take()?;
        let is_enough = known.selection == *selection && known.loaded_at >= self.queued_at;
        is_enough.then_some(known)
    }

    /// Hands on what is known to the next, if anybody waits.
    pub(super) fn hand_on(&mut self, known: impl FnOnce() -> Known) {
        // The map has one, this turn two, and each that waits has two.
        let is_awaited = Arc::strong_count(&self.queue) > 3;
        if let Some(next) = self.guard.as_deref_mut() {
            *next = is_awaited.then(known);
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.guard = None;
        let queues = self.turns.queues.lock();
        let mut queues = queues.unwrap_or_else(PoisonError::into_inner);
        // The map's and this turn's.
        if Arc::strong_count(&self.queue) == 2 {
            queues.remove(self.user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn users_do_not_wait_for_each_other_and_nothing_is_left_behind() {
        let turns = Turns::default();
        let (a, b) = (UserId::parse("a").unwrap(), UserId::parse("b").unwrap());
        let first = turns.take(&a).await;
        let other = turns.take(&b).await;
        let mut waiting = Box::pin(turns.take(&a));
        assert!(poll_once(&mut waiting).await.is_none());
        drop(waiting);
        drop((first, other));
        assert!(turns.queues.lock().unwrap().is_empty());
    }

    /// What the future gives if it is ready now.
    async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = std::future::ready(()) => None,
        }
    }
}

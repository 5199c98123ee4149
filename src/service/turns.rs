//! Requests for one user take turns within an instance.
//!
//! This is for speed alone: without it a hot attribute would have one winner a round, and all others would decide in
//! vain. What keeps concurrent changes correct is the compare and set of the commit.

use crate::domain::name::UserId;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Mutex as Queue, OwnedMutexGuard};

/// Who is having a turn, and who waits for one.
#[derive(Default)]
pub(super) struct Turns {
    queues: Mutex<HashMap<UserId, Arc<Queue<()>>>>,
}

/// A turn; it ends when this is dropped.
pub(super) struct Turn<'t> {
    turns: &'t Turns,
    user: &'t UserId,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for this user's turn.
    pub(super) async fn take<'t>(&'t self, user: &'t UserId) -> Turn<'t> {
        let queue = {
            let mut queues = self.queues.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(queues.entry(user.clone()).or_default())
        };
        // Made before the wait, so that one who stops waiting leaves nothing behind either.
        let mut turn = Turn {
            turns: self,
            user,
            guard: None,
        };
        turn.guard = Some(queue.lock_owned().await);
        turn
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.guard = None;
        let queues = self.turns.queues.lock();
        let mut queues = queues.unwrap_or_else(PoisonError::into_inner);
        let unused = |queue: &Arc<Queue<()>>| Arc::strong_count(queue) == 1;
        if queues.get(self.user).is_some_and(unused) {
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

//! What is done in the background. Every instance does it, and none relies on another: each step is recorded before
//! it is done, and whatever an instance took and did not finish is found again.

use super::{Error, Transactor, transactor::Origin};
use crate::{
    domain::{
        Instant,
        change::Draft,
        decide,
        event::Actor,
        ledger::{Entry, Horizon},
        name::{ServiceName, UserId},
        removal::{Next, Removal},
    },
    storage::{self, Selection},
};
use std::{sync::Arc, time::Duration};

/// How often there is a round.
pub const INTERVAL: Duration = Duration::from_secs(2);

/// A token is forgotten so long after it has expired: until then an operator can see that it did.
const KEPT: Duration = Duration::from_hours(24);

/// How many users are disconnected, or tokens forgotten, before it is recorded how far the work has come.
const STEP: u32 = 100;

/// How many events of the ledger are passed in one go when it is pruned: each may delete others, and it is one change.
const PASSED: usize = 20;

/// How often a round reads `STEP` events of the ledger to prune it: all else must have its turn, however much there is.
const READS: usize = 100;

/// The work in the background.
pub struct Housekeeping {
    transactor: Arc<Transactor>,
    retention: Option<Duration>,
}

impl Housekeeping {
    /// Changes go through `transactor`; of the ledger, what has been overtaken for longer than `retention` goes.
    #[must_use]
    pub fn new(transactor: Arc<Transactor>, retention: Option<Duration>) -> Self {
        Self {
            transactor,
            retention,
        }
    }

    /// Does all that there is to do now.
    ///
    /// # Errors
    /// What the store says. The next round begins where this one failed.
    pub async fn round(&self) -> Result<(), Error> {
        let Transactor { store, clock, .. } = &*self.transactor;
        self.transactor.catalog.refresh().await?;
        for removal in store.pending().await? {
            self.disconnect_everybody(removal, clock.now()).await?;
        }
        let expired = clock.now() - KEPT;
        while store.forget(expired, STEP).await? == u64::from(STEP) {}
        while store.forget_revoked(expired, STEP).await? == u64::from(STEP) {}
        while store.forget_internal(expired, STEP).await? == u64::from(STEP) {}
        while store.forget_records(clock.now(), STEP).await? == u64::from(STEP) {}
        if let Some(retention) = self.retention {
            let now = clock.now();
            self.prune(now - retention, now).await?;
        }
        Ok(())
    }

    /// Passes the events of the feed that are from before `until`, one after the other. What came before the last of an
    /// attribute goes; that one stays, so that the ledger always tells how an attribute stands, and since when.
    async fn prune(&self, until: Instant, now: Instant) -> Result<(), Error> {
        let store = &self.transactor.store;
        let Horizon {
            mut start,
            complete,
            ..
        } = store.horizon().await?;
        // Read, and not known to be old.
        let mut ahead = Vec::<Entry>::new();
        for _ in 0..READS {
            let after = ahead.last().map_or(&start, |last| &last.position);
            let page = store.feed(after, complete, None, STEP).await?;
            let is_last = page.len() < STEP as usize;
            ahead.extend(page);
            let old: Vec<_> = ahead.drain(..old(&ahead, until, now)).collect();
            for passed in old.chunks(PASSED) {
                match store.prune(&start, passed).await {
                    // Another instance is at it.
                    Err(storage::Error::Stale) => return Ok(()),
                    other => other?,
                }
                start = passed[passed.len() - 1].position.clone();
            }
            if is_last || ahead.iter().any(|entry| entry.stamp.at <= now) {
                break;
            }
        }
        Ok(())
    }

    /// Goes on with a removal until its pass ends, or another instance is found to be at it.
    async fn disconnect_everybody(&self, mut removal: Removal, now: Instant) -> Result<(), Error> {
        let store = &self.transactor.store;
        loop {
            let service = &removal.service;
            let users = store.connected(service, &removal.after_user, STEP).await?;
            let (to, ends) = match removal.next(&users, now) {
                Next::Disconnect(to) => (to, false),
                Next::Again(to) => (to, true),
                Next::Done => {
                    tracing::info!(%service, "nobody has the removed service connected any more");
                    return Ok(store.finish(&removal).await?);
                }
            };
            match store.advance(&removal, &to).await {
                Err(storage::Error::Stale) => return Ok(()),
                other => other?,
            }
            for user in &users {
                self.disconnect(user, &removal.service).await?;
            }
            if ends {
                return Ok(());
            }
            removal = to;
        }
    }

    /// Disconnects one user, unless the service has come back. The user may have been first.
    async fn disconnect(&self, user: &UserId, service: &ServiceName) -> Result<(), Error> {
        let origin = Origin {
            actor: Actor::Operator,
            internal: None,
            request_id: "housekeeping".to_owned(),
        };
        let decide = |draft: &mut Draft<'_>| {
            if draft.catalog().service(service).is_none() {
                decide::disconnect(draft, service);
            }
            Ok(())
        };
        let all = Selection::All;
        self.transactor.change(user, &all, &origin, decide).await?;
        Ok(())
    }
}

/// How many of these events, which follow each other, have their turn. An event that is old has, and the first that is
/// not ends it. One whose time is yet to come, by a clock that was ahead, tells nothing: it goes with the next old one.
fn old(entries: &[Entry], until: Instant, now: Instant) -> usize {
    let times = entries.iter().map(|entry| entry.stamp.at);
    let known = times.take_while(|&at| at < until || at > now);
    let old = known.enumerate().filter(|&(_, at)| at < until);
    old.last().map_or(0, |(index, _)| index + 1)
}

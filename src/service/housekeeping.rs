//! What is done in the background. Every instance does it, and none relies on another: each step is recorded before
//! it is done, and whatever an instance took and did not finish is found again.

use super::{Error, Transactor, transactor::Origin};
use crate::{
    domain::{
        Instant,
        change::Draft,
        decide,
        event::Actor,
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

/// The work in the background.
pub struct Housekeeping {
    transactor: Arc<Transactor>,
}

impl Housekeeping {
    /// Changes go through `transactor`.
    #[must_use]
    pub fn new(transactor: Arc<Transactor>) -> Self {
        Self { transactor }
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
        while store.forget_records(clock.now(), STEP).await? == u64::from(STEP) {}
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

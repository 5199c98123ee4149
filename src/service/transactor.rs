//! How a change happens (`model.md`): load, decide, commit if the revision is still the one that was loaded. Of
//! requests that wait for each other only the first need load.

use super::{
    Error, audit,
    catalog::{CatalogCache, Versioned},
    turns::{Known, Turns},
};
use crate::{
    ambient::Clock,
    domain::{
        change::Draft,
        event::{Actor, Stamp},
        name::{ServiceName, UserId},
        record::{IdempotencyKey, Record},
        state::UserState,
    },
    storage::{Selection, Store},
};
use backon::{ExponentialBuilder, Retryable as _};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// How often a lost race is run again before the caller is told. Load on the very service that is disconnected must not
/// prevent it; and an operator's command has no turn among the requests of an instance.
fn retries(actor: &Actor) -> usize {
    match actor {
        Actor::Service(_) => 10,
        Actor::User | Actor::Operator => 500,
    }
}

/// Runs changes of users' data.
pub struct Transactor {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) catalog: CatalogCache,
    turns: Turns,
    committed: Arc<Notify>,
}

/// Who makes a change, and by which request.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) actor: Actor,
    /// The internal service that asked, where that is not the actor.
    pub(super) internal: Option<ServiceName>,
    pub(super) request_id: String,
}

/// Whose request it is and what it is called, where it may be sent again.
pub(super) type RecordKey<'k> = (&'k ServiceName, &'k IdempotencyKey);

/// What a change gave, and the state after it.
pub(super) struct Committed<T> {
    pub(super) answer: T,
    pub(super) state: UserState,
    pub(super) catalog: Arc<Versioned>,
}

impl Transactor {
    /// Works on `store`, by the time of `clock`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self {
            catalog: CatalogCache::new(Arc::clone(&store)),
            store,
            clock,
            turns: Turns::default(),
            committed: Arc::default(),
        }
    }

    /// Told after each commit that has events.
    #[must_use]
    pub fn committed(&self) -> Arc<Notify> {
        Arc::clone(&self.committed)
    }

    /// Reads a part of a user's state.
    pub(super) async fn read(
        &self,
        user: &UserId,
        selection: &Selection,
    ) -> Result<(UserState, Arc<Versioned>), Error> {
        let known = self.load(user, selection).await?;
        Ok((known.state, known.catalog))
    }

    /// Decides and commits. `decide` may be called several times, and if it fails nothing is written.
    ///
    /// # Errors
    /// What `decide` gives; [`Error::Contended`] after too many lost races; and what the store says.
    pub(super) async fn change<T>(
        &self,
        user: &UserId,
        selection: &Selection,
        origin: &Origin,
        decide: impl Fn(&mut Draft<'_>) -> Result<T, Error>,
    ) -> Result<Committed<T>, Error> {
        let decide = |draft: &mut Draft<'_>, _| decide(draft);
        self.change_once(user, selection, origin, None, decide)
            .await
    }

    /// As [`Transactor::change`], of a request that may be sent again: `decide` is told what is kept of that key, and
    /// changes nothing if that is its answer.
    pub(super) async fn change_once<T>(
        &self,
        user: &UserId,
        selection: &Selection,
        origin: &Origin,
        key: Option<RecordKey<'_>>,
        decide: impl Fn(&mut Draft<'_>, Option<Record>) -> Result<T, Error>,
    ) -> Result<Committed<T>, Error> {
        let mut turn = self.turns.take(user).await;
        let first = match turn.recall(selection) {
            Some(known) => self.settle(user, known, origin, key, &decide).await,
            None => Err(Error::Contended),
        };
        let (answer, known) = match first {
            Err(Error::Contended) => {
                let again = || async {
                    let known = self.load(user, selection).await?;
                    self.settle(user, known, origin, key, &decide).await
                };
                again.retry(backoff(&origin.actor)).when(is_lost_race).await
            }
            settled => settled,
        }?;
        turn.hand_on(|| known.clone());
        Ok(Committed {
            answer,
            state: known.state,
            catalog: known.catalog,
        })
    }

    /// What [`Transactor::change`] would give now, with the state after it. Nothing is written, and the revision is what
    /// it is.
    pub(super) async fn preview<T>(
        &self,
        user: &UserId,
        selection: &Selection,
        origin: &Origin,
        decide: impl Fn(&mut Draft<'_>) -> Result<T, Error>,
    ) -> Result<Committed<T>, Error> {
        let known = self.load(user, selection).await?;
        let mut draft = self.draft(&known, origin);
        let answer = decide(&mut draft)?;
        let (_, state) = draft.finish();
        Ok(Committed {
            answer,
            state: UserState {
                revision: known.state.revision,
                ..state
            },
            catalog: known.catalog,
        })
    }

    async fn load(&self, user: &UserId, selection: &Selection) -> Result<Known, Error> {
        let loaded_at = Instant::now();
        let loaded = self.store.load(user, selection).await?;
        Ok(Known {
            selection: selection.clone(),
            catalog: self.catalog.of_version(loaded.catalog_version).await?,
            state: loaded.state,
            loaded_at,
        })
    }

    /// Decides by what is known, and commits; the answer, and what is known after it.
    async fn settle<T>(
        &self,
        user: &UserId,
        known: Known,
        origin: &Origin,
        key: Option<RecordKey<'_>>,
        decide: impl Fn(&mut Draft<'_>, Option<Record>) -> Result<T, Error>,
    ) -> Result<(T, Known), Error> {
        // After the load: a record that is not there now, and is when this commits, came with a higher revision.
        let record = match key {
            Some((service, key)) => self.store.kept(user, service, key).await?,
            None => None,
        };
        let record = record.filter(|record| self.clock.now() < record.expires_at);
        let mut draft = self.draft(&known, origin);
        let answer = decide(&mut draft, record)?;
        let (change, state) = draft.finish();
        if !change.is_empty() {
            let has_events = !change.events.is_empty();
            let line = audit::Line::of(&change);
            self.store.commit(user, change).await?;
            if let Some(line) = line {
                line.log(user, origin, state.revision);
            }
            if has_events {
                self.committed.notify_one();
            }
        }
        Ok((answer, Known { state, ..known }))
    }

    fn draft<'k>(&self, known: &'k Known, origin: &Origin) -> Draft<'k> {
        let stamp = Stamp {
            actor: origin.actor.clone(),
            request_id: origin.request_id.clone(),
            at: self.clock.now(),
        };
        Draft::new(&known.state, &known.catalog.catalog, stamp)
    }
}

fn backoff(actor: &Actor) -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(1))
        .with_max_delay(Duration::from_millis(50))
        .with_max_times(retries(actor))
        .with_jitter()
}

fn is_lost_race(error: &Error) -> bool {
    matches!(error, Error::Contended)
}

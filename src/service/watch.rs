//! Watching: the events of one user or of all, those since a place first and then live.
//!
//! A watch reads the past from the database, page by page as it is taken, and then listens to the [`Feed`]. Between
//! the two it subscribes first and reads once more, so that nothing falls in between; what comes twice is known by its
//! place, which only rises.

use super::{
    Error,
    feed::{Feed, Interest, Live, PAGE, in_time},
};
use crate::{
    domain::{
        ledger::{Cursor, Entry, Horizon, Position, Query},
        name::{AttributeName, ServiceName, UserId},
    },
    storage::{self, Store},
};
use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::broadcast::error::RecvError;

/// For how long a watch trusts that nothing happens while the feed is not read.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is watched.
#[derive(Debug, Clone)]
pub struct WatchRequest {
    /// Only this user's events.
    pub user: Option<UserId>,
    /// Where to begin.
    pub after: After,
    /// Only events in which one of these is the owner before or after; all if there are none.
    pub services: BTreeSet<ServiceName>,
    /// Only events of these attributes; all if there are none.
    pub attributes: BTreeSet<AttributeName>,
    /// The longest silence.
    pub heartbeat: Duration,
}

/// Where a watch begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    /// With what happens from now on.
    Now,
    /// After a revision of the one user.
    Revision(i64),
    /// Where an earlier watch was, or with all that is kept.
    Cursor(Cursor),
}

/// What a watch tells.
#[derive(Debug, Clone)]
pub struct Told {
    /// What happened; nothing in a heartbeat.
    pub entry: Option<Arc<Entry>>,
    /// All up to here has been told.
    pub cursor: Cursor,
}

/// Opens watches.
#[derive(Clone)]
pub struct Watches {
    feed: Arc<Feed>,
}

impl Watches {
    /// Live events come from `feed`.
    #[must_use]
    pub fn new(feed: Arc<Feed>) -> Self {
        Self { feed }
    }

    /// Begins a watch. Its first message is a heartbeat with the place at which it begins.
    ///
    /// # Errors
    /// [`Error::NotRetained`], [`Error::UnknownCursor`], and what the store says.
    pub async fn open(&self, request: WatchRequest) -> Result<Watch, Error> {
        let store = Arc::clone(&self.feed.store);
        let horizon = self.feed.horizon().await?;
        let begin = match (&request.after, &request.user) {
            (After::Cursor(cursor), _) => cursor.clone(),
            (After::Revision(revision), Some(user)) => {
                Cursor::complete(store.place_of(user, *revision).await?)
            }
            (After::Now | After::Revision(_), _) => {
                Cursor::complete(Position::before(horizon.complete))
            }
        };
        if begin.position.transaction > horizon.seen {
            return Err(Error::UnknownCursor);
        }
        let watch = Watch {
            interest: self.feed.interest(),
            feed: Arc::clone(&self.feed),
            store,
            first: Some(Told {
                entry: None,
                cursor: begin.clone(),
            }),
            request,
            upto: begin,
            page: VecDeque::new(),
            stage: Stage::Past,
            spoke_at: Instant::now(),
        };
        watch.is_retained(&horizon).await?;
        Ok(watch)
    }
}

/// An open watch.
pub struct Watch {
    feed: Arc<Feed>,
    interest: Interest,
    store: Arc<dyn Store>,
    request: WatchRequest,
    /// What is to be told before all else.
    first: Option<Told>,
    /// All up to here has been told, or is not asked for.
    upto: Cursor,
    /// Read, and not yet told.
    page: VecDeque<Entry>,
    stage: Stage,
    spoke_at: Instant,
}

/// How far a watch has come.
enum Stage {
    /// There may be more to read.
    Past,
    /// All was read before the live events were there to be listened to; once more, and it is complete.
    Joining(Live),
    /// It has read all that the live events do not have.
    Live(Live),
}

/// What listening to the live events gave.
enum Heard {
    /// Something to be told.
    Told(Told),
    /// The feed begins anew, so the watch is to read again.
    Anew,
}

impl Watch {
    /// Where another watch goes on if this one ends now.
    #[must_use]
    pub fn cursor(&self) -> &Cursor {
        &self.upto
    }

    /// The next thing to be told.
    ///
    /// # Errors
    /// The watch has ended: [`Error::WatchTooSlow`], [`Error::ShuttingDown`], [`Error::NotRetained`], and what the
    /// store says.
    pub async fn next(&mut self) -> Result<Told, Error> {
        if let Some(first) = self.first.take() {
            return Ok(first);
        }
        let feed = Arc::clone(&self.feed);
        let told = tokio::select! {
            biased;
            () = feed.stopped() => None,
            told = self.advance() => Some(told),
        };
        told.unwrap_or_else(|| {
            let cursor = self.upto.to_string();
            Err(Error::ShuttingDown { cursor })
        })
    }

    async fn advance(&mut self) -> Result<Told, Error> {
        loop {
            while let Some(entry) = self.page.pop_front() {
                if let Some(told) = self.tell(Arc::new(entry)) {
                    return Ok(told);
                }
            }
            self.stage = match std::mem::replace(&mut self.stage, Stage::Past) {
                Stage::Past if self.read().await? => Stage::Past,
                Stage::Past => {
                    let live = self.interest.listen(PATIENCE).await;
                    Stage::Joining(live.ok_or_else(not_read)?)
                }
                Stage::Joining(live) if self.read().await? => Stage::Joining(live),
                Stage::Joining(live) => Stage::Live(live),
                Stage::Live(mut live) => {
                    // All that was read has been told: nothing that comes after is missing.
                    self.upto.may_lack_the_overtaken = false;
                    match self.hear(&mut live).await? {
                        Heard::Anew => Stage::Past,
                        Heard::Told(told) => {
                            self.stage = Stage::Live(live);
                            return Ok(told);
                        }
                    }
                }
            };
        }
    }

    /// Reads a page; whether there may be another.
    async fn read(&mut self) -> Result<bool, Error> {
        let horizon = self.feed.horizon().await?;
        let user = self.request.user.as_ref();
        let after = &self.upto.position;
        let page = self.feed.page(after, horizon.complete, user).await?;
        // What was pruned while the page was read may be missing in it.
        self.is_retained(&self.feed.horizon().await?).await?;
        if page.is_empty() {
            self.move_to(Position::before(horizon.complete));
        }
        self.page = page.into();
        Ok(self.page.len() == PAGE as usize)
    }

    /// Whether all that comes after the place of the watch is there.
    async fn is_retained(&self, horizon: &Horizon) -> Result<(), Error> {
        let upto = &self.upto.position;
        let oldest = match &self.request.user {
            _ if self.upto.may_lack_the_overtaken => return Ok(()),
            // Of a user who does little, what is long pruned of others may be complete.
            Some(user) if upto.user == user.as_str() => {
                let nothing = Query::default();
                let events = in_time(self.store.events(user, &nothing)).await?;
                let complete_after = events.complete_after;
                if complete_after <= upto.revision {
                    return Ok(());
                }
                if matches!(self.request.after, After::Revision(_)) {
                    complete_after.to_string()
                } else {
                    let place = in_time(self.store.place_of(user, complete_after)).await?;
                    Cursor::complete(place).to_string()
                }
            }
            _ if horizon.start <= *upto => return Ok(()),
            _ => Cursor::complete(horizon.start.clone()).to_string(),
        };
        Err(Error::NotRetained { oldest })
    }

    /// Waits for something to be told, for a heartbeat at most.
    async fn hear(&mut self, live: &mut Live) -> Result<Heard, Error> {
        loop {
            let silence = self.spoke_at.elapsed();
            let wait = self.request.heartbeat.saturating_sub(silence);
            let told = match tokio::time::timeout(wait, live.entries.recv()).await {
                Ok(Ok(entry)) => self.tell(entry),
                Ok(Err(RecvError::Closed)) => return Ok(Heard::Anew),
                Ok(Err(RecvError::Lagged(_))) => {
                    let cursor = self.upto.to_string();
                    return Err(Error::WatchTooSlow { cursor });
                }
                Err(_) => Some(self.heartbeat(live)?),
            };
            if let Some(told) = told {
                return Ok(Heard::Told(told));
            }
        }
    }

    /// Moves past the entry; what is to be told of it, if it is asked for and has not been told, or of the silence, if
    /// that was long enough.
    fn tell(&mut self, entry: Arc<Entry>) -> Option<Told> {
        if entry.position <= self.upto.position {
            return None;
        }
        self.upto.position = entry.position.clone();
        let entry = self.request.asks_for(&entry).then_some(entry);
        let is_due = entry.is_some() || self.spoke_at.elapsed() >= self.request.heartbeat;
        is_due.then(|| self.speak(entry))
    }

    /// Tells that nothing has happened up to where the feed is.
    ///
    /// # Errors
    /// [`Error::Unavailable`] if that cannot be told, because the feed could not be read for a while.
    fn heartbeat(&mut self, live: &Live) -> Result<Told, Error> {
        let progress = live.progress.borrow().clone();
        if progress.read_at.elapsed() > self.request.heartbeat.max(PATIENCE) {
            return Err(not_read());
        }
        // Whatever the progress covers has been sent before, so with nothing left to be heard all of it was heard.
        if live.entries.is_empty() {
            self.move_to(progress.upto);
        }
        Ok(self.speak(None))
    }

    /// Nothing that is asked for is between where the watch is and this place.
    fn move_to(&mut self, place: Position) {
        if self.upto.position < place {
            self.upto.position = place;
        }
    }

    fn speak(&mut self, entry: Option<Arc<Entry>>) -> Told {
        self.spoke_at = Instant::now();
        Told {
            entry,
            cursor: self.upto.clone(),
        }
    }
}

/// The feed could not be read for a while, and nobody knows what has happened.
fn not_read() -> Error {
    let reason = "the feed could not be read for a while";
    storage::Error::Unavailable(Arc::from(Box::from(reason))).into()
}

impl WatchRequest {
    fn asks_for(&self, entry: &Entry) -> bool {
        let event = &entry.event;
        let owners = || [&event.from, &event.to].into_iter().flatten();
        let of_user = self.user.as_ref();
        of_user.is_none_or(|user| user.as_str() == entry.position.user)
            && !matches!(self.after, After::Revision(after) if entry.position.revision <= after)
            && (self.attributes.is_empty() || self.attributes.contains(&event.attribute))
            && (self.services.is_empty() || owners().any(|owner| self.services.contains(owner)))
    }
}

//! The feed of all users' events, read from the database for everybody in this instance who wants to know: one reader,
//! however many watch. It reads as long as anybody is interested, and rests otherwise.
//!
//! The events table is the only source. What wakes the reader earlier than its next turn, a commit of this instance, is
//! a hint: without any the reader is as complete, and a little later.

mod reader;

use super::Standings;
use crate::{
    domain::{
        ledger::{Entry, Horizon, Position},
        name::UserId,
    },
    storage::{self, Store},
};
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::{Notify, broadcast, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// For how long the reader goes on for the sake of cached checks after the last of them.
const LINGER: Duration = Duration::from_secs(10);

/// How many events are read at a time.
pub(super) const PAGE: u32 = 500;

/// The longest that the database may take for a page. A connection whose other end is gone without a word gives no
/// error, and no limit of the database's own ends what never reached it.
const LIMIT: Duration = Duration::from_secs(5);

/// The feed within this instance.
pub struct Feed {
    pub(super) store: Arc<dyn Store>,
    pub(super) standings: Arc<Standings>,
    /// Told after each commit of this instance that has events.
    committed: Arc<Notify>,
    /// Told when somebody becomes interested.
    wanted: Notify,
    watchers: Gauge,
    /// When a check last wanted the feed, in milliseconds since `started`; 0 is never.
    checked_at: AtomicU64,
    started: Instant,
    /// What the reader tells; none while it does not read.
    run: watch::Sender<Option<Run>>,
    lag: Gauge<f64, AtomicU64>,
    /// How many events a watch may be behind.
    buffer: usize,
    stop: CancellationToken,
}

/// What the reader tells from a beginning on. When it begins anew that is another run, and this one ends for whoever
/// listens to it: how far the one has come says nothing of what the other has told.
#[derive(Clone)]
struct Run {
    entries: broadcast::Sender<Arc<Entry>>,
    progress: watch::Sender<Progress>,
}

/// What is told in a run from now on.
pub(super) struct Live {
    /// Closed when the run ends.
    pub(super) entries: broadcast::Receiver<Arc<Entry>>,
    /// How far the run has come.
    pub(super) progress: watch::Receiver<Progress>,
}

/// How far the reader has come.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    /// Every event up to here has been told.
    pub(super) upto: Position,
    /// Every event that was visible at this moment has been told.
    pub(super) fresh_as_of: Instant,
    /// When the database last answered.
    pub(super) read_at: Instant,
}

/// While it is there, the reader does not rest.
pub(super) struct Interest {
    feed: Arc<Feed>,
}

impl Feed {
    /// Reads from `store` for `standings` and for whoever watches; `committed` is told after each commit. Who watches
    /// may be `buffer` events behind, and is ended beyond that.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        standings: Arc<Standings>,
        committed: Arc<Notify>,
        buffer: usize,
        meters: &mut Registry,
    ) -> Self {
        let (watchers, lag) = (Gauge::default(), Gauge::default());
        meters.register("tenure_watchers", "Watches that are open", watchers.clone());
        meters.register_with_unit(
            "tenure_feed_lag",
            "How old the newest moment is at which everything visible has been read; 0 while nobody is interested",
            prometheus_client::registry::Unit::Seconds,
            lag.clone(),
        );
        Self {
            store,
            standings,
            committed,
            wanted: Notify::new(),
            watchers,
            checked_at: AtomicU64::new(0),
            started: Instant::now(),
            run: watch::Sender::new(None),
            lag,
            buffer,
            stop: CancellationToken::new(),
        }
    }

    /// Ends the reader and all who watch.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Ends with [`Feed::stop`].
    pub(super) async fn stopped(&self) {
        self.stop.cancelled().await;
    }

    /// Has the reader go on for a while, and tells how far it is; none if it rested until now.
    pub(super) fn touch(&self) -> Option<Progress> {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.checked_at.store(now.max(1), Ordering::Relaxed);
        let run = self.run.borrow();
        let progress = run.as_ref().map(|run| run.progress.borrow().clone());
        drop(run);
        if progress.is_none() {
            self.wanted.notify_one();
        }
        progress
    }

    /// Has the reader run as long as the answer is kept.
    pub(super) fn interest(self: &Arc<Self>) -> Interest {
        self.watchers.inc();
        self.wanted.notify_one();
        Interest {
            feed: Arc::clone(self),
        }
    }

    fn is_wanted(&self) -> bool {
        let checked_at = self.checked_at.load(Ordering::Relaxed);
        let lingers =
            checked_at > 0 && self.started.elapsed() < Duration::from_millis(checked_at) + LINGER;
        self.watchers.get() > 0 || lingers
    }

    /// How far the feed can be read now.
    pub(super) async fn horizon(&self) -> storage::Result<Horizon> {
        in_time(self.store.horizon()).await
    }

    /// The next page after a place, as [`storage::Ledger::feed`] gives it.
    pub(super) async fn page(
        &self,
        after: &Position,
        complete: i64,
        user: Option<&UserId>,
    ) -> storage::Result<Vec<Entry>> {
        in_time(self.store.feed(after, complete, user, PAGE)).await
    }
}

/// What the database gives, if it does in time. Otherwise it is dropped, and with it the connection that it is on.
pub(super) async fn in_time<T>(
    asked: impl Future<Output = storage::Result<T>>,
) -> storage::Result<T> {
    timeout(LIMIT, asked)
        .await
        .unwrap_or_else(|late| Err(storage::Error::Unavailable(Arc::new(late))))
}

impl Run {
    fn listen(&self) -> Live {
        Live {
            entries: self.entries.subscribe(),
            progress: self.progress.subscribe(),
        }
    }
}

impl Interest {
    /// What is told from now on, once the reader runs; none if it has not begun by the end of `patience`.
    pub(super) async fn listen(&self, patience: Duration) -> Option<Live> {
        let mut run = self.feed.run.subscribe();
        let running = timeout(patience, run.wait_for(Option::is_some));
        let running = running.await.ok()?.ok()?;
        running.as_ref().map(Run::listen)
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        self.feed.watchers.dec();
    }
}

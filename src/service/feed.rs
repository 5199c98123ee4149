//! The feed of all users' events, read from the database for everybody in this instance who wants to know: one reader,
//! however many watch. It reads as long as anybody is interested, and rests otherwise.
//!
//! The events table is the only source. What wakes the reader earlier than its next turn, a commit of this instance, is
//! a hint: without any the reader is as complete, and a little later.

mod reader;

use super::Standings;
use crate::{
    domain::ledger::{Entry, Position},
    storage::Store,
};
use prometheus_client::{metrics::gauge::Gauge, registry::Registry};
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{Notify, broadcast, watch};
use tokio_util::sync::CancellationToken;

/// For how long the reader goes on for the sake of cached checks after the last of them.
const LINGER: Duration = Duration::from_secs(10);

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
    /// How far all has been told; none while the reader rests.
    progress: watch::Sender<Option<Progress>>,
    live: Mutex<broadcast::Sender<Arc<Entry>>>,
    lag: Gauge<f64, AtomicU64>,
    /// How many events a watch may be behind.
    buffer: usize,
    stop: CancellationToken,
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

/// The events from now on, as they are read. While it is there, the reader does not rest.
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
            progress: watch::Sender::new(None),
            live: Mutex::new(broadcast::Sender::new(buffer)),
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
        let progress = self.progress.borrow().clone();
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

    fn live(&self) -> std::sync::MutexGuard<'_, broadcast::Sender<Arc<Entry>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Interest {
    /// What is read from now on, once the reader runs; closed when the reader begins anew.
    pub(super) async fn subscribe(&self) -> broadcast::Receiver<Arc<Entry>> {
        let mut progress = self.feed.progress.subscribe();
        // The sender is the feed's own, which is there as long as this is.
        let _ = progress.wait_for(Option::is_some).await;
        self.feed.live().subscribe()
    }

    /// How far the reader is.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.feed.progress.borrow().clone()
    }
}

impl Drop for Interest {
    fn drop(&mut self) {
        self.feed.watchers.dec();
    }
}

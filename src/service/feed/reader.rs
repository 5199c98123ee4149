//! The reader of the feed.

use super::{Feed, PAGE, Progress, Run};
use crate::{
    domain::ledger::{Entry, Horizon, Position},
    storage,
};
use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    sync::{broadcast, watch},
    time::{Interval, MissedTickBehavior, interval, timeout},
};

/// How often the reader looks whether other instances have changed anything.
const POLL: Duration = Duration::from_millis(25);

/// How often it looks at most, whatever wakes it: commits that come in between are read together.
const LEAST: Duration = Duration::from_millis(5);

/// How long it waits after the database failed, or before it begins anew.
const PAUSE: Duration = Duration::from_millis(200);

/// Of so many moments it is remembered what could be seen then.
const MOMENTS: usize = 1_000;

/// Where the reader is.
struct Place {
    /// Where it tells what it reads.
    run: Run,
    upto: Position,
    /// Moments at which transactions were visible that are not all read yet: when, and before which transaction.
    seen: VecDeque<(Instant, i64)>,
    fresh_as_of: Instant,
}

impl Feed {
    /// Reads until it is stopped.
    pub async fn run(&self) {
        let mut turns = interval(LEAST);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        tokio::select! {
            () = self.stopped() => {}
            () = self.rest_and_read(&mut turns) => {}
        }
    }

    async fn rest_and_read(&self, turns: &mut Interval) {
        loop {
            while !self.is_wanted() {
                self.wanted.notified().await;
            }
            match self.begin().await {
                Ok(mut place) => while self.is_wanted() && self.go_on(&mut place, turns).await {},
                Err(error) => failed(&error),
            }
            self.run.send_replace(None);
            self.lag.set(0.0);
            if self.is_wanted() {
                // It could not go on. Whatever the reason is, it will not be another at once.
                pause().await;
            }
        }
    }

    /// Begins at the end of the feed. What others have been told of what came before is of no use any more.
    async fn begin(&self) -> storage::Result<Place> {
        let now = Instant::now();
        let horizon = self.horizon().await?;
        self.standings.clear();
        let upto = Position::before(horizon.complete);
        // A moment at which nothing was known: it is as old as it can be.
        let fresh_as_of = self.started;
        let run = Run {
            entries: broadcast::Sender::new(self.buffer),
            progress: watch::Sender::new(Progress {
                upto: upto.clone(),
                fresh_as_of,
                read_at: now,
            }),
        };
        self.run.send_replace(Some(run.clone()));
        Ok(Place {
            run,
            upto,
            seen: VecDeque::from([(now, horizon.seen)]),
            fresh_as_of,
        })
    }

    /// Waits for its turn and reads what there is; whether there is a way on from here.
    async fn go_on(&self, place: &mut Place, turns: &mut Interval) -> bool {
        turns.tick().await;
        match self.read(place).await {
            Ok(Some(horizon)) => {
                // What is visible and not yet complete will be soon.
                let wait = if horizon.complete < horizon.seen {
                    LEAST
                } else {
                    POLL
                };
                let _ = timeout(wait, self.committed.notified()).await;
                true
            }
            Ok(None) => {
                tracing::warn!(
                    "what was to be read next has been pruned; those who watch begin anew"
                );
                false
            }
            Err(error) => {
                failed(&error);
                pause().await;
                true
            }
        }
    }

    /// Reads and tells all that is complete; nothing if some of it is gone.
    async fn read(&self, place: &mut Place) -> storage::Result<Option<Horizon>> {
        let now = Instant::now();
        let horizon = self.horizon().await?;
        if horizon.start > place.upto {
            return Ok(None);
        }
        let mut page = Vec::new();
        let mut is_last = horizon.complete <= place.upto.transaction;
        while !is_last {
            let after = page
                .last()
                .map_or(&place.upto, |entry: &Entry| &entry.position);
            let next = self.page(after, horizon.complete, None).await?;
            is_last = next.len() < PAGE as usize;
            page.extend(next);
            let rest = if is_last {
                Vec::new()
            } else {
                page.split_off(last_change(&page))
            };
            self.publish(std::mem::replace(&mut page, rest), place);
        }
        place.upto = place.upto.clone().max(Position::before(horizon.complete));
        place.saw(now, &horizon);
        self.tell(place, now);
        Ok(Some(horizon))
    }

    /// Tells of whole changes: nobody sees a state that was only on the way to another.
    fn publish(&self, entries: Vec<Entry>, place: &mut Place) {
        for change in entries.chunk_by(is_of_one_change) {
            self.standings.apply(change);
        }
        if let Some(last) = entries.last() {
            place.upto = last.position.clone();
        }
        for entry in entries {
            // Nobody may be listening.
            let _ = place.run.entries.send(Arc::new(entry));
        }
    }

    fn tell(&self, place: &Place, read_at: Instant) {
        self.lag.set(place.fresh_as_of.elapsed().as_secs_f64());
        place.run.progress.send_replace(Progress {
            upto: place.upto.clone(),
            fresh_as_of: place.fresh_as_of,
            read_at,
        });
    }
}

fn failed(error: &storage::Error) {
    tracing::warn!(%error, "the feed cannot be read now");
}

async fn pause() {
    let _ = timeout(PAUSE, std::future::pending::<()>()).await;
}

fn is_of_one_change(one: &Entry, other: &Entry) -> bool {
    let key = |entry: &Entry| (entry.position.transaction, entry.position.revision);
    key(one) == key(other) && one.position.user == other.position.user
}

/// Where in the page the last change begins, of which there may be more.
fn last_change(page: &[Entry]) -> usize {
    let changes = page.chunk_by(is_of_one_change);
    page.len() - changes.last().map_or(0, <[Entry]>::len)
}

impl Place {
    /// All up to the horizon has been read, which is at least what could be seen at some moments before.
    fn saw(&mut self, now: Instant, horizon: &Horizon) {
        if self.seen.len() < MOMENTS {
            self.seen.push_back((now, horizon.seen));
        }
        while let Some((moment, seen)) = self.seen.front().copied()
            && seen <= horizon.complete
        {
            self.fresh_as_of = moment;
            self.seen.pop_front();
        }
    }
}

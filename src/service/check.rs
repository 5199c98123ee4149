//! Checks before a write: may this service write this attribute of this user now?

mod standings;

use super::{Error, feed::Feed};
use crate::domain::{
    check::{self, Seen, Verdict},
    name::{ServiceName, UserId},
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};
pub use standings::Standings;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// The most items of a check.
pub const MAX_CHECKS: usize = 500;

/// How fresh the answers of a check must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// As the database has it during the call.
    Latest,
    /// Each user at this revision or a later one.
    AtLeast(i64),
    /// As it was, at most so long ago.
    Cached(Duration),
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct CheckItem {
    /// Whose attribute.
    pub user: UserId,
    /// Which; any text.
    pub attribute: String,
    /// Who is to write; any text.
    pub service: String,
    /// Under which generation; none is whichever it is.
    pub generation: Option<i64>,
    /// With [`Freshness::AtLeast`], instead of its revision.
    pub at_least: Option<i64>,
}

/// The answer to an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Whether the service may write.
    pub verdict: Verdict,
    /// Who owns the attribute.
    pub owner: Option<ServiceName>,
    /// The attribute's generation; 0 if there is no such attribute.
    pub generation: i64,
    /// The user's revision, at least.
    pub revision: i64,
}

/// The answers to a check.
#[derive(Debug, Clone)]
pub struct CheckAnswer {
    /// One an item, in order.
    pub results: Vec<Checked>,
    /// How long ago the oldest of them was true at most; none if all come from the database.
    pub age: Option<Duration>,
}

/// Answers checks, from memory where that may be.
#[derive(Clone)]
pub struct Checker {
    feed: Arc<Feed>,
    items: Family<Source, Counter>,
    age: Histogram,
}

/// Where an answer came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Source {
    source: &'static str,
}

const MEMORY: Source = Source { source: "memory" };
const DATABASE: Source = Source { source: "database" };

impl Checker {
    /// Memory is kept fresh by `feed`.
    #[must_use]
    pub fn new(feed: Arc<Feed>, meters: &mut Registry) -> Self {
        let items = Family::default();
        // From a millisecond to half a minute.
        let age = Histogram::new([
            0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0, 30.0,
        ]);
        meters.register(
            "tenure_checks",
            "Items of checks that were answered, by where from",
            items.clone(),
        );
        meters.register_with_unit(
            "tenure_check_age",
            "How long ago what memory answered was true at most",
            Unit::Seconds,
            age.clone(),
        );
        Self { feed, items, age }
    }

    /// Checks each item.
    ///
    /// # Errors
    /// What the store says.
    pub async fn check(
        &self,
        items: &[CheckItem],
        freshness: Freshness,
    ) -> Result<CheckAnswer, Error> {
        let (mut seen, age) = self.remembered(items, freshness);
        let missing: Vec<_> = (0..items.len()).filter(|&i| seen[i].is_none()).collect();
        self.count(items.len() - missing.len(), age, missing.len());
        if !missing.is_empty() {
            let loaded = self.load(items, &missing, freshness).await?;
            for (place, loaded) in missing.into_iter().zip(loaded) {
                seen[place] = Some(loaded);
            }
        }
        let results = items.iter().zip(seen);
        let results = results.map(|(item, seen)| item.judge(seen.unwrap_or_default()));
        Ok(CheckAnswer {
            results: results.collect(),
            age,
        })
    }

    /// What memory knows of each item that is fresh enough, and how old the oldest of that is.
    fn remembered(
        &self,
        items: &[CheckItem],
        freshness: Freshness,
    ) -> (Vec<Option<Seen>>, Option<Duration>) {
        let progress = match freshness {
            Freshness::Latest => None,
            _ => self.feed.touch(),
        };
        let Some(progress) = progress else {
            return (vec![None; items.len()], None);
        };
        let now = Instant::now();
        let mut oldest = None;
        let remembered = |item: &CheckItem| {
            let known = self.feed.standings.get(&item.user, &item.attribute)?;
            let as_of = known.as_of.max(Some(progress.fresh_as_of))?;
            let age = now.saturating_duration_since(as_of);
            let is_fresh = match freshness {
                Freshness::Latest => false,
                Freshness::AtLeast(revision) => {
                    known.seen.revision >= item.at_least.unwrap_or(revision)
                }
                Freshness::Cached(most) => age <= most,
            };
            // Whoever asks may know better.
            let is_ahead = item.generation > known.seen.standing.as_ref().map(|s| s.generation);
            (is_fresh && !is_ahead).then(|| {
                oldest = oldest.max(Some(age));
                known.seen
            })
        };
        let seen = items.iter().map(remembered).collect();
        (seen, oldest)
    }

    /// Reads what memory could not tell; it is remembered, unless only the latest would have done.
    async fn load(
        &self,
        items: &[CheckItem],
        missing: &[usize],
        freshness: Freshness,
    ) -> Result<Vec<Seen>, Error> {
        let asked = |&i: &usize| (items[i].user.clone(), items[i].attribute.clone());
        let asked: Vec<_> = missing.iter().map(asked).collect();
        if freshness == Freshness::Latest {
            return Ok(self.feed.store.seen(asked).await?);
        }
        // Before they are read, so that whatever the feed tells meanwhile is not lost.
        let standings = &self.feed.standings;
        let announce = |(user, attribute): &(UserId, String)| standings.announce(user, attribute);
        let readings: Vec<_> = asked.iter().map(announce).collect();
        let as_of = Instant::now();
        let loaded = self.feed.store.seen(asked).await?;
        for (reading, seen) in readings.into_iter().zip(&loaded) {
            if let Some(reading) = reading {
                standings.remember(reading, seen.clone(), as_of);
            }
        }
        Ok(loaded)
    }

    fn count(&self, from_memory: usize, age: Option<Duration>, from_database: usize) {
        for (source, items) in [(MEMORY, from_memory), (DATABASE, from_database)] {
            if items > 0 {
                self.items.get_or_create(&source).inc_by(items as u64);
            }
        }
        if let Some(age) = age {
            self.age.observe(age.as_secs_f64());
        }
    }
}

impl CheckItem {
    fn judge(&self, seen: Seen) -> Checked {
        let standing = seen.standing.as_ref();
        Checked {
            verdict: check::judge(standing, &self.service, self.generation),
            generation: standing.map_or(0, |standing| standing.generation),
            owner: seen.standing.and_then(|standing| standing.owner),
            revision: seen.revision,
        }
    }
}

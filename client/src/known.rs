//! The fences that a guard remembers.

use super::{Fence, Target};
use moka::{Expiry, future::Cache};
use std::{
    fmt,
    time::{Duration, Instant},
};

/// Fences under which services may write, each until its answer is as old as it may be. A refusal is never among them.
#[derive(Clone)]
pub(super) struct Known {
    fences: Cache<Target, Entry>,
    max_age: Duration,
}

#[derive(Clone, Copy)]
struct Entry {
    fence: Fence,
    until: Instant,
}

impl Known {
    pub(super) fn new(max_age: Duration, max_entries: u64) -> Self {
        let fences = Cache::builder()
            .max_capacity(max_entries)
            .expire_after(UntilTooOld);
        Self {
            fences: fences.build(),
            max_age,
        }
    }

    pub(super) fn max_age(&self) -> Duration {
        self.max_age
    }

    pub(super) async fn get(&self, target: &Target) -> Option<Fence> {
        Some(self.fences.get(target).await?.fence)
    }

    pub(super) async fn forget(&self, target: &Target) {
        self.fences.invalidate(target).await;
    }

    /// Remembers a fence of this age, which was asked for at `asked`, if it is not too old already.
    pub(super) async fn remember(
        &self,
        target: &Target,
        fence: Fence,
        age: Option<Duration>,
        asked: Instant,
    ) {
        // How long the answer took to come is not known: its age counts from when it was asked for.
        let left = self.max_age.checked_sub(age.unwrap_or_default());
        if let Some(until) = left.and_then(|left| asked.checked_add(left)) {
            let entry = Entry { fence, until };
            self.fences.insert(target.clone(), entry).await;
        }
    }
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Known");
        debug.field("entries", &self.fences.entry_count());
        debug.field("max_age", &self.max_age).finish()
    }
}

struct UntilTooOld;

impl UntilTooOld {
    #[expect(clippy::unnecessary_wraps, reason = "as `Expiry` has it")]
    fn left(entry: &Entry, now: Instant) -> Option<Duration> {
        Some(entry.until.saturating_duration_since(now))
    }
}

impl Expiry<Target, Entry> for UntilTooOld {
    fn expire_after_create(&self, _: &Target, entry: &Entry, now: Instant) -> Option<Duration> {
        Self::left(entry, now)
    }

    fn expire_after_update(
        &self,
        _: &Target,
        entry: &Entry,
        now: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Self::left(entry, now)
    }
}

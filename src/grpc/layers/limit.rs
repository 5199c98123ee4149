//! How many calls a token may make.

use crate::{auth::Principal, domain::token::TokenHash, grpc::status};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::DashMapStateStore,
};
use std::{
    fmt,
    num::NonZeroU32,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tonic::Status;

/// So many calls in so long, as a token bucket: all at once, then one whenever its share of the time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    calls: NonZeroU32,
    unit: char,
}

impl FromStr for Rate {
    type Err = String;

    /// Takes `300/h`, `10/m` or `5/s`.
    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(calls, unit)| {
            let calls = calls.parse().ok()?;
            let unit = unit.parse().ok().filter(|unit| "smh".contains(*unit))?;
            Some(Self { calls, unit })
        });
        parsed.ok_or_else(|| "expected a rate like 300/h, 10/m or 5/s".to_owned())
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.calls, self.unit)
    }
}

/// Tokens that were not used for so many calls of others are forgotten: their buckets are full again.
const CALLS_BETWEEN_CLEANUPS: u64 = 10_000;

/// The allowances of all callers of this instance; clones share them.
#[derive(Clone)]
pub struct Limits(Option<Arc<Limiter>>);

impl Limits {
    /// So many calls a token, or as many as it likes.
    #[must_use]
    pub fn new(rate: Option<Rate>) -> Self {
        Self(rate.map(|rate| Arc::new(Limiter::new(rate))))
    }

    /// Takes one call from the caller's allowance. Internal services have no limit.
    pub(in crate::grpc) fn take(&self, principal: &Principal) -> Result<(), Status> {
        match (&self.0, principal.limited()) {
            (Some(limiter), Some(token)) => limiter.take(token).map_err(status::rate_limited),
            _ => Ok(()),
        }
    }
}

/// The buckets of all tokens.
struct Limiter {
    buckets: RateLimiter<TokenHash, DashMapStateStore<TokenHash>, DefaultClock>,
    clock: DefaultClock,
    calls: AtomicU64,
}

impl Limiter {
    fn new(rate: Rate) -> Self {
        let quota = match rate.unit {
            's' => Quota::per_second(rate.calls),
            'm' => Quota::per_minute(rate.calls),
            _ => Quota::per_hour(rate.calls),
        };
        Self {
            buckets: RateLimiter::dashmap(quota),
            clock: DefaultClock::default(),
            calls: AtomicU64::new(0),
        }
    }

    /// Takes one from the token's bucket, or tells how long it is until there is one.
    fn take(&self, token: &TokenHash) -> Result<(), Duration> {
        if self
            .calls
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(CALLS_BETWEEN_CLEANUPS)
        {
            self.buckets.retain_recent();
        }
        let checked = self.buckets.check_key(token);
        checked.map_err(|early| early.wait_time_from(self.clock.now()))
    }
}

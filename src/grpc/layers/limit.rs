//! How many calls a token may make.

use crate::{
    auth::Principal,
    domain::{name::ServiceName, token::TokenHash},
    grpc::status,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    state::keyed::DashMapStateStore,
};
use std::{
    collections::BTreeMap,
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

/// How many calls a token may make; none is as many as it likes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates {
    /// Any other token.
    pub usual: Option<Rate>,
    /// Users' own tokens: a page that shows what is theirs is several calls.
    pub of_users: Option<Rate>,
    /// Those of clients that are these services.
    pub of_services: BTreeMap<ServiceName, Option<Rate>>,
}

/// Tokens that were not used for so many calls of others are forgotten: their buckets are full again.
const CALLS_BETWEEN_CLEANUPS: u64 = 10_000;

/// The allowances of all callers of this instance; clones share them.
#[derive(Clone)]
pub struct Limits(Arc<Limiters>);

struct Limiters {
    usual: Option<Limiter>,
    of_users: Option<Limiter>,
    of_services: BTreeMap<ServiceName, Option<Limiter>>,
}

impl Limits {
    /// At these rates, counted by this instance alone.
    #[must_use]
    pub fn new(rates: &Rates) -> Self {
        let of_services = rates.of_services.iter();
        let of_services =
            of_services.map(|(service, rate)| (service.clone(), rate.map(Limiter::new)));
        Self(Arc::new(Limiters {
            usual: rates.usual.map(Limiter::new),
            of_users: rates.of_users.map(Limiter::new),
            of_services: of_services.collect(),
        }))
    }

    /// Takes one call from the caller's allowance. Internal services have no limit.
    pub(in crate::grpc) fn take(&self, principal: &Principal) -> Result<(), Status> {
        match (self.0.of(principal), principal.limited()) {
            (Some(limiter), Some(token)) => limiter.take(token).map_err(status::rate_limited),
            _ => Ok(()),
        }
    }
}

impl Limiters {
    fn of(&self, principal: &Principal) -> Option<&Limiter> {
        let rate = match principal {
            Principal::Client(client) => self.of_services.get(&client.service),
            Principal::User(_) => Some(&self.of_users),
            Principal::Internal(_) => None,
        };
        rate.unwrap_or(&self.usual).as_ref()
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

//! The keys with which an issuer signs.

mod key;

use super::{
    EndpointUrl, IssuerSettings,
    authorization_server::unavailable,
    discovery::Discovery,
    http::{Failure, Http},
};
use crate::auth::Error;
use arc_swap::ArcSwap;
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use jsonwebtoken::{Algorithm, DecodingKey};
use key::{Key, KeySet};
use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// The issuer is asked for its keys at most so often in a row, and then once in every [`BETWEEN_LOOKS`]: anybody can
/// make up the id of a key.
const LOOKS_IN_A_ROW: NonZeroU32 = NonZeroU32::new(3).expect("not zero");

/// See [`LOOKS_IN_A_ROW`].
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);

/// An issuer's keys, as they were when it was last asked.
pub(super) struct Keys {
    http: Arc<Http>,
    discovery: Arc<Discovery>,
    settings: Arc<IssuerSettings>,
    seen: ArcSwap<Seen>,
    /// Held by whoever asks.
    looking: Mutex<()>,
    allowance: DefaultDirectRateLimiter,
}

/// What was seen at the latest look.
#[derive(Default)]
struct Seen {
    /// How many looks there have been.
    looks: u64,
    keys: KeySet,
    /// When the keys were read; none if they never were.
    read_at: Option<Instant>,
    /// Why the latest look showed nothing, if it did not.
    failure: Option<Arc<Failure>>,
}

impl Seen {
    /// The key, unless the keys are older than they may be.
    fn key(&self, id: Option<&str>, algorithm: Algorithm, oldest: Duration) -> Option<&Key> {
        let read_at = self.read_at?;
        let fresh = read_at.elapsed() <= oldest;
        fresh.then(|| self.keys.find(id, algorithm)).flatten()
    }

    /// Why a key is not there.
    fn why_not(&self, settings: &IssuerSettings) -> Error {
        match (&self.failure, self.read_at) {
            (None, Some(_)) => Error::Invalid,
            (Some(failure), _) => unavailable(&settings.url, Arc::clone(failure)),
            (None, None) => unavailable(&settings.url, Arc::new(Failure::LeftAlone)),
        }
    }
}

impl Keys {
    pub(super) fn new(
        http: Arc<Http>,
        discovery: Arc<Discovery>,
        settings: Arc<IssuerSettings>,
    ) -> Self {
        let quota = Quota::with_period(BETWEEN_LOOKS).expect("not no time");
        Self {
            http,
            discovery,
            settings,
            seen: ArcSwap::default(),
            looking: Mutex::new(()),
            allowance: RateLimiter::direct(quota.allow_burst(LOOKS_IN_A_ROW)),
        }
    }

    /// The key of this id for this algorithm; without an id, the one key that fits. What is not known is looked for.
    pub(super) async fn find(
        self: &Arc<Self>,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, Error> {
        let oldest = self.settings.keys_outage;
        let seen = self.seen.load_full();
        if let Some(key) = seen.key(id, algorithm, oldest) {
            self.keep_fresh(&seen);
            return Ok(key.decoding.clone());
        }
        let seen = self.look(seen.looks).await;
        let key = seen.key(id, algorithm, oldest);
        key.map(|key| key.decoding.clone())
            .ok_or_else(|| seen.why_not(&self.settings))
    }

    /// What there is to see after `looks` looks: if there have been more, that; else what another look shows, if one
    /// is allowed now.
    async fn look(&self, looks: u64) -> Arc<Seen> {
        let _looking = self.looking.lock().await;
        let seen = self.seen.load_full();
        if seen.looks > looks || self.allowance.check().is_err() {
            return seen;
        }
        self.read(&seen).await
    }

    /// Has the keys read again before they are too old, while those that are known serve.
    fn keep_fresh(self: &Arc<Self>, seen: &Arc<Seen>) {
        let old = |at: Instant| at.elapsed() > self.settings.keys_refresh;
        let alone = self.looking.try_lock().is_ok();
        if seen.read_at.is_some_and(old) && alone && self.allowance.check().is_ok() {
            let (keys, seen) = (Arc::clone(self), Arc::clone(seen));
            tokio::spawn(async move {
                let _looking = keys.looking.lock().await;
                keys.read(&seen).await;
            });
        }
    }

    async fn read(&self, before: &Seen) -> Arc<Seen> {
        let asked_at = Instant::now();
        let looks = before.looks + 1;
        let seen = match self.ask().await {
            Ok(keys) => Seen {
                looks,
                keys,
                read_at: Some(asked_at),
                failure: None,
            },
            Err(failure) => {
                tracing::warn!(issuer = %self.settings.url, %failure, "cannot read the issuer's keys");
                self.discovery.forget().await;
                Seen {
                    looks,
                    keys: before.keys.clone(),
                    read_at: before.read_at,
                    failure: Some(failure),
                }
            }
        };
        let seen = Arc::new(seen);
        self.seen.store(Arc::clone(&seen));
        seen
    }

    async fn ask(&self) -> Result<KeySet, Arc<Failure>> {
        let place = match &self.settings.jwks_uri {
            Some(place) => EndpointUrl::clone(place),
            None => self.discovery.metadata().await?.jwks()?,
        };
        Ok(self.http.get(&place).await?)
    }
}

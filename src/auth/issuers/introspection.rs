//! Opaque tokens, about which their issuer is asked (RFC 7662).

use super::{
    EndpointUrl, IntrospectionSettings, IssuerSettings,
    authorization_server::unavailable,
    claims::Claims,
    discovery::Discovery,
    http::{Failure, Http, Unbuildable},
};
use crate::{
    auth::{Error, Principal},
    domain::token::TokenHash,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use moka::future::Cache;
use recloser::{AsyncRecloser, Recloser};
use reqwest::{StatusCode, header::HeaderValue};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Semaphore, time::timeout};
use url::form_urlencoded::byte_serialize;

/// So many good tokens are remembered.
const GOOD: u64 = 100_000;

/// So many bad ones: anybody can make them up, so they are kept apart and push no good one out.
const BAD: u64 = 10_000;

/// If half of so many questions in a row went wrong, the issuer is left alone for [`LEFT_ALONE`]; then one that goes
/// right lets all through again.
const WATCHED: usize = 6;

/// See [`WATCHED`].
const LEFT_ALONE: Duration = Duration::from_secs(5);

/// Asks an issuer whose tokens are, and remembers the answers for a short time.
pub(super) struct Introspection {
    http: Arc<Http>,
    discovery: Arc<Discovery>,
    settings: Arc<IssuerSettings>,
    endpoint: Option<EndpointUrl>,
    authorization: HeaderValue,
    good: Cache<TokenHash, Principal>,
    bad: Cache<TokenHash, ()>,
    /// One for each question that may be under way.
    places: Semaphore,
    breaker: AsyncRecloser,
}

/// Why a token lets nobody in.
enum Refused {
    /// The issuer says so, or what it says does.
    Bad,
    /// The issuer says nothing.
    Untold(Arc<Failure>),
}

impl Introspection {
    pub(super) fn new(
        http: Arc<Http>,
        discovery: Arc<Discovery>,
        issuer: Arc<IssuerSettings>,
        settings: &IntrospectionSettings,
    ) -> Result<Self, Unbuildable> {
        let breaker = Recloser::custom()
            .closed_len(WATCHED)
            .half_open_len(1)
            .error_rate(0.5)
            .open_wait(LEFT_ALONE);
        let remembered = |most| {
            Cache::builder()
                .max_capacity(most)
                .time_to_live(settings.cache)
        };
        Ok(Self {
            http,
            discovery,
            settings: issuer,
            endpoint: settings.endpoint.clone(),
            authorization: basic(settings).ok_or(Unbuildable::Credentials)?,
            good: remembered(GOOD).build(),
            bad: Cache::builder()
                .max_capacity(BAD)
                .time_to_live(settings.cache)
                .build(),
            places: Semaphore::new(settings.concurrency),
            breaker: AsyncRecloser::from(breaker.build()),
        })
    }

    /// Whose the token is: as it was said a short time ago, or as the issuer says now and `judge` understands. Those
    /// who come with the same token while the issuer is asked share the answer.
    pub(super) async fn principal(
        &self,
        token: &str,
        hash: TokenHash,
        judge: impl Fn(&Claims) -> Result<Principal, Error>,
    ) -> Result<Principal, Error> {
        if self.bad.contains_key(&hash) {
            return Err(Error::Invalid);
        }
        let asked = self.good.try_get_with(hash, async {
            let claims = self.claims(token).await.map_err(Refused::Untold)?;
            let principal = claims.and_then(|claims| judge(&claims).ok());
            if principal.is_none() {
                self.bad.insert(hash, ()).await;
            }
            principal.ok_or(Refused::Bad)
        });
        asked.await.map_err(|refused| match &*refused {
            Refused::Bad => Error::Invalid,
            Refused::Untold(failure) => unavailable(&self.settings.url, Arc::clone(failure)),
        })
    }

    /// What the issuer says of the token; none if it is not active.
    async fn claims(&self, token: &str) -> Result<Option<Claims>, Arc<Failure>> {
        let waiting = timeout(self.settings.timeout, self.places.acquire());
        let Ok(Ok(_place)) = waiting.await else {
            return Err(Arc::new(Failure::Crowded));
        };
        let asked = self.breaker.call(self.ask(token)).await;
        asked.map_err(|error| match error {
            recloser::Error::Inner(failure) => failure,
            recloser::Error::Rejected => Arc::new(Failure::LeftAlone),
        })
    }

    async fn ask(&self, token: &str) -> Result<Option<Claims>, Arc<Failure>> {
        let endpoint = match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => self.discovery.metadata().await?.introspection()?,
        };
        let form = [("token", token), ("token_type_hint", "access_token")];
        let answer = self.http.post(&endpoint, &self.authorization, &form).await;
        let claims: Result<Claims, _> = answer;
        match claims.map(|claims| (claims.flag("active"), claims)) {
            Ok((Some(active), claims)) => Ok(active.then_some(claims)),
            Ok((None, _)) => Err(Arc::new(Failure::Unreadable)),
            // The request is as it should be but for what the token looks like, which is anybody's choice.
            Err(Failure::Status(StatusCode::BAD_REQUEST)) => Ok(None),
            Err(failure) => {
                self.discovery.forget().await;
                Err(Arc::new(failure))
            }
        }
    }
}

/// The credentials of the client, each part as in a form (RFC 6749, section 2.3.1).
fn basic(settings: &IntrospectionSettings) -> Option<HeaderValue> {
    let part = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let secret = settings.client_secret.as_ref()?.reveal();
    let credentials = format!("{}:{}", part(&settings.client_id), part(secret));
    let value = format!("Basic {}", STANDARD.encode(credentials));
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}

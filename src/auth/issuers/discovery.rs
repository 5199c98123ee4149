//! What an authorization server says of itself: OpenID Connect Discovery, or RFC 8414.

use super::{
    EndpointUrl, IssuerUrl,
    http::{Failure, Http},
};
use moka::future::Cache;
use reqwest::StatusCode;
use serde::Deserialize;
use std::{sync::Arc, time::Duration};

/// For how long it is remembered where things are.
const REMEMBERED: Duration = Duration::from_mins(5);

/// Where things are at an authorization server.
#[derive(Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    jwks_uri: Option<String>,
    introspection_endpoint: Option<String>,
}

impl Metadata {
    pub(super) fn jwks(&self) -> Result<EndpointUrl, Failure> {
        place(self.jwks_uri.as_deref(), "jwks_uri")
    }

    pub(super) fn introspection(&self) -> Result<EndpointUrl, Failure> {
        place(
            self.introspection_endpoint.as_deref(),
            "introspection_endpoint",
        )
    }
}

fn place(told: Option<&str>, what: &'static str) -> Result<EndpointUrl, Failure> {
    let place = told.and_then(|url| EndpointUrl::parse(url).ok());
    place.ok_or(Failure::Untold(what))
}

/// Finds out where things are, and remembers it.
pub(super) struct Discovery {
    http: Arc<Http>,
    url: IssuerUrl,
    found: Cache<(), Arc<Metadata>>,
}

impl Discovery {
    pub(super) fn new(http: Arc<Http>, url: IssuerUrl) -> Self {
        let found = Cache::builder().max_capacity(1).time_to_live(REMEMBERED);
        Self {
            http,
            url,
            found: found.build(),
        }
    }

    /// What the server says. Those who ask while it is being asked share the answer.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, Arc<Failure>> {
        self.found.try_get_with((), self.ask()).await
    }

    /// Asks again the next time: what was found may have moved.
    pub(super) async fn forget(&self) {
        self.found.invalidate(&()).await;
    }

    async fn ask(&self) -> Result<Arc<Metadata>, Failure> {
        let (openid, oauth2) = self.url.metadata();
        let mut metadata: Result<Metadata, _> = self.http.get(&openid).await;
        if matches!(metadata, Err(Failure::Status(StatusCode::NOT_FOUND))) {
            metadata = self.http.get(&oauth2).await;
        }
        let metadata = metadata?;
        if metadata.issuer == self.url.as_str() {
            Ok(Arc::new(metadata))
        } else {
            Err(Failure::AnotherIssuer(metadata.issuer))
        }
    }
}

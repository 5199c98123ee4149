//! What an OpenID provider is asked: where its places are, and what a code stands for.
//!
//! Two requests, each with a little JSON: nothing that comes back is believed here but the addresses. The ID token goes to
//! the service as it is.

use crate::config::{Provider, protected};
use form_urlencoded::byte_serialize;
use reqwest::{Client, RequestBuilder, StatusCode, header::ACCEPT};
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;
use url::Url;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// For how long it is remembered where things are.
const REMEMBERED: Duration = Duration::from_mins(5);

/// For how long a provider is left alone that did not tell.
const LEFT_ALONE: Duration = Duration::from_secs(1);

/// Why a provider did not answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Failure {
    /// It is out of reach, or too slow.
    #[error("it cannot be reached: {0}")]
    Unreachable(#[source] Arc<reqwest::Error>),
    /// It refuses.
    #[error("it answers {0}")]
    Status(StatusCode),
    /// The code is good for nothing: it was used, or is too old (RFC 6749, section 5.2).
    #[error("it does not take the code")]
    Code,
    /// What it says is too long, or not what the standard says. The text may hold what nobody should read in a log.
    #[error("its answer cannot be understood")]
    Unreadable,
    /// What answers calls itself something else.
    #[error("it calls itself something else than it was set up")]
    AnotherIssuer,
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(Arc::new(error.without_url()))
    }
}

/// Where things are at a provider (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    /// Whether it says who it is when people come back (RFC 9207).
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub(super) tells_issuer: bool,
}

/// A provider that people sign in at.
#[derive(Debug)]
pub(super) struct OpenId {
    provider: Provider,
    /// What it said last, and when. Those who ask while it is being asked wait for the answer.
    found: Mutex<Option<Found>>,
}

/// What a provider said, and when.
type Found = (Instant, Result<Arc<Metadata>, Failure>);

/// What binds the ways there and back together.
pub(super) struct Attempt<'a> {
    pub(super) redirect_uri: &'a str,
    pub(super) state: &'a str,
    pub(super) nonce: &'a str,
    /// What the verifier hashes to (RFC 7636, section 4.2).
    pub(super) challenge: &'a str,
    /// Whether it is to ask who it is, even where it knows (`prompt`, OpenID Connect Core 1.0, section 3.1.2.1).
    pub(super) is_anew: bool,
}

impl OpenId {
    pub(super) fn new(provider: Provider) -> Self {
        let found = Mutex::default();
        Self { provider, found }
    }

    /// Whether this is what the provider calls itself.
    pub(super) fn is_issuer(&self, issuer: &str) -> bool {
        self.provider.issuer == issuer
    }

    /// Where things are.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, Failure> {
        let mut found = self.found.lock().await;
        if let Some((at, said)) = &*found {
            let kept = if said.is_ok() { REMEMBERED } else { LEFT_ALONE };
            if at.elapsed() < kept {
                return said.clone();
            }
        }
        let said = self.ask().await.map(Arc::new);
        *found = Some((Instant::now(), said.clone()));
        said
    }

    async fn ask(&self) -> Result<Metadata, Failure> {
        let issuer = self.provider.issuer.trim_end_matches('/');
        let place = format!("{issuer}/.well-known/openid-configuration");
        let metadata: Metadata = read(self.http().get(place)).await?;
        if !self.is_issuer(&metadata.issuer) {
            return Err(Failure::AnotherIssuer);
        }
        Ok(metadata)
    }

    /// Where people are sent to sign in.
    pub(super) fn authorize(
        &self,
        metadata: &Metadata,
        attempt: &Attempt<'_>,
    ) -> Result<Url, Failure> {
        let mut url = protected(&metadata.authorization_endpoint).ok_or(Failure::Unreadable)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("scope", "openid")
            .append_pair("client_id", &self.provider.client_id)
            .append_pair("redirect_uri", attempt.redirect_uri)
            .append_pair("state", attempt.state)
            .append_pair("nonce", attempt.nonce)
            .append_pair("code_challenge", attempt.challenge)
            .append_pair("code_challenge_method", "S256");
        if attempt.is_anew {
            url.query_pairs_mut().append_pair("prompt", "login");
        }
        Ok(url)
    }

    /// The ID token that a code stands for.
    pub(super) async fn exchange(
        &self,
        metadata: &Metadata,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Result<String, Failure> {
        #[derive(Deserialize)]
        struct Tokens {
            id_token: String,
        }
        let place = protected(&metadata.token_endpoint).ok_or(Failure::Unreadable)?;
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        let request = self.http().post(place);
        let request = if let Some(secret) = &self.provider.client_secret {
            // As RFC 6749, section 2.3.1, has it: encoded as in a form first.
            let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
            let id = encoded(&self.provider.client_id);
            request.basic_auth(id, Some(encoded(secret.reveal())))
        } else {
            form.push(("client_id", &self.provider.client_id));
            request
        };
        let tokens: Tokens = read(request.form(&form)).await?;
        Ok(tokens.id_token)
    }

    fn http(&self) -> &Client {
        &self.provider.http
    }
}

/// What a refusal is called (RFC 6749, section 5.2).
#[derive(Deserialize)]
struct Refusal {
    error: String,
}

async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    let mut response = request.header(ACCEPT, "application/json").send().await?;
    let status = response.status();
    if status != StatusCode::OK && status != StatusCode::BAD_REQUEST {
        return Err(Failure::Status(status));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LONGEST {
            return Err(Failure::Unreadable);
        }
        body.extend_from_slice(&chunk);
    }
    if status == StatusCode::OK {
        return serde_json::from_slice(&body).map_err(|_| Failure::Unreadable);
    }
    match serde_json::from_slice(&body) {
        Ok(Refusal { error }) if error == "invalid_grant" => Err(Failure::Code),
        _ => Err(Failure::Status(status)),
    }
}

//! Asking an authorization server: over TLS or on this machine, in time, and no more than fits.

use super::{EndpointUrl, IssuerSettings};
use reqwest::{
    Certificate, Client, RequestBuilder, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HeaderValue},
    redirect::Policy,
};
use serde::de::DeserializeOwned;

/// The longest answer that is read, in bytes: a set of some hundred keys with their certificates.
const LONGEST: usize = 512 * 1024;

/// Why an authorization server did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// It is out of reach, or too slow.
    #[error("it cannot be reached")]
    Unreachable(#[from] reqwest::Error),
    /// It refuses.
    #[error("it answers {0}")]
    Status(StatusCode),
    /// What it says is too long, or not what the standard says. The text may hold what nobody should read in a log.
    #[error("its answer cannot be understood")]
    Unreadable,
    /// What answers calls itself something else.
    #[error("it calls itself '{0}'")]
    AnotherIssuer(String),
    /// It has no such place.
    #[error("it does not tell where its {0} is")]
    Untold(&'static str),
    /// It has failed so often that it is left alone for some time.
    #[error("it failed too often, and is asked again in a few seconds")]
    LeftAlone,
    /// Too many wait for it.
    #[error("too many wait for it")]
    Crowded,
}

/// Why one cannot even begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unbuildable {
    /// What `ca_file` holds is no certificate.
    #[error("ca_file: expected certificates in PEM")]
    Authorities(#[source] reqwest::Error),
    /// TLS cannot be set up: there are no certificate authorities on this machine, say.
    #[error("TLS cannot be set up; name the authorities that sign for it in ca_file")]
    Tls(#[source] reqwest::Error),
    /// `introspection.client_id` or its secret cannot be sent.
    #[error("introspection: the client's credentials cannot be sent in a header")]
    Credentials,
}

/// A connection to one authorization server. No cookies, no proxy, no redirect to elsewhere.
pub(super) struct Http(Client);

impl Http {
    pub(super) fn new(settings: &IssuerSettings) -> Result<Self, Unbuildable> {
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(settings.timeout)
            .user_agent(concat!("tenure/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &settings.authorities {
            let authorities = Certificate::from_pem_bundle(pem.as_bytes());
            let authorities = authorities.map_err(Unbuildable::Authorities)?;
            builder = builder.tls_certs_only(authorities);
        }
        Ok(Self(builder.build().map_err(Unbuildable::Tls)?))
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, url: &EndpointUrl) -> Result<T, Failure> {
        read(self.0.get(url.as_url().clone())).await
    }

    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        url: &EndpointUrl,
        authorization: &HeaderValue,
        form: &[(&str, &str)],
    ) -> Result<T, Failure> {
        let request = self.0.post(url.as_url().clone());
        read(request.header(AUTHORIZATION, authorization).form(form)).await
    }
}

async fn read<T: DeserializeOwned>(request: RequestBuilder) -> Result<T, Failure> {
    let mut response = request.header(ACCEPT, "application/json").send().await?;
    if response.status() != StatusCode::OK {
        return Err(Failure::Status(response.status()));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LONGEST {
            return Err(Failure::Unreadable);
        }
        body.extend_from_slice(&chunk);
    }
    serde_json::from_slice(&body).map_err(|_| Failure::Unreadable)
}

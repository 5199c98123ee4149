//! An OpenID provider, at which people sign in.

use reqwest::{Certificate, Client, redirect::Policy};
use std::{fmt, net::IpAddr, time::Duration};
use url::{Host, Url};

/// Whom people sign in at, and as whose client.
#[derive(Debug, Clone)]
pub struct Provider {
    /// As it is written: it is compared with what the provider calls itself byte by byte.
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    /// A public client has none.
    pub(crate) client_secret: Option<Secret>,
    /// No cookies, no proxy, no redirect to elsewhere.
    pub(crate) http: Client,
}

/// What makes a provider.
#[derive(Debug, Clone)]
pub struct ProviderSettings {
    /// The URL that names it; its metadata is below it (OpenID Connect Discovery).
    pub issuer: String,
    /// What the page is called there.
    pub client_id: String,
    /// Its secret; a public client has none.
    pub client_secret: Option<Secret>,
    /// The certificates, in PEM, of those who sign for it; without them those whom the machine knows.
    pub authorities: Option<String>,
    /// The longest that it may take to answer.
    pub timeout: Duration,
}

/// A provider that cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum InvalidProvider {
    /// Its URL is none that may be asked.
    #[error(
        "expected https://HOST/PATH, or http:// on this machine, without a password or a query"
    )]
    Url,
    /// The page is called nothing there.
    #[error("expected the name of a client")]
    ClientId,
    /// Its secret is empty: a public client has none.
    #[error("expected a secret that is not empty, or none")]
    Secret,
    /// Its authorities are none.
    #[error("expected certificates in PEM")]
    Authorities(#[source] reqwest::Error),
    /// TLS cannot be set up: there are no certificate authorities on this machine, say.
    #[error("TLS cannot be set up; name the authorities that sign for the provider")]
    Tls(#[source] reqwest::Error),
}

impl Provider {
    /// How it is asked. Nobody is asked anything yet.
    ///
    /// # Errors
    /// As [`InvalidProvider`] says.
    pub fn new(settings: ProviderSettings) -> Result<Self, InvalidProvider> {
        let url = protected(&settings.issuer).filter(|url| url.query().is_none());
        if url.is_none() {
            return Err(InvalidProvider::Url);
        }
        if settings.client_id.is_empty() {
            return Err(InvalidProvider::ClientId);
        }
        let secret = settings.client_secret.as_ref();
        if secret.is_some_and(|secret| secret.reveal().is_empty()) {
            return Err(InvalidProvider::Secret);
        }
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .timeout(settings.timeout)
            .user_agent(concat!("tenure-gateway/", env!("CARGO_PKG_VERSION")));
        if let Some(pem) = &settings.authorities {
            let authorities = Certificate::from_pem_bundle(pem.as_bytes());
            let authorities = authorities.map_err(InvalidProvider::Authorities)?;
            builder = builder.tls_certs_only(authorities);
        }
        Ok(Self {
            http: builder.build().map_err(InvalidProvider::Tls)?,
            issuer: settings.issuer,
            client_id: settings.client_id,
            client_secret: settings.client_secret,
        })
    }
}

/// What may be asked: over TLS, or plainly on this machine.
pub(crate) fn protected(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_here = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => IpAddr::from(address).is_loopback(),
        Host::Ipv6(address) => IpAddr::from(address).is_loopback(),
    };
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    (is_anonymous && is_safe && url.fragment().is_none()).then_some(url)
}

/// What nobody else may read.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the text, without the white space around it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_asked_over_tls_or_on_this_machine() {
        let provider = |issuer: &str| {
            Provider::new(ProviderSettings {
                issuer: issuer.to_owned(),
                client_id: "page".to_owned(),
                client_secret: Some(Secret::new("hunter2")),
                authorities: None,
                timeout: Duration::from_secs(2),
            })
        };
        for right in [
            "https://id.example",
            "http://127.0.0.1:8081/a",
            "http://[::1]:1",
            "http://localhost",
        ] {
            let provider = provider(right).unwrap();
            assert!(!format!("{provider:?}").contains("hunter2"));
        }
        for wrong in [
            "",
            "id.example",
            "http://id.example",
            "https://u:p@id.example",
            "https://id.example/?a",
            "https://id.example/#a",
            "ftp://localhost",
        ] {
            assert!(provider(wrong).is_err(), "{wrong}");
        }
    }
}

//! What the gateway needs to know.

mod page;
mod provider;

use http::{
    Uri,
    uri::{Authority, PathAndQuery, Scheme},
};
pub use page::{InvalidSessionKey, Page, SessionKey, SignIn};
pub(crate) use provider::protected;
pub use provider::{InvalidProvider, Provider, ProviderSettings, Secret};
use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

/// The gateway's settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// The longest that a request may take.
    pub request_timeout: Duration,
    /// The scheme and host of the links in answers, whatever the request says.
    pub public_origin: Option<Origin>,
    /// The peers whose `Forwarded` and `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<Network>,
    /// Who answers what the gateway does not serve itself; without one that is 404.
    pub upstream: Option<Upstream>,
    /// How many requests there may be at once; more are refused with 503. A watch is one until its answer begins.
    pub max_requests: usize,
    /// The user's page; without it, nothing below `/account/` is served here.
    pub page: Option<Page>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(10),
            public_origin: None,
            trusted_proxies: Vec::new(),
            upstream: None,
            max_requests: 1024,
            page: None,
        }
    }
}

impl Config {
    /// That of a service behind a gateway: as usual, but for the proxies that it believes.
    #[must_use]
    pub fn behind(trusted_proxies: Vec<Network>) -> Self {
        Self {
            trusted_proxies,
            ..Self::default()
        }
    }

    /// Whether what a peer at this address forwards is believed.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let mut networks = self.trusted_proxies.iter();
        networks.any(|network| network.contains(address))
    }
}

/// A scheme and a host, and maybe a port: `https://api.example.com`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    host: Authority,
}

/// What is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a scheme and a host, like https://api.example.com")]
pub struct InvalidOrigin;

impl Origin {
    /// A scheme, `http` or `https`, and a host, taken from a request.
    pub(crate) fn new(scheme: &str, host: &str) -> Option<Self> {
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "http" => Scheme::HTTP,
            "https" => Scheme::HTTPS,
            _ => return None,
        };
        let host = authority(host)?;
        Some(Self { scheme, host })
    }

    pub(crate) fn scheme(&self) -> &str {
        self.scheme.as_str()
    }

    pub(crate) fn host(&self) -> &str {
        self.host.as_str()
    }

    /// The same origin under another scheme, if it is one.
    pub(crate) fn with_scheme(self, scheme: &str) -> Self {
        Self::new(scheme, self.host.as_str()).unwrap_or(self)
    }
}

/// A host and maybe a port, and nothing else: no user, no odd characters (RFC 9110, section 7.2).
fn authority(text: &str) -> Option<Authority> {
    let authority: Authority = text.parse().ok()?;
    let host = authority.host();
    let name = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let valid = if let Some(address) = name {
        address.parse::<std::net::Ipv6Addr>().is_ok()
    } else {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        !host.is_empty() && host.bytes().all(allowed)
    };
    let port = text.strip_prefix(host)?.strip_prefix(':');
    // RFC 3986, section 3.2.3: a port may be empty.
    let port_is_valid = port.is_none_or(|port| port.is_empty() || port.parse::<u16>().is_ok());
    (valid && port_is_valid).then_some(authority)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;
    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let (scheme, host) = text.split_once("://").ok_or(InvalidOrigin)?;
        Self::new(scheme, host.trim_end_matches('/')).ok_or(InvalidOrigin)
    }
}

/// A service to pass requests on to: `http://127.0.0.1:8081`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upstream(Authority);

/// What is no upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected http://HOST or http://HOST:PORT without a path, like http://127.0.0.1:8081")]
pub struct InvalidUpstream;

impl Upstream {
    pub(crate) fn host(&self) -> &str {
        self.0.as_str()
    }

    /// The same path and query there.
    pub(crate) fn uri(&self, asked: &Uri) -> Option<Uri> {
        let path = asked.path_and_query().cloned();
        let uri = Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(self.0.clone())
            .path_and_query(path.unwrap_or(PathAndQuery::from_static("/")));
        uri.build().ok()
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}", self.0)
    }
}

impl FromStr for Upstream {
    type Err = InvalidUpstream;
    fn from_str(text: &str) -> Result<Self, InvalidUpstream> {
        let host = text.strip_prefix("http://").ok_or(InvalidUpstream)?;
        let host = host.strip_suffix('/').unwrap_or(host);
        authority(host).map(Self).ok_or(InvalidUpstream)
    }
}

/// A network, or a single address: `10.0.0.0/8`, `127.0.0.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network(ipnet::IpNet);

impl Network {
    /// Whether the address is in it.
    pub(crate) fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(address.into())
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Network {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let single = text.parse::<IpAddr>().map(ipnet::IpNet::from);
        let network = single.or_else(|_| text.parse());
        network
            .map(Self)
            .map_err(|_| "expected a network or an address, like 10.0.0.0/8".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_maybe_a_port() {
        for host in [
            "a.example",
            "127.0.0.1:8080",
            "[::1]:80",
            "a_b-c",
            "x:0",
            "x:",
        ] {
            assert!(Origin::new("http", host).is_some(), "{host}");
        }
        for host in [
            "", ":80", "a b", "u@a", "a:99999", "a/b", "[::1", "<x>", "a:b", "é",
        ] {
            assert!(Origin::new("http", host).is_none(), "{host}");
        }
    }

    #[test]
    fn an_origin_has_no_path() {
        let origin: Origin = "https://api.example.com/".parse().unwrap();
        assert_eq!(origin.to_string(), "https://api.example.com");
        for text in ["api.example.com", "ftp://a", "https://a/b", "https://"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_upstream_is_a_host_behind_plain_http() {
        for text in ["http://a", "http://a:8081/", "http://[::1]:80"] {
            let upstream: Upstream = text.parse().unwrap();
            assert_eq!(upstream.to_string(), text.trim_end_matches('/'));
        }
        for text in [
            "",
            "a:8081",
            "https://a",
            "http://",
            "http://a//",
            "http://a/b",
            "http://a?b",
            "http://u:p@a",
        ] {
            assert!(text.parse::<Upstream>().is_err(), "{text}");
        }
    }
}

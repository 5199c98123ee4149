//! Single settings, each read once and right from then on.

use jsonwebtoken::Algorithm;
use serde::{Deserialize, Deserializer, de};
use std::{fmt, net::IpAddr, str::FromStr, time::Duration};
use url::{Host, Url};

/// The URL that names an issuer: as it is written, for it is compared with what tokens say byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct IssuerUrl(String, Url);

/// A place at an authorization server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct EndpointUrl(Url);

/// What may be asked: over TLS, or plainly on this machine.
fn protected(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| {
        let here = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
            Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
            None => return false,
        };
        let anonymous = url.username().is_empty() && url.password().is_none();
        let scheme = url.scheme();
        anonymous && url.fragment().is_none() && (scheme == "https" || (scheme == "http" && here))
    });
    url.ok_or_else(|| {
        "expected https://HOST/PATH, or http:// on this machine, without a password".to_owned()
    })
}

impl TryFrom<String> for IssuerUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = protected(&text)?;
        if url.query().is_some() {
            return Err("expected https://HOST/PATH, without a query".to_owned());
        }
        Ok(Self(text, url))
    }
}

impl IssuerUrl {
    /// As it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where it says what it is: by OpenID Connect Discovery (the words come after the path), and by RFC 8414 (they
    /// come before it).
    pub(in crate::auth::issuers) fn metadata(&self) -> (EndpointUrl, EndpointUrl) {
        let path = self.1.path().trim_end_matches('/');
        let at = |path: String| {
            let mut url = self.1.clone();
            url.set_path(&path);
            EndpointUrl(url)
        };
        let openid = at(format!("{path}/.well-known/openid-configuration"));
        let oauth2 = at(format!("/.well-known/oauth-authorization-server{path}"));
        (openid, oauth2)
    }
}

impl fmt::Display for IssuerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for EndpointUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl EndpointUrl {
    /// Takes `https://HOST/...`, or `http://` on this machine.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        protected(text).map(Self)
    }

    pub(in crate::auth::issuers) fn as_url(&self) -> &Url {
        &self.0
    }
}

/// How tokens may be signed: by a key that only the issuer has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct SigningAlgorithm(pub(in crate::auth::issuers) Algorithm);

impl SigningAlgorithm {
    /// Those that are taken if nothing is said.
    pub(super) fn usual() -> Vec<Self> {
        let usual = [
            Algorithm::RS256,
            Algorithm::PS256,
            Algorithm::ES256,
            Algorithm::EdDSA,
        ];
        usual.map(Self).to_vec()
    }
}

impl TryFrom<String> for SigningAlgorithm {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let algorithm = Algorithm::from_str(&text).ok();
        let symmetric = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
        let algorithm = algorithm.filter(|algorithm| !symmetric.contains(algorithm));
        algorithm.map(Self).ok_or_else(|| {
            format!(
                "'{text}' is not taken: expected RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA"
            )
        })
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

/// What the header of a token may call it: a media type, with or without `application/`, in any case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct TokenType(String);

impl From<String> for TokenType {
    fn from(text: String) -> Self {
        let mut text = text.to_ascii_lowercase();
        if let Some(rest) = text.strip_prefix("application/") {
            text = rest.to_owned();
        }
        Self(text)
    }
}

impl TokenType {
    /// That of an access token (RFC 9068, section 2.1).
    pub(super) fn usual() -> Vec<Self> {
        vec![Self("at+jwt".to_owned())]
    }
}

/// What nobody else may read.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text of a file, without the white space around it.
    pub(in crate::auth::issuers) fn of_file(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    pub(in crate::auth::issuers) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text itself: for whoever it is sent to, and nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    /// Whatever is wrong with it, the error does not show it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        match value {
            toml::Value::String(text) => Ok(Self(text)),
            _ => Err(de::Error::custom("expected a string")),
        }
    }
}

/// A span of time like `90s`.
pub(in crate::auth::issuers) fn time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Duration, D::Error> {
    let text = String::deserialize(deserializer)?;
    humantime::parse_duration(&text)
        .map_err(|error| de::Error::custom(format!("{error}; expected a time like 5s or 10m")))
}

/// What has a text form of its own.
pub(super) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: fmt::Display>,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_after_the_path_or_before_it() {
        let metadata = |url: &str| {
            let (openid, oauth2) = IssuerUrl::try_from(url.to_owned()).unwrap().metadata();
            [openid, oauth2].map(|url| url.as_url().path().to_owned())
        };
        let (openid, oauth2) = (
            "/.well-known/openid-configuration",
            "/.well-known/oauth-authorization-server",
        );
        for root in ["https://id.example", "https://id.example/"] {
            assert_eq!(metadata(root), [openid, oauth2]);
        }
        for below in ["https://id.example/a/b", "https://id.example/a/b/"] {
            let expected = [format!("/a/b{openid}"), format!("{oauth2}/a/b")];
            assert_eq!(metadata(below), expected);
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret::of_file("hunter2")), "Secret(..)");
    }
}

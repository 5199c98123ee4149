//! Which authorization servers are believed, and what.

mod rules;
pub(super) mod values;

use crate::domain::{internal::Role, name::ServiceName};
pub use rules::{InvalidSetting, prepare};
use serde::Deserialize;
use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};
pub use values::{EndpointUrl, IssuerUrl, Secret, SigningAlgorithm, TokenType};

/// An outside authorization server whose access tokens let callers in. `docs/tokens.md` says what each key is for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// What it calls itself: the `iss` of its tokens, byte by byte.
    pub url: IssuerUrl,
    /// What tokens for Tenure have in `aud`.
    pub audience: String,
    /// What the users' ids here begin with, before what the token says: it keeps the users of several issuers apart.
    pub user_prefix: Option<String>,
    /// The claim that names the user.
    #[serde(default = "user_claim")]
    pub user_claim: String,
    /// The claims that may name the client; the first that is there counts.
    #[serde(default = "service_claims")]
    pub service_claims: Vec<String>,
    /// The claim with the scopes.
    #[serde(default = "scope_claim")]
    pub scope_claim: String,
    /// Which service of the catalog each client is. No others are let in. Without it a client is the service of its
    /// own name.
    pub services: Option<BTreeMap<String, ServiceName>>,
    /// Whether its JWTs are taken.
    #[serde(default = "yes")]
    pub jwt: bool,
    /// How its JWTs may be signed.
    #[serde(default = "SigningAlgorithm::usual")]
    pub algorithms: Vec<SigningAlgorithm>,
    /// What the header of its JWTs may call them.
    #[serde(default = "TokenType::usual")]
    pub types: Vec<TokenType>,
    /// How much its clock may be ahead; at most 1m.
    #[serde(default = "seconds::<5>", deserialize_with = "values::time")]
    pub skew: Duration,
    /// Where its keys are, if it does not say so itself.
    pub jwks_uri: Option<EndpointUrl>,
    /// How old its keys may become before they are read again; 10s to 1d.
    #[serde(default = "seconds::<300>", deserialize_with = "values::time")]
    pub keys_refresh: Duration,
    /// How old its keys may become while it is out of reach; at most 1d.
    #[serde(default = "seconds::<3600>", deserialize_with = "values::time")]
    pub keys_outage: Duration,
    /// The longest that it may take to answer; 100ms to 30s.
    #[serde(default = "seconds::<2>", deserialize_with = "values::time")]
    pub timeout: Duration,
    /// A file with the certificates, in PEM, of those who sign for it; the authorities of this machine do not count then.
    pub ca_file: Option<PathBuf>,
    /// What that file holds.
    #[serde(skip)]
    pub(super) authorities: Option<String>,
    /// How opaque tokens are asked about.
    pub introspection: Option<IntrospectionSettings>,
    /// Which of its clients are services of the platform itself.
    pub internal: Option<InternalSettings>,
}

/// How an issuer is asked about opaque tokens (RFC 7662).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntrospectionSettings {
    /// What Tenure is called there.
    pub client_id: String,
    /// Its secret.
    pub client_secret: Option<Secret>,
    /// Or a file with its secret.
    pub client_secret_file: Option<PathBuf>,
    /// Where to ask, if the issuer does not say so itself.
    pub endpoint: Option<EndpointUrl>,
    /// What the tokens to ask about begin with; without it the issuer sees every token that is nobody else's.
    #[serde(default)]
    pub token_prefix: String,
    /// For how long an answer counts, and so how long a revocation may take; at most 1m.
    #[serde(default = "seconds::<10>", deserialize_with = "values::time")]
    pub cache: Duration,
    /// How many questions may be under way at once; 1 to 1000.
    #[serde(default = "concurrency")]
    pub concurrency: usize,
    /// Whether answers without a `token_type` are taken: some servers leave it out. Others leave it out for refresh
    /// tokens alone, which must not let anybody in.
    #[serde(default)]
    pub untyped: bool,
}

/// Which tokens are those of services of the platform itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternalSettings {
    /// What such tokens have in `aud`.
    pub audience: String,
    /// Who each client is. No others are let in.
    pub services: BTreeMap<String, InternalService>,
}

/// A service of the platform itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternalService {
    /// What it is called.
    pub name: ServiceName,
    /// What it may do.
    #[serde(deserialize_with = "values::parsed")]
    pub role: Role,
}

impl IssuerSettings {
    /// The certificates, in PEM, of those who sign for it, if they are given.
    #[must_use]
    pub fn authorities(&self) -> Option<&str> {
        self.authorities.as_deref()
    }
}

fn user_claim() -> String {
    "sub".to_owned()
}

fn service_claims() -> Vec<String> {
    ["client_id", "azp"].map(str::to_owned).to_vec()
}

fn scope_claim() -> String {
    "scope".to_owned()
}

const fn yes() -> bool {
    true
}

const fn concurrency() -> usize {
    16
}

const fn seconds<const N: u64>() -> Duration {
    Duration::from_secs(N)
}

impl fmt::Display for IssuerSettings {
    /// In one line, for whoever checks what is in force.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} for {}", self.url, self.audience)?;
        if self.jwt {
            let algorithms = self.algorithms.iter().map(ToString::to_string);
            write!(f, ", JWT by {}", algorithms.collect::<Vec<_>>().join(" "))?;
        }
        if let Some(introspection) = &self.introspection {
            let (client, cache) = (&introspection.client_id, introspection.cache);
            write!(f, ", introspection as {client} remembered for {cache:?}")?;
        }
        match &self.services {
            None => f.write_str(", any service")?,
            Some(services) => write!(f, ", {} services", services.len())?,
        }
        if let Some(internal) = &self.internal {
            let (count, audience) = (internal.services.len(), &internal.audience);
            write!(f, ", {count} internal services for {audience}")?;
        }
        Ok(())
    }
}

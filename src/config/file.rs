//! The settings file, `tenure.toml`: what is a list or a table, and so no flag.

use super::{RateLimit, sign_in};
use crate::{
    auth::{
        self, CertificateHolder, CertificateHolders, CertificateId, InvalidSetting, IssuerSettings,
        SignInSettings,
    },
    domain::{internal::Role, name::ServiceName, state::Connections},
    grpc::Rate,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{
    collections::BTreeMap,
    fmt, fs, io,
    path::{Path, PathBuf},
    str::FromStr,
};
use tenure_gateway::Page;

/// What the file says. A key that is not known is an error: it may be one that was meant to protect something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsFile {
    /// Whose tokens let callers in, besides Tenure's own.
    #[serde(default, rename = "issuer")]
    pub issuers: Vec<IssuerSettings>,
    /// How people sign in to their page.
    pub sign_in: Option<Box<SignInSettings>>,
    /// The user's page, where people can sign in.
    #[serde(skip)]
    pub page: Option<Page>,
    /// What makes connections: `explicit`, or `from_tokens`.
    #[serde(default)]
    pub connections: Connections,
    /// Who may call over gRPC with a certificate instead of a token.
    #[serde(default)]
    certificate: Vec<Certificate>,
    /// How many requests each token of a service may make, where that differs from `--rate-limit`.
    #[serde(default)]
    rate_limit: BTreeMap<Parsed<ServiceName>, Parsed<RateLimit>>,
}

/// An internal service with a certificate.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Certificate {
    id: Parsed<CertificateId>,
    name: Parsed<ServiceName>,
    role: Parsed<Role>,
}

/// What is written as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Parsed<T>(T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Parsed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFile {
    /// It cannot be read.
    #[error("cannot read '{path}': {error}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// It does not say what it should.
    #[error("'{path}'{place}: {message}")]
    Invalid {
        /// Which.
        path: String,
        /// Where in it.
        place: Place,
        /// What was expected.
        message: String,
    },
    /// What it says does not fit together.
    #[error("'{path}': {error}")]
    Unfit {
        /// Which.
        path: String,
        /// What.
        error: InvalidSetting,
    },
}

/// A line of a file and the key there, if it has one: never the line itself, which may hold a secret.
#[derive(Debug)]
pub struct Place(Option<(usize, String)>);

impl Place {
    fn of(error: &toml::de::Error, text: &str) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start));
        Self(before.map(|before| {
            let number = before.lines().count().max(1);
            let number = number + usize::from(before.ends_with('\n'));
            let line = text.lines().nth(number - 1).unwrap_or_default();
            let key = line.split_once('=').map_or("", |(key, _)| key.trim());
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let key = if key.chars().all(plain) { key } else { "" };
            (number, key.to_owned())
        }))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => Ok(()),
            Some((line, key)) if key.is_empty() => write!(f, ", line {line}"),
            Some((line, key)) => write!(f, ", line {line}, '{key}'"),
        }
    }
}

impl SettingsFile {
    /// Reads the file.
    ///
    /// # Errors
    /// As [`InvalidFile`] says.
    pub fn read(path: &Path) -> Result<Self, InvalidFile> {
        let shown = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| InvalidFile::Unreadable {
            path: shown(),
            error,
        })?;
        Self::parse(&text, path)
    }

    /// Takes what a file of this path says. The files that it names are looked for from where it is.
    ///
    /// # Errors
    /// As [`InvalidFile`] says.
    pub fn parse(text: &str, path: &Path) -> Result<Self, InvalidFile> {
        let shown = || path.display().to_string();
        let said: Self = toml::from_str(text).map_err(|error| InvalidFile::Invalid {
            path: shown(),
            place: Place::of(&error, text),
            message: error.message().to_owned(),
        })?;
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let read = |file: &Path| fs::read_to_string(folder.join(file));
        let unfit = |error| InvalidFile::Unfit {
            path: shown(),
            error,
        };
        let issuers = auth::prepare(said.issuers, read).map_err(unfit)?;
        let sign_in = said.sign_in.map(|said| said.prepare(&issuers, read));
        let sign_in = sign_in.transpose().map_err(unfit)?.map(Box::new);
        let page = sign_in.as_ref().map(|said| sign_in::page(said, &issuers));
        let page = page.transpose().map_err(unfit)?;
        Ok(Self {
            issuers,
            sign_in,
            page,
            ..said
        })
    }

    /// Who may call with a certificate.
    #[must_use]
    pub fn certificates(&self) -> CertificateHolders {
        let holders = self.certificate.iter().map(|holder| CertificateHolder {
            id: holder.id.0.clone(),
            name: holder.name.0.clone(),
            role: holder.role.0,
        });
        CertificateHolders::new(holders.collect())
    }

    /// The rates of services that have their own.
    #[must_use]
    pub fn rates(&self) -> BTreeMap<ServiceName, Option<Rate>> {
        let rates = self.rate_limit.iter();
        rates
            .map(|(service, rate)| (service.0.clone(), rate.0.0))
            .collect()
    }
}

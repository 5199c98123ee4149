//! The settings file, `tenure.toml`: what is a list or a table, and so no flag.

use super::RateLimit;
use crate::{
    auth::{CertificateHolder, CertificateHolders, CertificateId},
    domain::{internal::Role, name::ServiceName},
    grpc::Rate,
};
use serde::{Deserialize, Deserializer, de::Error as _};
use std::{collections::BTreeMap, fmt::Display, fs, io, path::Path, str::FromStr};

/// What the file says. A key that is not known is an error: it may be one that was meant to protect something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsFile {
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

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Parsed<T> {
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
    #[error("'{path}': {error}")]
    Invalid {
        /// Which.
        path: String,
        /// Where, and what was expected.
        error: toml::de::Error,
    },
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
        toml::from_str(&text).map_err(|error| InvalidFile::Invalid {
            path: shown(),
            error,
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

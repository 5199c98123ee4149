//! Internal services that show a certificate instead of a token.

use super::{Internal, Principal};
use crate::domain::{Instant, internal::Role, name::ServiceName};
use std::{fmt, str::FromStr};
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, parse_x509_certificate, time::ASN1Time,
};

/// What a certificate is known by: one name in its `subjectAltName`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateId {
    /// A SPIFFE ID, `spiffe://example.org/values`: the one URI of the certificate (X509-SVID, section 2).
    Spiffe(String),
    /// A name of a host, `values.internal`, in lower case.
    Dns(String),
}

/// What is no SPIFFE ID or name of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a SPIFFE ID like spiffe://example.org/values, or the name of a host like values.internal"
)]
pub struct InvalidCertificateId;

impl FromStr for CertificateId {
    type Err = InvalidCertificateId;

    fn from_str(text: &str) -> Result<Self, InvalidCertificateId> {
        let of_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b);
        let of_path = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(of_name);
        let Some(id) = text.strip_prefix("spiffe://") else {
            let name = text.to_ascii_lowercase();
            return is_name(&name)
                .then_some(Self::Dns(name))
                .ok_or(InvalidCertificateId);
        };
        let (domain, path) = id.split_once('/').unwrap_or((id, "x"));
        let is_segment = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(of_path);
        let is_valid = is_name(domain) && path.split('/').all(is_segment);
        is_valid
            .then(|| Self::Spiffe(text.to_owned()))
            .ok_or(InvalidCertificateId)
    }
}

impl fmt::Display for CertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spiffe(name) | Self::Dns(name) => f.write_str(name),
        }
    }
}

/// Whom a certificate stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateHolder {
    /// What the certificate is known by.
    pub id: CertificateId,
    /// What the service is called.
    pub name: ServiceName,
    /// What it may do.
    pub role: Role,
}

/// Those who may call with a certificate; of several that one certificate stands for, the first.
#[derive(Debug, Clone, Default)]
pub struct CertificateHolders(Vec<CertificateHolder>);

/// Who is at the other end of a connection, by the certificate with which it began, which must be good still.
#[derive(Debug, Clone)]
pub struct Certified(pub Principal);

impl CertificateHolders {
    /// These.
    #[must_use]
    pub fn new(holders: Vec<CertificateHolder>) -> Self {
        Self(holders)
    }

    /// Whom this certificate, DER, stands for; its chain has been verified. One that stands for nobody is told in the
    /// log, for its connection is no better than one without.
    #[must_use]
    pub fn certified(&self, certificate: &[u8]) -> Option<Certified> {
        let (_, certificate) = parse_x509_certificate(certificate).ok()?;
        let ids = ids(&certificate);
        let holder = self.0.iter().find(|holder| ids.contains(&holder.id));
        let Some(holder) = holder else {
            let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
            tracing::warn!(
                ?ids,
                "a client's certificate is verified, but stands for nobody"
            );
            return None;
        };
        let validity = certificate.validity();
        Some(Certified(Principal::Internal(Internal {
            name: holder.name.clone(),
            role: holder.role,
            issued_at: instant(validity.not_before)?,
            expires_at: instant(validity.not_after)?,
        })))
    }
}

/// All that the certificate is known by.
fn ids(certificate: &X509Certificate<'_>) -> Vec<CertificateId> {
    let names = certificate.subject_alternative_name().ok().flatten();
    let names = names.map_or(&[][..], |names| &names.value.general_names);
    let uris = names.iter().filter_map(|name| match name {
        GeneralName::URI(uri) => Some(*uri),
        _ => None,
    });
    let uris: Vec<_> = uris.collect();
    let dns = names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(CertificateId::Dns(name.to_ascii_lowercase())),
        _ => None,
    });
    let mut ids: Vec<_> = dns.collect();
    if let [uri] = uris[..] {
        ids.push(CertificateId::Spiffe(uri.to_owned()));
    }
    ids
}

fn instant(time: ASN1Time) -> Option<Instant> {
    Instant::from_unix_timestamp(time.timestamp()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_spiffe_or_the_name_of_a_host() {
        for (text, id) in [
            (
                "spiffe://example.org/ns/a/sa/values",
                CertificateId::Spiffe("spiffe://example.org/ns/a/sa/values".to_owned()),
            ),
            (
                "spiffe://example.org",
                CertificateId::Spiffe("spiffe://example.org".to_owned()),
            ),
            (
                "Values.Internal",
                CertificateId::Dns("values.internal".to_owned()),
            ),
        ] {
            assert_eq!(text.parse(), Ok(id));
        }
        for text in [
            "",
            "spiffe://",
            "spiffe:///x",
            "spiffe://Example.org/x",
            "spiffe://example.org/",
            "spiffe://example.org/a//b",
            "spiffe://example.org/../b",
            "spiffe://example.org/a?b",
            "spiffe://a:1/b",
            "https://example.org",
            "a b",
        ] {
            assert_eq!(
                text.parse::<CertificateId>(),
                Err(InvalidCertificateId),
                "{text}"
            );
        }
    }
}

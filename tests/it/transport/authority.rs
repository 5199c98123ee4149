//! Certificates that a test makes for itself.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    SanType,
};
use std::{fs, path::PathBuf};
use tempfile::TempDir;
use tenure_gateway::serve::TlsFiles;
use time::{Duration, OffsetDateTime};

/// Who signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, PEM.
#[derive(Clone)]
pub struct Signed {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate of a server at a loopback address.
    pub fn server(&self) -> Signed {
        let names = [dns("localhost"), ip()];
        self.sign(&names, ExtendedKeyUsagePurpose::ServerAuth, |_| {})
    }

    /// That of a client with these names.
    pub fn client(&self, names: &[SanType]) -> Signed {
        self.sign(names, ExtendedKeyUsagePurpose::ClientAuth, |_| {})
    }

    /// That of a client, until so long from now.
    pub fn client_until(&self, names: &[SanType], remaining: Duration) -> Signed {
        self.sign(names, ExtendedKeyUsagePurpose::ClientAuth, |params| {
            params.not_after = now() + remaining;
        })
    }

    fn sign(
        &self,
        names: &[SanType],
        usage: ExtendedKeyUsagePurpose,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Signed {
        let mut params = CertificateParams::default();
        params.subject_alt_names = names.to_vec();
        params.extended_key_usages = vec![usage];
        params.not_before = now() - Duration::days(2);
        params.not_after = now() + Duration::days(2);
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        Signed {
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a certificate is good at the time of the machine"
)]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

pub fn uri(uri: &str) -> SanType {
    SanType::URI(uri.try_into().unwrap())
}

pub fn dns(name: &str) -> SanType {
    SanType::DnsName(name.try_into().unwrap())
}

fn ip() -> SanType {
    SanType::IpAddress([127, 0, 0, 1].into())
}

/// The files of a server's identity, in a folder of their own.
pub struct Files(TempDir);

impl Files {
    /// A certificate of this authority.
    pub fn new(authority: &Authority) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        files.put(&authority.server());
        files
    }

    pub fn put(&self, signed: &Signed) {
        self.write("server.crt", &signed.certificate);
        self.write("server.key", &signed.key);
    }

    /// Replaces a file at once, and gives its path.
    pub fn write(&self, name: &str, content: &str) -> PathBuf {
        let new = self.path("new");
        fs::write(&new, content).unwrap();
        fs::rename(new, self.path(name)).unwrap();
        self.path(name)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn tls(&self) -> TlsFiles {
        TlsFiles {
            certificate: self.path("server.crt"),
            key: self.path("server.key"),
            client_authority: None,
        }
    }
}

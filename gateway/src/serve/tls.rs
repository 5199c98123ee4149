//! TLS on a listener, with certificates that are read again when their files change.

use super::Protocol;
use arc_swap::ArcSwap;
use http::Extensions;
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::MissedTickBehavior;
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        self, RootCertStore, ServerConfig,
        crypto::{CryptoProvider, aws_lc_rs},
        pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject as _},
        server::{NoServerSessionStorage, VerifierBuilderError, WebPkiClientVerifier},
    },
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What is to be known of the client whose certificate this is, DER, which has been verified: requests of its connection
/// have it in their extensions.
pub type Introduce = Arc<dyn Fn(&[u8], &mut Extensions) + Send + Sync>;

/// The files of a listener's identity, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and after it those between it and the authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// The authorities of clients' certificates. A client need not send one, but one that is sent is verified.
    pub client_authority: Option<PathBuf>,
}

/// Files that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidTls {
    /// One cannot be read.
    #[error("cannot read '{}': {error}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why not.
        error: io::Error,
    },
    /// One has not in it what it should.
    #[error("'{}': expected {expected} in PEM ({error})", path.display())]
    Pem {
        /// Which.
        path: PathBuf,
        /// What it should have.
        expected: &'static str,
        /// What is wrong.
        error: pem::Error,
    },
    /// The certificate, or its key, is of no use.
    #[error("'{}' with its key: {error}", path.display())]
    Certificate {
        /// The certificate's file.
        path: PathBuf,
        /// What is wrong.
        error: rustls::Error,
    },
    /// An authority is of no use.
    #[error("'{}': {error}", path.display())]
    Authority {
        /// Its file.
        path: PathBuf,
        /// What is wrong.
        error: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// What a listener is known by, at the moment.
pub struct Tls {
    files: TlsFiles,
    protocol: Protocol,
    current: ArcSwap<ServerConfig>,
    /// What the files had in them when they were last looked at; none if one could not be read.
    seen: Mutex<Option<Contents>>,
}

/// What the files have in them.
#[derive(PartialEq, Eq)]
struct Contents {
    certificate: Vec<u8>,
    key: Vec<u8>,
    client_authority: Option<Vec<u8>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// As [`InvalidTls`] says.
    pub fn load(files: TlsFiles, protocol: Protocol) -> Result<Self, InvalidTls> {
        let contents = files.read()?;
        let config = contents.config(&files, protocol)?;
        Ok(Self {
            files,
            protocol,
            current: ArcSwap::from_pointee(config),
            seen: Mutex::new(Some(contents)),
        })
    }

    /// For a connection that begins now.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }

    /// Goes on reading the files when they change. Their contents are compared, because whoever replaces them may do so
    /// by a link.
    pub(super) async fn keep_current(self: Arc<Self>) {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            let tls = Arc::clone(&self);
            // One that panics is tried again.
            let _ = tokio::task::spawn_blocking(move || tls.look()).await;
        }
    }

    fn look(&self) {
        let certificate = self.files.certificate.display();
        match self.replace() {
            Ok(false) => {}
            Ok(true) => tracing::info!(%certificate, "new certificates are in use"),
            Err(error) => {
                tracing::error!(%error, "new certificates cannot be used; those before stay in use");
            }
        }
    }

    /// Puts what is new into use, if there is something. What cannot be used is told once.
    fn replace(&self) -> Result<bool, InvalidTls> {
        let read = self.files.read();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let contents = match read {
            Ok(contents) => contents,
            Err(error) => return seen.take().map_or(Ok(false), |_| Err(error)),
        };
        if seen.as_ref() == Some(&contents) {
            return Ok(false);
        }
        let contents = seen.insert(contents);
        let config = contents.config(&self.files, self.protocol)?;
        self.current.store(Arc::new(config));
        Ok(true)
    }
}

impl TlsFiles {
    fn read(&self) -> Result<Contents, InvalidTls> {
        let authority = self.client_authority.as_ref();
        Ok(Contents {
            certificate: read(&self.certificate)?,
            key: read(&self.key)?,
            client_authority: authority.map(|path| read(path)).transpose()?,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, InvalidTls> {
    fs::read(path).map_err(|error| InvalidTls::Unreadable {
        path: path.to_owned(),
        error,
    })
}

impl Contents {
    fn config(&self, files: &TlsFiles, protocol: Protocol) -> Result<ServerConfig, InvalidTls> {
        let unusable = |error| InvalidTls::Certificate {
            path: files.certificate.clone(),
            error,
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let certificates = certificates(&self.certificate, &files.certificate)?;
        let key = PrivateKeyDer::from_pem_slice(&self.key)
            .map_err(|error| no_pem(&files.key, "a private key", error))?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(unusable)?;
        let builder = match (&self.client_authority, &files.client_authority) {
            (Some(content), Some(path)) => {
                builder.with_client_cert_verifier(verifier(content, path, provider)?)
            }
            _ => builder.with_no_client_auth(),
        };
        let mut config = builder
            .with_single_cert(certificates, key)
            .map_err(unusable)?;
        config.alpn_protocols = protocol.names();
        if self.client_authority.is_some() {
            // A session that goes on would bring its certificate along without having it verified again.
            config.session_storage = Arc::new(NoServerSessionStorage {});
            config.send_tls13_tickets = 0;
        }
        Ok(config)
    }
}

fn verifier(
    content: &[u8],
    path: &Path,
    provider: Arc<CryptoProvider>,
) -> Result<Arc<dyn rustls::server::danger::ClientCertVerifier>, InvalidTls> {
    let unusable = |error: Box<dyn std::error::Error + Send + Sync>| InvalidTls::Authority {
        path: path.to_owned(),
        error,
    };
    let mut roots = RootCertStore::empty();
    for certificate in certificates(content, path)? {
        roots
            .add(certificate)
            .map_err(|error| unusable(error.into()))?;
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .allow_unauthenticated()
        .build()
        .map_err(|error: VerifierBuilderError| unusable(error.into()))
}

/// At least one.
fn certificates(content: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, InvalidTls> {
    let read = CertificateDer::pem_slice_iter(content).collect::<Result<Vec<_>, _>>();
    let some = read.and_then(|read| {
        let is_none = read.is_empty();
        (!is_none).then_some(read).ok_or(pem::Error::NoItemsFound)
    });
    some.map_err(|error| no_pem(path, "a certificate", error))
}

fn no_pem(path: &Path, expected: &'static str, error: pem::Error) -> InvalidTls {
    InvalidTls::Pem {
        path: path.to_owned(),
        expected,
        error,
    }
}

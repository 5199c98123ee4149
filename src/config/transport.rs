//! The arguments of what protects a listener: TLS, and limits of what clients may do.

use super::some_time;
use clap::Args;
use std::{path::PathBuf, time::Duration};
use tenure_gateway::serve::{Limits, TlsFiles};

/// How the listeners are protected.
#[derive(Debug, Clone, Args)]
pub struct TransportArguments {
    /// The certificate for gRPC and REST, and those between it and its authority, PEM; read again when it changes
    #[arg(
        long,
        env = "TENURE_TLS_CERTIFICATE",
        value_name = "FILE",
        requires = "tls_key"
    )]
    pub tls_certificate: Option<PathBuf>,

    /// The certificate's key, PEM
    #[arg(
        long,
        env = "TENURE_TLS_KEY",
        value_name = "FILE",
        requires = "tls_certificate"
    )]
    pub tls_key: Option<PathBuf>,

    /// The authorities, PEM, by which the certificates of clients are verified that call over gRPC with one
    #[arg(
        long,
        env = "TENURE_TLS_CLIENT_AUTHORITY",
        value_name = "FILE",
        requires = "tls_certificate"
    )]
    pub tls_client_authority: Option<PathBuf>,

    /// Listen without TLS where others can reach it, too
    #[arg(long, env = "TENURE_INSECURE")]
    pub insecure: bool,

    /// How many requests there may be at once; more are answered 503
    #[arg(long, env = "TENURE_MAX_REQUESTS", default_value = "1024", value_parser = count, value_name = "COUNT")]
    pub max_requests: usize,

    /// How many watches there may be at once; more are answered 503
    #[arg(long, env = "TENURE_MAX_WATCHES", default_value = "1024", value_parser = count, value_name = "COUNT")]
    pub max_watches: usize,

    /// How many connections a listener may have; for a new one the one ends that is idle for longest
    #[arg(long, env = "TENURE_MAX_CONNECTIONS", default_value = "4096", value_parser = count, value_name = "COUNT")]
    pub max_connections: usize,

    /// How many requests a connection to the REST gateway may have under way over HTTP/2
    #[arg(long, env = "TENURE_MAX_STREAMS", default_value = "128", value_parser = clap::value_parser!(u32).range(1..=65_536), value_name = "COUNT")]
    pub max_streams: u32,

    /// How long a new connection may take until the headers of its first request are there
    #[arg(long, env = "TENURE_HEADER_TIMEOUT", default_value = "10s", value_parser = some_time, value_name = "TIME")]
    pub header_timeout: Duration,

    /// How long a connection may be without a request
    #[arg(long, env = "TENURE_IDLE_TIMEOUT", default_value = "75s", value_parser = some_time, value_name = "TIME")]
    pub idle_timeout: Duration,
}

impl Default for TransportArguments {
    /// As without any of them.
    fn default() -> Self {
        let limits = Limits::default();
        Self {
            tls_certificate: None,
            tls_key: None,
            tls_client_authority: None,
            insecure: false,
            max_requests: 1024,
            max_watches: 1024,
            max_connections: limits.connections,
            max_streams: limits.streams,
            header_timeout: limits.header_timeout,
            idle_timeout: limits.idle_timeout,
        }
    }
}

impl TransportArguments {
    /// The files for TLS, if it is wanted.
    pub(super) fn tls(&self) -> Option<TlsFiles> {
        Some(TlsFiles {
            certificate: self.tls_certificate.clone()?,
            key: self.tls_key.clone()?,
            client_authority: self.tls_client_authority.clone(),
        })
    }

    /// What clients may do.
    pub(super) fn limits(&self) -> Limits {
        Limits {
            connections: self.max_connections,
            streams: self.max_streams,
            header_timeout: self.header_timeout,
            idle_timeout: self.idle_timeout,
        }
    }

    /// The settings that are in force, by name.
    #[must_use]
    pub fn shown(&self) -> [(&'static str, String); 10] {
        let file = |path: &Option<PathBuf>| {
            let path = path.as_ref().map(|path| path.display().to_string());
            path.unwrap_or_default()
        };
        [
            ("tls-certificate", file(&self.tls_certificate)),
            ("tls-key", file(&self.tls_key)),
            ("tls-client-authority", file(&self.tls_client_authority)),
            ("insecure", self.insecure.to_string()),
            ("max-requests", self.max_requests.to_string()),
            ("max-watches", self.max_watches.to_string()),
            ("max-connections", self.max_connections.to_string()),
            ("max-streams", self.max_streams.to_string()),
            ("header-timeout", format!("{:?}", self.header_timeout)),
            ("idle-timeout", format!("{:?}", self.idle_timeout)),
        ]
    }
}

/// How many there may be of something: at least one.
fn count(text: &str) -> Result<usize, String> {
    let count = text.parse().ok();
    let count = count.filter(|count| (1..=1_000_000).contains(count));
    count.ok_or_else(|| "expected a number from 1 to 1000000".to_owned())
}

//! The arguments of what serves.

use super::{Common, InvalidFile, SettingsFile, TransportArguments, duration, some_time};
use crate::{
    app::{Addresses, Config, Listening},
    grpc::{self, Rate, Rates},
};
use clap::Args;
use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

/// The arguments of `tenure serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArguments {
    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenArguments,

    /// What protects it there.
    #[command(flatten)]
    pub transport: TransportArguments,

    /// A file with what is more than a value each: who issues tokens, who may call
    #[arg(long, env = "TENURE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// How many requests a token may make: 300/h, 10/m, 5/s, or off
    #[arg(
        long,
        env = "TENURE_RATE_LIMIT",
        default_value = "300/h",
        value_name = "RATE"
    )]
    pub rate_limit: RateLimit,

    /// How many requests a user's own token may make: 3600/h, 60/m, 1/s, or off
    #[arg(
        long,
        env = "TENURE_USER_RATE_LIMIT",
        default_value = "3600/h",
        value_name = "RATE"
    )]
    pub user_rate_limit: RateLimit,

    /// The longest that a request may take
    #[arg(long, env = "TENURE_REQUEST_TIMEOUT", default_value = "10s", value_parser = some_time, value_name = "TIME")]
    pub request_timeout: Duration,

    /// How long requests under way may take to finish after a signal to stop
    #[arg(long, env = "TENURE_DRAIN_TIMEOUT", default_value = "10s", value_parser = duration, value_name = "TIME")]
    pub drain_timeout: Duration,

    /// How long the ledger keeps what has been overtaken: a time of an hour or more, or forever
    #[arg(
        long,
        env = "TENURE_LEDGER_RETENTION",
        default_value = "forever",
        value_name = "TIME"
    )]
    pub ledger_retention: Retention,

    /// How many attributes checks may remember; each takes some 300 bytes
    #[arg(
        long,
        env = "TENURE_CHECK_CAPACITY",
        default_value = "100000",
        value_name = "COUNT"
    )]
    pub check_capacity: u64,

    /// How many events a watch may be behind before it is ended, 1024 or more
    #[arg(long, env = "TENURE_WATCH_BUFFER", default_value = "4096", value_parser = buffer, value_name = "COUNT")]
    pub watch_buffer: usize,

    /// The scheme and host of the links in answers, where clients reach the gateway under another name
    #[arg(long, env = "TENURE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<tenure_gateway::Origin>,

    /// Networks whose Forwarded and X-Forwarded-* headers are believed, separated by commas
    #[arg(
        long,
        env = "TENURE_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "CIDR"
    )]
    pub trusted_proxies: Vec<tenure_gateway::Network>,

    /// Another service, over plain HTTP, which gets the REST requests whose path is not served here
    #[arg(long, env = "TENURE_UPSTREAM", value_name = "URL")]
    pub upstream: Option<tenure_gateway::Upstream>,

    /// Print the settings that are in force, and exit
    #[arg(long)]
    pub check_config: bool,
}

/// The arguments of `tenure demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArguments {
    /// Where to listen.
    #[command(flatten)]
    pub listen: ListenArguments,
}

/// Where an instance listens.
#[derive(Debug, Clone, Args)]
pub struct ListenArguments {
    /// Where to listen for gRPC
    #[arg(
        long,
        env = "TENURE_GRPC_ADDR",
        default_value = "127.0.0.1:50051",
        value_name = "ADDR"
    )]
    pub grpc_addr: SocketAddr,

    /// Where to listen for REST
    #[arg(
        long,
        env = "TENURE_HTTP_ADDR",
        default_value = "127.0.0.1:8080",
        value_name = "ADDR"
    )]
    pub http_addr: SocketAddr,

    /// Where to show metrics to Prometheus
    #[arg(
        long,
        env = "TENURE_METRICS_ADDR",
        default_value = "127.0.0.1:9464",
        value_name = "ADDR"
    )]
    pub metrics_addr: SocketAddr,
}

/// A rate, or as many as one likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit(pub Option<Rate>);

impl FromStr for RateLimit {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self(None));
        }
        let rate = text.parse().map_err(|error| format!("{error}, or off"))?;
        Ok(Self(Some(rate)))
    }
}

impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("off"),
            Some(rate) => rate.fmt(f),
        }
    }
}

/// How long something is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention(pub Option<Duration>);

/// The shortest retention: nobody who is at work reads further back.
const SHORTEST_RETENTION: Duration = Duration::from_hours(1);

impl FromStr for Retention {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "forever" {
            return Ok(Self(None));
        }
        let time = some_time(text).map_err(|error| format!("{error}, or forever"))?;
        if time < SHORTEST_RETENTION {
            return Err("expected at least 1h, or forever".to_owned());
        }
        Ok(Self(Some(time)))
    }
}

impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("forever"),
            Some(time) => write!(f, "{}", humantime::format_duration(time)),
        }
    }
}

/// How many events are kept for those who watch: at least twice what the feed tells in one go, or it would end watches
/// that are as quick as can be.
fn buffer(text: &str) -> Result<usize, String> {
    let count = text.parse().ok();
    let count = count.filter(|count| (1_024..=1_048_576).contains(count));
    count.ok_or_else(|| "expected a number from 1024 to 1048576".to_owned())
}

impl ServeArguments {
    /// All that a running instance needs to know.
    ///
    /// # Errors
    /// When the settings file cannot be read.
    pub fn app(&self, common: &Common) -> Result<Config, InvalidFile> {
        let file = match &self.config {
            Some(path) => SettingsFile::read(path)?,
            None => SettingsFile::default(),
        };
        let (of_services, certificates) = (file.rates(), file.certificates());
        Ok(Config {
            storage: common.storage(),
            grpc: grpc::Config {
                request_timeout: self.request_timeout,
                rates: Rates {
                    usual: self.rate_limit.0,
                    of_users: self.user_rate_limit.0,
                    of_services,
                },
                max_requests: self.transport.max_requests,
                max_watches: self.transport.max_watches,
            },
            issuers: file.issuers,
            sign_in: file.sign_in,
            connections: file.connections,
            watch_buffer: self.watch_buffer,
            check_capacity: self.check_capacity,
            ledger_retention: self.ledger_retention.0,
            gateway: tenure_gateway::Config {
                request_timeout: self.request_timeout,
                public_origin: self.public_url.clone(),
                trusted_proxies: self.trusted_proxies.clone(),
                upstream: self.upstream.clone(),
                max_requests: self.transport.max_requests,
                page: file.page,
            },
            addresses: Addresses {
                grpc: self.listen.grpc_addr,
                http: self.listen.http_addr,
                metrics: self.listen.metrics_addr,
            },
            listening: Listening {
                tls: self.transport.tls(),
                is_insecure: self.transport.insecure,
                limits: self.transport.limits(),
                certificates,
            },
            drain_timeout: self.drain_timeout,
        })
    }
}

impl From<&DemoArguments> for ServeArguments {
    /// A demo is served as by default, without a limit: trying things out should not lock anybody out.
    fn from(demo: &DemoArguments) -> Self {
        Self {
            listen: demo.listen.clone(),
            transport: TransportArguments::default(),
            config: None,
            rate_limit: RateLimit(None),
            user_rate_limit: RateLimit(None),
            request_timeout: Duration::from_secs(10),
            drain_timeout: Duration::from_secs(10),
            ledger_retention: Retention(None),
            check_capacity: 100_000,
            watch_buffer: 4096,
            public_url: None,
            trusted_proxies: Vec::new(),
            upstream: None,
            check_config: false,
        }
    }
}

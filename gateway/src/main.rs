//! The gateway on its own, in front of a Tenure service elsewhere.

use clap::Parser;
use std::{error::Error, io::IsTerminal as _, net::SocketAddr, process::ExitCode, time::Duration};
use tenure_gateway::{Config, Network, Origin, Upstream};
use tonic::transport::Endpoint;
use tracing_subscriber::EnvFilter;

/// The REST gateway of Tenure
#[derive(Parser)]
#[command(name = "tenure-gateway", version)]
#[command(after_help = "Example:\n  tenure-gateway --service http://127.0.0.1:50051")]
struct Arguments {
    /// The Tenure service
    #[arg(
        long,
        env = "TENURE_SERVICE",
        default_value = "http://127.0.0.1:50051",
        value_name = "URL"
    )]
    service: Endpoint,

    /// Where to listen
    #[arg(
        long,
        env = "TENURE_HTTP_ADDR",
        default_value = "127.0.0.1:8080",
        value_name = "ADDR"
    )]
    http_addr: SocketAddr,

    /// The scheme and host of the links in answers, where clients reach the gateway under another name
    #[arg(long, env = "TENURE_PUBLIC_URL", value_name = "URL")]
    public_url: Option<Origin>,

    /// Networks whose Forwarded and X-Forwarded-* headers are believed, separated by commas
    #[arg(
        long,
        env = "TENURE_TRUSTED_PROXIES",
        value_delimiter = ',',
        value_name = "CIDR"
    )]
    trusted_proxies: Vec<Network>,

    /// Another service, over plain HTTP, which gets the requests whose path is not served here
    #[arg(long, env = "TENURE_UPSTREAM", value_name = "URL")]
    upstream: Option<Upstream>,

    /// The longest that a request may take
    #[arg(
        long,
        env = "TENURE_REQUEST_TIMEOUT",
        default_value_t = 10,
        value_name = "SECONDS"
    )]
    request_timeout: u64,

    /// How long requests under way may take to finish after a signal to stop
    #[arg(
        long,
        env = "TENURE_DRAIN_TIMEOUT",
        default_value_t = 10,
        value_name = "SECONDS"
    )]
    drain_timeout: u64,

    /// What to log, to standard error
    #[arg(
        long,
        env = "TENURE_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    log: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    tenure_gateway::ended(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&arguments.log)?)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .init();
    let config = Config {
        request_timeout: Duration::from_secs(arguments.request_timeout),
        public_origin: arguments.public_url,
        trusted_proxies: arguments.trusted_proxies,
        upstream: arguments.upstream,
    };
    let endpoint = tenure_gateway::endpoint(arguments.service);
    let endpoint = endpoint.connect_timeout(Duration::from_secs(2));
    let router = tenure_gateway::router(endpoint.connect_lazy(), config);
    let drain = Duration::from_secs(arguments.drain_timeout);
    tenure_gateway::listen(arguments.http_addr, router, drain).await?;
    Ok(())
}

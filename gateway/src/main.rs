//! The gateway on its own, in front of a Tenure service elsewhere.

mod arguments;

use arguments::Arguments;
use clap::Parser as _;
use std::{error::Error, fs, io::IsTerminal as _, path::Path, process::ExitCode, time::Duration};
use tenure_gateway::{
    Config,
    serve::{self, Protocol, Server, Tls},
};
use tokio::net::TcpListener;
use tonic::transport::{Certificate, ClientTlsConfig, Endpoint};
use tracing_subscriber::EnvFilter;

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
    let address = arguments.http_addr;
    let tls = arguments.tls();
    serve::guard(address, tls.is_some(), arguments.insecure)?;
    let tls = tls.map(|files| Tls::load(files, Protocol::Http));
    let (limits, tls) = (arguments.limits(), tls.transpose()?);
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| format!("cannot listen on {address}: {error}"))?;
    let drain = Duration::from_secs(arguments.drain_timeout);
    let service = service(arguments.service, arguments.service_authority.as_deref())?;
    let config = Config {
        request_timeout: Duration::from_secs(arguments.request_timeout),
        public_origin: arguments.public_url,
        trusted_proxies: arguments.trusted_proxies,
        upstream: arguments.upstream,
        max_requests: arguments.max_requests,
        page: arguments.page.page()?,
    };
    let router = tenure_gateway::router(service.connect_lazy(), config);
    tracing::info!(http = %listener.local_addr()?, "listening");
    let server = Server::new(listener, router)
        .with_limits(limits)
        .with_tls(tls);
    server.run(tenure_gateway::signalled()?, drain).await?;
    Ok(())
}

/// The way to the service, over TLS if that is what its address says.
fn service(address: Endpoint, authority: Option<&Path>) -> Result<Endpoint, Box<dyn Error>> {
    let is_https = address.uri().scheme_str() == Some("https");
    let endpoint = tenure_gateway::endpoint(address).connect_timeout(Duration::from_secs(2));
    match (is_https, authority) {
        (false, None) => Ok(endpoint),
        (true, Some(path)) => {
            let read = fs::read(path);
            let read =
                read.map_err(|error| format!("cannot read '{}': {error}", path.display()))?;
            let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read));
            Ok(endpoint.tls_config(tls)?)
        }
        _ => Err("--service https://... needs --service-authority, and nothing else does".into()),
    }
}

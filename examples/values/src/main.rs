//! The value service on its own, beside a Tenure service elsewhere.

use clap::Parser;
use std::{error::Error, net::SocketAddr, process::ExitCode, time::Duration};
use tenure_client::Client;
use tenure_gateway::{Config, Network};
use tenure_values::Store;
use tonic::transport::Endpoint;

/// Stores the values of attributes, each under the fence of its owner
#[derive(Parser)]
#[command(name = "tenure-values", version)]
struct Arguments {
    /// The Tenure service
    #[arg(long, env = "VALUES_SERVICE", default_value = "http://127.0.0.1:50051")]
    service: Endpoint,
    /// The token of an internal service: tenure token issue --internal values --role reader
    #[arg(long, env = "VALUES_TOKEN", hide_env_values = true)]
    token: String,
    /// Where the values are kept, on SQLite or PostgreSQL
    #[arg(
        long,
        env = "VALUES_DATABASE_URL",
        hide_env_values = true,
        default_value = "sqlite://values.db?mode=rwc"
    )]
    database_url: String,
    /// Where to listen
    #[arg(long, env = "VALUES_HTTP_ADDR", default_value = "127.0.0.1:8081")]
    http_addr: SocketAddr,
    /// Networks whose Forwarded and X-Forwarded-* headers are believed: that of the gateway
    #[arg(
        long,
        env = "VALUES_TRUSTED_PROXIES",
        value_delimiter = ',',
        default_value = "127.0.0.0/8,::1"
    )]
    trusted_proxies: Vec<Network>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tenure_gateway::ended(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .init();
    let channel = tenure_client::channel(&arguments.service);
    let client = Client::new(channel, &arguments.token)?;
    let store = Store::open(&arguments.database_url).await;
    let store = store.map_err(|error| format!("cannot open the database: {error}"))?;
    let config = Config::behind(arguments.trusted_proxies);
    let router = tenure_values::router(client, store, config);
    tenure_gateway::listen(arguments.http_addr, router, Duration::from_secs(10)).await?;
    Ok(())
}

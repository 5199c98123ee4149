//! `tenure serve`.

use super::Output;
use crate::{
    app::{App, Config},
    config::{Common, ServeArguments},
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

/// How many file descriptors are needed for all but the connections of clients.
const DESCRIPTORS_BESIDE: usize = 256;

pub(super) async fn run(
    common: &Common,
    arguments: &ServeArguments,
    output: &mut Output,
) -> anyhow::Result<()> {
    let config = arguments.app(common)?;
    if arguments.check_config {
        return show(arguments, &config, output);
    }
    raise_descriptors(config.listening.limits.connections);
    let app = App::build(config).await?;
    until_signalled(app).await
}

/// Lets the process have as many file descriptors as it may, and tells where that is too few for so many connections a
/// listener.
fn raise_descriptors(connections: usize) {
    let needed = 2 * connections + DESCRIPTORS_BESIDE;
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) if limit < needed as u64 => {
            tracing::warn!(
                limit,
                needed,
                "too few file descriptors for --max-connections"
            );
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "cannot have more file descriptors"),
    }
}

/// Runs the instance until SIGINT or SIGTERM.
pub(super) async fn until_signalled(app: App) -> anyhow::Result<()> {
    // Before anybody is told that it listens, and so may stop it.
    let signalled = tenure_gateway::signalled()?;
    let addresses = app.addresses();
    tracing::info!(
        grpc = %addresses.grpc,
        http = %addresses.http,
        metrics = %addresses.metrics,
        "listening"
    );
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    tokio::spawn(async move {
        signalled.await;
        stop.cancel();
    });
    Ok(app.run(shutdown).await?)
}

/// The settings that are in force.
fn show(arguments: &ServeArguments, config: &Config, output: &mut Output) -> anyhow::Result<()> {
    let proxies = arguments.trusted_proxies.iter().map(ToString::to_string);
    let file = arguments.config.as_ref().map(|path| path.display());
    let settings = [
        ("config", or_nothing(file.as_ref())),
        ("connections", config.connections.to_string()),
        ("database-url", config.storage.url.to_string()),
        (
            "database-connections",
            config.storage.max_connections.to_string(),
        ),
        (
            "database-acquire-timeout",
            format!("{:?}", config.storage.acquire_timeout),
        ),
        (
            "database-statement-timeout",
            format!("{:?}", config.storage.statement_timeout),
        ),
        (
            "database-connection-life",
            format!("{:?}", config.storage.connection_life),
        ),
        ("database-batch", config.storage.batch.to_string()),
        ("grpc-addr", config.addresses.grpc.to_string()),
        ("http-addr", config.addresses.http.to_string()),
        ("metrics-addr", config.addresses.metrics.to_string()),
        ("rate-limit", arguments.rate_limit.to_string()),
        ("user-rate-limit", arguments.user_rate_limit.to_string()),
        (
            "request-timeout",
            format!("{:?}", arguments.request_timeout),
        ),
        ("drain-timeout", format!("{:?}", arguments.drain_timeout)),
        ("ledger-retention", arguments.ledger_retention.to_string()),
        ("check-capacity", config.check_capacity.to_string()),
        ("watch-buffer", config.watch_buffer.to_string()),
        ("public-url", or_nothing(arguments.public_url.as_ref())),
        ("trusted-proxies", proxies.collect::<Vec<_>>().join(",")),
        ("upstream", or_nothing(arguments.upstream.as_ref())),
    ];
    let issuers = config.issuers.iter().map(ToString::to_string);
    let issuers = issuers.map(|issuer| ("issuer", issuer));
    let sign_in = config.sign_in.iter().map(ToString::to_string);
    let sign_in = sign_in.map(|sign_in| ("sign_in", sign_in));
    let settings = settings.into_iter().chain(arguments.transport.shown());
    let row = |(setting, value): (&str, String)| [json!(setting), json!(value)];
    let rows = settings.chain(issuers).chain(sign_in).map(row);
    output.table(["setting", "value"], rows)
}

/// A setting that need not be there.
fn or_nothing(setting: Option<&impl ToString>) -> String {
    setting.map_or_else(String::new, ToString::to_string)
}

//! `tenure serve`.

use super::Output;
use crate::{
    app::App,
    config::{Common, ServeArguments},
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

pub(super) async fn run(
    common: &Common,
    arguments: &ServeArguments,
    output: &mut Output,
) -> anyhow::Result<()> {
    let config = arguments.app(common);
    if arguments.check_config {
        return output.line(&format!("{config:#?}"));
    }
    let app = App::build(config).await?;
    until_signalled(app).await
}

/// Runs the instance until SIGINT or SIGTERM.
pub(super) async fn until_signalled(app: App) -> anyhow::Result<()> {
    let addresses = app.addresses();
    tracing::info!(
        grpc = %addresses.grpc,
        http = %addresses.http,
        metrics = %addresses.metrics,
        "listening"
    );
    let shutdown = CancellationToken::new();
    let (mut interrupt, mut terminate) = (
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
    );
    let stop = shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.cancel();
    });
    Ok(app.run(shutdown).await?)
}

//! What `tenure` does: one file a command, each a few calls of a use case and a table.

mod attribute;
mod catalog;
mod connection;
mod demo;
mod output;
mod serve;
pub mod telemetry;
mod token;

use crate::{
    app,
    config::{Arguments, Command, Common},
    service::Registry,
    storage,
};
pub use output::Output;

/// Runs the command.
///
/// # Errors
/// One sentence for the operator.
pub async fn run(arguments: &Arguments, output: &mut Output) -> anyhow::Result<()> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Serve(serve) => serve::run(common, serve, output).await,
        Command::Demo(demo) => Box::pin(demo::run(common, demo, output)).await,
        Command::Migrate => migrate(common, output).await,
        Command::Catalog(command) => catalog::run(&registry(common).await?, command, output).await,
        Command::Connection(command) => {
            connection::run(&registry(common).await?, command, output).await
        }
        Command::Token(command) => token::run(&registry(common).await?, command, output).await,
        Command::Attribute(command) => {
            attribute::run(&registry(common).await?, command, output).await
        }
    }
}

/// Whether whoever read the output has had enough of it: `tenure catalog show | head`.
#[must_use]
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.downcast_ref::<std::io::Error>();
    io.is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn registry(common: &Common) -> Result<Registry, app::Error> {
    Ok(app::registry(app::open(&common.storage()).await?))
}

async fn migrate(common: &Common, output: &mut Output) -> anyhow::Result<()> {
    let store = storage::open(&common.storage()).await?;
    let before = store.versions().await?;
    store.migrate().await?;
    let after = store.versions().await?;
    output.record(
        &format!(
            "schema version {} (was {}), for programs of version {} or later",
            after.found, before.found, after.oldest
        ),
        &serde_json::json!({"version": after.found, "was": before.found, "oldest": after.oldest}),
    )
}

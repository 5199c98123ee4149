//! `tenure connection`.

use super::Output;
use crate::{
    config::ConnectionCommand,
    domain::{Instant, name::ServiceName, state::Connection},
    service::Registry,
};
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

pub(super) async fn run(
    registry: &Registry,
    command: &ConnectionCommand,
    output: &mut Output,
) -> anyhow::Result<()> {
    match command {
        ConnectionCommand::Add(add) => {
            let (user, service) = (&add.user, &add.service);
            let connection = registry.connect(user, service, add.scope.as_ref()).await?;
            output.record(
                &format!(
                    "{service} is connected to {user} with '{}'",
                    connection.scopes
                ),
                &json!({"user": user, "service": service, "scopes": connection.scopes}),
            )
        }
        ConnectionCommand::Remove { user, service } => {
            registry.disconnect(user, service).await?;
            output.record(
                &format!("{service} is disconnected from {user}"),
                &json!({"user": user, "service": service, "disconnected": true}),
            )
        }
        ConnectionCommand::List { user } => {
            let connections = registry.connections(user).await?;
            output.table(["service", "scopes", "since"], connections.iter().map(row))
        }
    }
}

fn row((service, connection): (&ServiceName, &Connection)) -> [Value; 3] {
    [
        json!(service),
        json!(connection.scopes),
        json!(moment(connection.since)),
    ]
}

/// RFC 3339, in UTC.
pub(super) fn moment(at: Instant) -> String {
    at.format(&Rfc3339).unwrap_or_else(|_| at.to_string())
}

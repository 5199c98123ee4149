//! `tenure connection`.

use super::{Output, output::moment};
use crate::{
    config::ConnectionCommand,
    domain::{name::ServiceName, state::Connection},
    service::Registry,
};
use serde_json::{Value, json};

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

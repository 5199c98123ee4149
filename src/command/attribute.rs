//! `tenure attribute`.

use super::Output;
use crate::{config::AttributeCommand, domain::view::AttributeView, service::Registry};
use serde_json::{Value, json};

const COLUMNS: [&str; 8] = [
    "name",
    "label",
    "group",
    "template",
    "owner",
    "active",
    "manual",
    "generation",
];

pub(super) async fn run(
    registry: &Registry,
    command: &AttributeCommand,
    output: &mut Output,
) -> anyhow::Result<()> {
    match command {
        AttributeCommand::Create(new) => {
            let (user, group) = (&new.user, &new.group);
            let name = registry
                .create_attribute(user, &new.label, group, new.value_type, new.manual)
                .await?;
            output.record(name.as_str(), &json!({"user": user, "name": name}))
        }
        AttributeCommand::List { user } => {
            let attributes = registry.attributes(user).await?;
            output.table(COLUMNS, attributes.iter().map(row))
        }
        AttributeCommand::SetActive { user, name, active } => {
            registry.set_active(user, name, *active).await?;
            let state = if *active { "active" } else { "inactive" };
            output.record(
                &format!("{name} of {user} is {state}"),
                &json!({"user": user, "name": name, "active": active}),
            )
        }
    }
}

fn row(view: &AttributeView) -> [Value; 8] {
    let attribute = &view.attribute;
    [
        json!(attribute.name),
        json!(attribute.label),
        json!(attribute.group),
        json!(attribute.template),
        json!(attribute.owner_name()),
        json!(attribute.is_active()),
        json!(attribute.manual),
        json!(attribute.generation),
    ]
}

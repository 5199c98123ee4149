//! `tenure catalog`.

use super::{Output, output::moment};
use crate::{config::CatalogCommand, domain::catalog::CatalogFile, service::Registry};
use anyhow::Context as _;
use serde_json::{Value, json};

pub(super) async fn run(
    registry: &Registry,
    command: &CatalogCommand,
    output: &mut Output,
) -> anyhow::Result<()> {
    match command {
        CatalogCommand::Apply { file } => {
            let path = file.display();
            let text = std::fs::read_to_string(file);
            let text = text.with_context(|| format!("cannot read {path}"))?;
            let entries = CatalogFile::parse(&text);
            let entries = entries.with_context(|| format!("{path} is no catalog"))?;
            registry.apply_catalog(&entries).await?;
            let (groups, templates, services) = counts(&entries);
            output.record(
                &format!("applied {groups} groups, {templates} templates, {services} services"),
                &json!({"groups": groups, "templates": templates, "services": services}),
            )
        }
        CatalogCommand::RemoveService { service } => {
            registry.remove_service(service).await?;
            output.record(
                &format!("removed service {service}; running instances end its connections"),
                &json!({"service": service}),
            )
        }
        CatalogCommand::Removals => {
            let removals = registry.removals().await?;
            output.table(
                ["service", "removed at", "come to user"],
                removals.iter().map(|r| {
                    [
                        json!(r.service),
                        json!(moment(r.requested_at)),
                        json!(r.after_user),
                    ]
                }),
            )
        }
        CatalogCommand::Show => show(&registry.catalog().await?, output),
    }
}

fn counts(file: &CatalogFile) -> (usize, usize, usize) {
    (file.group.len(), file.template.len(), file.service.len())
}

fn show(catalog: &CatalogFile, output: &mut Output) -> anyhow::Result<()> {
    if output.is_json() {
        return output.line(&serde_json::to_string_pretty(catalog)?);
    }
    output.table(
        ["group", "label", "priority"],
        catalog
            .group
            .iter()
            .map(|g| [json!(g.name), json!(g.label), json!(g.priority)]),
    )?;
    output.table(
        ["template", "label", "group", "value type", "priority"],
        catalog.template.iter().map(|t| {
            let (group, priority) = (json!(t.group), json!(t.priority));
            [
                json!(t.name),
                json!(t.label),
                group,
                json!(t.value_type),
                priority,
            ]
        }),
    )?;
    output.table(
        ["service", "label", "provides"],
        catalog
            .service
            .iter()
            .map(|s| [json!(s.name), json!(s.label), provides(&json!(s.provides))]),
    )
}

fn provides(templates: &Value) -> Value {
    match templates.as_array() {
        Some(list) if list.is_empty() => Value::Null,
        _ => templates.clone(),
    }
}

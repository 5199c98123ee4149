//! `POST /api/2/attributes/create/`

use super::{
    Gateway,
    batch::{self, Modes},
    call::Callers,
};
use crate::{
    proto::{CreateAttributesRequest, CreateItem, ItemResult, item_result::Outcome},
    rest::{Item, Problem, Reader, text},
};
use axum::{
    extract::{Request, State},
    response::Response,
};

pub(super) async fn handle(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let (call, received) = gateway.received(request).await?;
    let parsed = received.parse(Modes::of);
    let (modes, idempotency, raw) = gateway.checked(&call, Callers::Clients, parsed).await?;

    let mut items: Vec<_> = raw.into_iter().map(Item::new).collect();
    let request = CreateAttributesRequest {
        items: items.iter().map(wire).collect(),
        validate_only: modes.validate_only,
        all_or_nothing: modes.all_or_nothing,
        idempotency: idempotency.map(Into::into),
    };
    let mut service = gateway.service.clone();
    let done = service.create_attributes(call.request(request)).await?;
    let done = done.into_inner();
    for (item, result) in items.iter_mut().zip(&done.results) {
        name(item, result);
    }
    batch::answer(items, done.results, done.revision, modes)
}

fn wire(item: &Item<'_>) -> CreateItem {
    let mut reader = Reader::new(item);
    // What is made from a template has its label, group and type from there: whatever else is sent is only echoed.
    let is_custom = reader.raw("template").is_none();
    let custom = |field| is_custom.then_some(field);
    CreateItem {
        template: reader.string("template"),
        label: custom("label").and_then(|field| reader.string(field)),
        group: custom("group").and_then(|field| reader.string(field)),
        value_type: custom("value_type").and_then(|field| reader.integer(field)),
        manual: reader.boolean("manual"),
        malformed: reader.malformed().map(Into::into),
    }
}

/// Gives the item the name that its attribute got, or that of the one that is there already.
fn name(item: &mut Item<'_>, result: &ItemResult) {
    let name = match &result.outcome {
        Some(Outcome::Attribute(attribute)) => &attribute.name,
        Some(Outcome::Failure(failure)) if !failure.attribute.is_empty() => &failure.attribute,
        _ => return item.name_by_template(),
    };
    item.set("name", text(name));
}

//! `POST /api/2/attributes/acquire/`

use super::{
    Gateway,
    batch::{self, Modes},
    call::Callers,
};
use crate::{
    proto::{AcquireAttributesRequest, AcquireItem},
    rest::{Item, Problem, Query, Reader, wrong},
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
    let parsed = received.parse(|query| Ok((if_available(query)?, Modes::of(query)?)));
    let ((if_available, modes), idempotency, raw) =
        gateway.checked(&call, Callers::Clients, parsed).await?;

    let mut items: Vec<_> = raw.into_iter().map(Item::new).collect();
    let request = AcquireAttributesRequest {
        items: items.iter().map(wire).collect(),
        if_available,
        validate_only: modes.validate_only,
        all_or_nothing: modes.all_or_nothing,
        idempotency: idempotency.map(Into::into),
    };
    let mut service = gateway.service.clone();
    let done = service.acquire_attributes(call.request(request)).await?;
    let done = done.into_inner();
    items.iter_mut().for_each(Item::name_by_template);
    batch::answer(items, done.results, done.revision, modes)
}

/// Whether it leaves alone what others own.
fn if_available(query: &Query<'_>) -> Result<bool, Problem> {
    match query.last("mode").unwrap_or_default() {
        "" => Ok(false),
        "if_available" => Ok(true),
        other => Err(wrong("mode", "if_available", other)),
    }
}

fn wire(item: &Item<'_>) -> AcquireItem {
    let mut reader = Reader::new(item);
    AcquireItem {
        name: reader.string("name"),
        template: reader.string("template"),
        manual: reader.boolean("manual"),
        generation: reader.count("generation"),
        malformed: reader.malformed().map(Into::into),
    }
}

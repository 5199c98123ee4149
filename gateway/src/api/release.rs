//! `POST /api/2/attributes/release/`

use super::{
    Gateway,
    batch::{self, Modes},
    call::Callers,
};
use crate::{
    proto::{ReleaseAttributesRequest, ReleaseItem},
    rest::{Item, Problem, Reader},
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

    let items: Vec<_> = raw.into_iter().map(Item::new).collect();
    let request = ReleaseAttributesRequest {
        items: items.iter().map(wire).collect(),
        validate_only: modes.validate_only,
        all_or_nothing: modes.all_or_nothing,
        idempotency: idempotency.map(Into::into),
    };
    let mut service = gateway.service.clone();
    let done = service.release_attributes(call.request(request)).await?;
    let done = done.into_inner();
    batch::answer(items, done.results, done.revision, modes)
}

fn wire(item: &Item<'_>) -> ReleaseItem {
    let mut reader = Reader::new(item);
    ReleaseItem {
        name: reader.string("name"),
        generation: reader.count("generation"),
        malformed: reader.malformed().map(Into::into),
    }
}

//! `POST /api/2/attributes/acquire/`

use super::{
    Gateway,
    batch::{self, Received},
    item::{Item, Reader},
};
use crate::{
    problem::Problem,
    proto::{AcquireAttributesRequest, AcquireItem},
};
use axum::{
    extract::{Request, State},
    response::Response,
};

pub(super) async fn handle(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let received = Received::read(&gateway, request).await?;
    let call = &received.call;
    let parsed = received.parse(|query| query.flag("success_objects"));
    let (success_objects, raw) = gateway.checked(call, parsed).await?;

    let mut items: Vec<_> = raw.into_iter().map(Item::new).collect();
    let request = AcquireAttributesRequest {
        items: items.iter().map(wire).collect(),
    };
    let mut service = gateway.service.clone();
    let done = service.acquire_attributes(call.request(request)).await?;
    items.iter_mut().for_each(Item::name_by_template);
    batch::answer(
        items,
        done.into_inner().results,
        success_objects.unwrap_or(false),
    )
}

fn wire(item: &Item<'_>) -> AcquireItem {
    let mut reader = Reader::new(item);
    AcquireItem {
        name: reader.string("name"),
        template: reader.string("template"),
        manual: reader.boolean("manual"),
        malformed: reader.malformed(),
    }
}

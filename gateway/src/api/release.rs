//! `POST /api/2/attributes/release/`

use super::{
    Gateway,
    batch::{self, Received},
    item::{Item, Reader},
};
use crate::{
    problem::Problem,
    proto::{ReleaseAttributesRequest, ReleaseItem},
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
    let ((), raw) = gateway.checked(call, received.parse(|_| Ok(()))).await?;

    let items: Vec<_> = raw.into_iter().map(Item::new).collect();
    let request = ReleaseAttributesRequest {
        items: items.iter().map(wire).collect(),
    };
    let mut service = gateway.service.clone();
    let done = service.release_attributes(call.request(request)).await?;
    batch::answer(items, done.into_inner().results, false)
}

fn wire(item: &Item<'_>) -> ReleaseItem {
    let mut reader = Reader::new(item);
    ReleaseItem {
        name: reader.string("name"),
        malformed: reader.malformed(),
    }
}

//! `GET /api/2/attributes/owned/`

use super::{
    Gateway, REVISION, attribute,
    call::{Call, Callers},
};
use crate::{
    proto::ListOwnedAttributesRequest,
    rest::{self, Page, Problem, Query, json},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::Uri;

pub(super) async fn handle(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let call = Call::new(&parts, &gateway.config)?;
    let (request, page, ownership) = gateway
        .checked(&call, Callers::Clients, wire(&parts.uri))
        .await?;
    let mut service = gateway.service.clone();
    let owned = service.list_owned_attributes(call.request(request)).await?;
    let owned = owned.into_inner();
    let origin = rest::origin(&parts, &gateway.config).ok_or_else(Problem::internal)?;
    let objects = owned.attributes.iter();
    let objects: Vec<_> = objects.map(|a| attribute::json(a, ownership)).collect();
    let body = page.body(owned.total_size, &objects, &origin, &parts.uri)?;
    Ok(([(REVISION, owned.revision)], json(body)).into_response())
}

/// The call that the query asks for, the page, and whether to tell of the ownership.
fn wire(uri: &Uri) -> Result<(ListOwnedAttributesRequest, Page, bool), Problem> {
    let query = Query::of(uri);
    let flag = |name| query.flag(name).map(Option::unwrap_or_default);
    let request = ListOwnedAttributesRequest {
        groups: query.names("groups"),
        attributes: query.names("attributes"),
        exclude_custom: flag("exclude_custom")?,
        manual: query.flag("manual")?,
        include_inactive: flag("include_inactive")?,
        include_low_priority: flag("include_low_priority")?,
        ..ListOwnedAttributesRequest::default()
    };
    let ownership = flag("ownership")?;
    let page = Page::of(&query)?;
    let request = ListOwnedAttributesRequest {
        page_size: page.size(),
        skip: page.skip(),
        ..request
    };
    Ok((request, page, ownership))
}

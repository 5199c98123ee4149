//! `GET /api/2/attributes/templates/`

use super::{
    Gateway, attribute,
    call::{Call, Callers},
};
use crate::{
    proto::ListTemplatesRequest,
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
    let (request, page) = gateway
        .checked(&call, Callers::Any, wire(&parts.uri))
        .await?;
    let mut service = gateway.service.clone();
    let listed = service.list_templates(call.request(request)).await?;
    let listed = listed.into_inner();
    let origin = rest::origin(&parts, &gateway.config).ok_or_else(Problem::internal)?;
    let objects: Vec<_> = listed.templates.iter().map(attribute::template).collect();
    let body = page.body(listed.total_size, &objects, &origin, &parts.uri)?;
    Ok(json(body).into_response())
}

/// The call that the query asks for, and the page.
fn wire(uri: &Uri) -> Result<(ListTemplatesRequest, Page), Problem> {
    let query = Query::of(uri);
    let include_low_priority = query.flag("include_low_priority")?;
    let page = Page::of(&query)?;
    let request = ListTemplatesRequest {
        page_size: page.size(),
        page_token: String::new(),
        skip: page.skip(),
        groups: query.names("groups"),
        include_low_priority: include_low_priority.unwrap_or_default(),
    };
    Ok((request, page))
}

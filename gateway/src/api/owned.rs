//! `GET /api/2/attributes/owned/`

use super::{
    Gateway, REVISION, attribute,
    call::{Call, Callers},
    links,
    query::{Query, number},
};
use crate::{
    config::Origin,
    edge,
    problem::{Problem, json},
    proto::{Attribute, ListOwnedAttributesRequest, ListOwnedAttributesResponse},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::Uri;

/// The default and the largest `limit`.
const LIMIT: (u64, u64) = (20, 100);

/// Which page is asked for: its number, from 1, and how many attributes it has at most.
#[derive(Clone, Copy)]
struct Page {
    number: u64,
    limit: u64,
}

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
    let origin = edge::origin(&parts, &gateway.config).ok_or_else(Problem::internal)?;
    let owned = owned.into_inner();
    let object = |attribute: &Attribute| attribute::json(attribute, ownership);
    let body = body(&owned, page, object, &origin, &parts.uri)?;
    Ok(([(REVISION, owned.revision)], json(body)).into_response())
}

/// The call that the query asks for, the page, and whether to tell of the ownership.
fn wire(uri: &Uri) -> Result<(ListOwnedAttributesRequest, Page, bool), Problem> {
    let query = Query::of(uri);
    let limit = query.limit(LIMIT)?;
    let flag = |name| query.flag(name);
    let request = ListOwnedAttributesRequest {
        page_size: i32::try_from(limit).unwrap_or(i32::MAX),
        page_token: String::new(),
        groups: query.names("groups"),
        attributes: query.names("attributes"),
        exclude_custom: flag("exclude_custom")?.unwrap_or(false),
        manual: flag("manual")?,
        include_inactive: flag("include_inactive")?.unwrap_or(false),
        include_low_priority: flag("include_low_priority")?.unwrap_or(false),
        skip: 0,
    };
    let number = match query.last("page") {
        None => Some(1),
        Some(text) => number(text).filter(|number| *number > 0),
    };
    let page = Page {
        number: number.ok_or_else(Problem::invalid_page)?,
        limit,
    };
    let skip = page.skip().and_then(|skip| i64::try_from(skip).ok());
    let skip = skip.ok_or_else(Problem::invalid_page)?;
    let ownership = flag("ownership")?.unwrap_or(false);
    let request = ListOwnedAttributesRequest { skip, ..request };
    Ok((request, page, ownership))
}

impl Page {
    /// How many attributes are on the pages before; none if that is more than can be.
    fn skip(self) -> Option<u64> {
        (self.number - 1).checked_mul(self.limit)
    }
}

fn body(
    owned: &ListOwnedAttributesResponse,
    page: Page,
    object: impl Fn(&Attribute) -> String,
    origin: &Origin,
    uri: &Uri,
) -> Result<String, Problem> {
    let count = u64::try_from(owned.total_size).unwrap_or_default();
    let shown_before = page.skip().unwrap_or(u64::MAX);
    if page.number > 1 && shown_before >= count {
        return Err(Problem::invalid_page());
    }
    let link = |is_there: bool, number| {
        serde_json::Value::from(is_there.then(|| links::numbered(origin, uri, number)))
    };
    let has_next = count - shown_before.min(count) > page.limit;
    let has_previous = page.number > 1;
    let next = link(has_next, page.number + 1);
    let previous = link(has_previous, page.number.saturating_sub(1));
    let results: Vec<_> = owned.attributes.iter().map(object).collect();
    let results = results.join(",");
    Ok(format!(
        "{{\"count\":{count},\"next\":{next},\"previous\":{previous},\"results\":[{results}]}}"
    ))
}

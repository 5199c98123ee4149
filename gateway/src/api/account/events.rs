//! `GET /api/2/account/events/`

use super::object::EventObject;
use crate::{
    account::Account,
    api::{
        Gateway, REVISION,
        call::{Call, Callers},
    },
    rest::{self, Problem, Query, json, text},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::Uri;
use serde::Serialize;

/// The default and the largest `limit`.
const LIMIT: (u64, u64) = (100, 500);

#[derive(Serialize)]
struct Body<'a> {
    results: Vec<EventObject<'a>>,
    next: Option<String>,
    revision: i64,
}

pub(super) async fn handle(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let call = Call::new(&parts, &gateway.config)?;
    let asked = gateway
        .checked(&call, Callers::Users, wire(&parts.uri))
        .await?;
    let (attribute, page_size, page_token) = &asked;
    let account = Account::new(&gateway.users, &call);
    let page = account.events(attribute, *page_size, page_token).await?;
    let origin = rest::origin(&parts, &gateway.config).ok_or_else(Problem::internal)?;
    let token = Some(&page.next_page_token).filter(|token| !token.is_empty());
    let body = Body {
        results: page.events.iter().map(EventObject::from).collect(),
        next: token.map(|token| rest::by_token(&origin, &parts.uri, token)),
        revision: page.revision,
    };
    Ok(([(REVISION, page.revision)], json(text(&body))).into_response())
}

/// The attribute, how many events at most, and the token of the page.
fn wire(uri: &Uri) -> Result<(String, i32, String), Problem> {
    let query = Query::of(uri);
    let text = |name| query.last(name).unwrap_or_default().to_owned();
    let page_size = i32::try_from(query.limit(LIMIT)?).unwrap_or(i32::MAX);
    Ok((text("attribute"), page_size, text("page_token")))
}

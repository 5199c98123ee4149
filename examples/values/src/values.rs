//! `GET /api/2/attributes/values/`

use crate::{Answer, Values, update::is_day};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use tenure_gateway::rest::{Page, Problem, Query, bearer, json, origin, wrong};

/// After every day that can be written.
const FOREVER: &str = "9999-12-31";

pub(crate) async fn list(State(values): State<Values>, request: Request) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let caller = values.platform.caller(bearer(&parts.headers)?).await?;
    let query = Query::of(&parts.uri);
    let (name, last, page) = asked(&query)?;

    let known = values.platform.attributes(&caller.user, [name]).await?;
    // The values of one that was released are kept, and come back with it.
    let attribute = known.get(name).filter(|known| known.owner.is_some());
    let attribute = attribute.ok_or_else(Problem::not_found)?;
    if !caller.may("read", attribute) {
        let group = &attribute.group;
        let detail = format!("No permission to read attributes in group '{group}'");
        return Err(Problem::new(StatusCode::FORBIDDEN, detail));
    }

    let of = (caller.user.as_str(), name);
    let listed = values.store.list(of, last, (page.skip(), page.size()));
    let (total, entries) = listed.await?;
    let entry = |(day, value)| format!("{{\"date\":\"{day}\",\"value\":{value}}}");
    let entries: Vec<_> = entries.into_iter().map(entry).collect();
    let origin = origin(&parts, &values.config).ok_or_else(Problem::internal)?;
    let body = page.body(total, &entries, &origin, &parts.uri)?;
    Ok(json(body).into_response())
}

/// Of which attribute, up to which day, and which page.
fn asked<'q>(query: &'q Query<'_>) -> Answer<(&'q str, &'q str, Page)> {
    let name = query.last("attribute").unwrap_or_default();
    if name.is_empty() {
        return Err(wrong("attribute", "the name of one", name));
    }
    let last = query.last("date_max").filter(|text| !text.is_empty());
    let last = last.unwrap_or(FOREVER);
    if !is_day(last) {
        return Err(wrong("date_max", "a date like 2026-01-31", last));
    }
    Ok((name, last, Page::of(query)?))
}

//! `GET /api/2/attributes/values/`

use crate::{Answer, Values};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use tenure_gateway::rest::{Page, Problem, Query, bearer, json, origin};

/// After every day that can be written.
const FOREVER: &str = "9999-12-31";

pub(crate) async fn list(State(values): State<Values>, request: Request) -> Answer<Response> {
    let (parts, _) = request.into_parts();
    let caller = values.platform.caller(bearer(&parts.headers)?).await?;
    let query = Query::of(&parts.uri);
    let name = query.required("attribute", "the name of one")?;
    let last = query.date("date_max")?.unwrap_or(FOREVER);
    let page = Page::of(&query)?;

    let known = values.platform.attributes(&caller.user, [name]).await?;
    // The values of one that was released are kept, and come back with it.
    let attribute = known.get(name).filter(|known| known.owner.is_some());
    let attribute = attribute.ok_or_else(Problem::not_found)?;
    if !caller.bearer.may_read(attribute) {
        let group = &attribute.group;
        let detail = format!("No permission to read attributes in group '{group}'");
        return Err(Problem::forbidden(detail));
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

//! `/api/2/account/`: what a user does with their own attributes and connections, with a token of their own.
//!
//! A change may say, in `If-Match`, what it was decided on: the `ETag` of the attribute, or for a disconnection that of
//! its preview (RFC 9110, section 13.1.1). If that is not how things are any more it is 412, and nothing has changed.

mod attributes;
mod change;
mod condition;
mod connections;
mod events;
mod object;

use super::Gateway;
use crate::rest::{Problem, both, deleted, got, put};
use axum::{Router, middleware::map_response, response::Response};
use http::{HeaderValue, header::CACHE_CONTROL};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// The endpoints.
pub(super) fn routes() -> Router<Gateway> {
    let router = both(
        Router::new(),
        "/api/2/account/attributes",
        &got(attributes::list),
    );
    let router = both(
        router,
        "/api/2/account/attributes/{name}",
        &got(attributes::one),
    );
    let router = both(
        router,
        "/api/2/account/attributes/{name}/owner",
        &put(change::owner),
    );
    let router = both(
        router,
        "/api/2/account/attributes/{name}/active",
        &put(change::active),
    );
    let router = both(
        router,
        "/api/2/account/attributes/{name}/pinned",
        &put(change::pinned),
    );
    let router = both(
        router,
        "/api/2/account/attributes/{name}/succession",
        &put(change::succession),
    );
    let router = both(
        router,
        "/api/2/account/connections",
        &got(connections::list),
    );
    let router = both(
        router,
        "/api/2/account/connections/{name}",
        &deleted(connections::disconnect),
    );
    let router = both(router, "/api/2/account/events", &got(events::handle));
    router.layer(map_response(unstored))
}

/// An entity tag stands for what is decided about, not for each byte of an answer: no cache may go by it.
async fn unstored(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// What is told of a failed call about what the path names, in this field of the message: what cannot be a name names
/// nothing.
fn named_by_path(field: &str) -> impl Fn(Status) -> Problem + '_ {
    move |status| {
        let details = status.get_details_bad_request();
        let violations = details.map(|details| details.field_violations);
        let mut violations = violations.unwrap_or_default().into_iter();
        let is_no_name = status.code() == Code::InvalidArgument
            && violations.any(|violation| violation.field == field);
        if is_no_name {
            Problem::not_found()
        } else {
            status.into()
        }
    }
}

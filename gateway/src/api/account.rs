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
use crate::rest::{both, deleted, got, put};
use axum::Router;

/// The endpoints.
pub(super) fn routes(router: Router<Gateway>) -> Router<Gateway> {
    let router = both(router, "/api/2/account/attributes", &got(attributes::list));
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
    both(router, "/api/2/account/events", &got(events::handle))
}

//! What all requests have in common, whatever their path.

mod cors;
mod host;
mod limits;
mod load;
mod request_id;

use super::problem::Problem;
use crate::{config::Config, serve::Places};
use axum::{Router, middleware::from_fn_with_state, response::IntoResponse as _};
pub use host::origin;
pub(crate) use host::peer;
pub use request_id::RequestId;
use std::sync::Arc;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;

/// The router behind its layers, the outermost first: request id, CORS, load, time limit, the size of headers, the host.
pub fn around(router: Router, config: &Arc<Config>) -> Router {
    router.layer(
        ServiceBuilder::new()
            // Outermost: every answer has the id, and every log line below.
            .layer(axum::middleware::from_fn(request_id::request_id))
            // Every answer under /api/2/ can be read by a page from elsewhere, refusals too.
            .layer(axum::middleware::from_fn(cors::open))
            // A fault in one request must not look like a lost connection.
            .layer(CatchPanicLayer::custom(|_| {
                Problem::internal().into_response()
            }))
            // Before anything is done.
            .layer(from_fn_with_state(
                Places::new(config.max_requests),
                load::bounded,
            ))
            // Outside of whatever may wait: the body, the service.
            .layer(from_fn_with_state(Arc::clone(config), limits::time))
            // What no route should see.
            .layer(axum::middleware::from_fn(limits::headers))
            .layer(axum::middleware::from_fn(host::required)),
    )
}

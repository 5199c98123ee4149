//! What every call has in common.

mod authenticate;
mod deadline;
mod limit;
mod metrics;
mod request_id;

use super::Config;
use crate::auth::Verifier;
use axum::middleware::from_fn_with_state;
pub use limit::Rate;
pub use metrics::Metrics;
pub(super) use request_id::RequestId;
use std::sync::Arc;
use tonic::service::Routes;
use tower::ServiceBuilder;

/// The routes behind their layers, the outermost first.
pub(super) fn around(
    routes: Routes,
    config: &Config,
    verifier: Arc<dyn Verifier>,
    metrics: Metrics,
) -> Routes {
    let limiter = config.rate_limit.map(limit::Limiter::new).map(Arc::new);
    let stack = ServiceBuilder::new()
        // Outermost, so that everything below logs under the request's id.
        .layer(axum::middleware::from_fn(request_id::request_id))
        // Outside of all that refuses, so that refusals are counted too.
        .layer(from_fn_with_state(metrics, metrics::measure))
        // Outside of the look-up of the token, which may hang as the database may.
        .layer(from_fn_with_state(config.request_timeout, deadline::limit))
        // Before the limit, which is counted by token: junk tokens must not fill its table.
        .layer(from_fn_with_state(verifier, authenticate::caller))
        // Innermost: only a caller that is let in uses up its allowance.
        .layer(from_fn_with_state(limiter, limit::count));
    Routes::from(routes.into_axum_router().route_layer(stack))
}

//! The meters, for Prometheus.

use axum::{Router, http::header::CONTENT_TYPE, response::IntoResponse, routing::get};
use prometheus_client::{encoding::text::encode, metrics::info::Info, registry::Registry};
use std::sync::Arc;

/// The media type of the text that is served (`OpenMetrics` 1.0).
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Which program this is.
pub(super) fn register_build(meters: &mut Registry) {
    let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    meters.register("tenure_build", "The version of this program", build);
}

/// `GET /metrics`.
pub(super) fn router(meters: Registry) -> Router {
    let meters = Arc::new(meters);
    let show = move || async move {
        let mut text = String::new();
        match encode(&mut text, &meters) {
            Ok(()) => ([(CONTENT_TYPE, OPENMETRICS)], text).into_response(),
            Err(error) => {
                tracing::error!(%error, "cannot show the meters");
                axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    };
    Router::new().route("/metrics", get(show))
}

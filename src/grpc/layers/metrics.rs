//! Rate, errors and duration of the calls.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{
        counter::Counter,
        family::Family,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use tokio::time::Instant;
use tonic::Code;

/// The meters of the edge; clones share them.
#[derive(Clone)]
pub struct Metrics {
    calls: Family<Labels, Counter>,
    duration: Family<Labels, Histogram>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: String,
    code: String,
}

impl Metrics {
    /// Meters that are shown in `registry`.
    pub fn register(registry: &mut Registry) -> Self {
        let metrics = Self {
            calls: Family::default(),
            duration: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
            }),
        };
        registry.register(
            "tenure_grpc_calls",
            "Calls that were answered, by method and status code",
            metrics.calls.clone(),
        );
        registry.register_with_unit(
            "tenure_grpc_duration",
            "How long calls took, by method and status code",
            Unit::Seconds,
            metrics.duration.clone(),
        );
        metrics
    }
}

/// Measures a call.
pub(super) async fn measure(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let path = request.uri().path();
    let method = path.rsplit('/').next().unwrap_or_default().to_owned();
    let response = next.run(request).await;
    // A call that succeeds has its status in the trailers.
    let status = response.headers().get("grpc-status");
    let code = status.map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes()));
    // Callers can make up names of methods, but not of labels.
    let method = if code == Code::Unimplemented {
        "unknown".to_owned()
    } else {
        method
    };
    let code = format!("{code:?}");
    let labels = Labels { method, code };
    metrics.calls.get_or_create(&labels).inc();
    let seconds = start.elapsed().as_secs_f64();
    metrics.duration.get_or_create(&labels).observe(seconds);
    response
}

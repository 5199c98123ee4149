//! Rate, errors and duration of the calls.

use crate::proto::DESCRIPTOR;
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
use prost::Message as _;
use prost_types::FileDescriptorSet;
use std::{collections::BTreeSet, sync::Arc};
use tokio::time::Instant;
use tonic::Code;

/// The meters of the edge; clones share them.
#[derive(Clone)]
pub struct Metrics {
    methods: Arc<BTreeSet<String>>,
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
            methods: Arc::new(methods()),
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

    /// The label of a method: callers can make up names, but not labels.
    fn method(&self, path: &str) -> String {
        let name = path.rsplit('/').next().unwrap_or_default();
        let known = self.methods.get(name);
        known.map_or_else(|| "unknown".to_owned(), Clone::clone)
    }
}

/// The methods of the API.
fn methods() -> BTreeSet<String> {
    let described = FileDescriptorSet::decode(DESCRIPTOR).unwrap_or_default();
    let services = described.file.into_iter().flat_map(|file| file.service);
    let methods = services.flat_map(|service| service.method);
    methods.filter_map(|method| method.name).collect()
}

/// Measures a call.
pub(super) async fn measure(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let start = Instant::now();
    let method = metrics.method(request.uri().path());
    let response = next.run(request).await;
    // A call that succeeds has its status in the trailers.
    let status = response.headers().get("grpc-status");
    let code = status.map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes()));
    let code = format!("{code:?}");
    let labels = Labels { method, code };
    metrics.calls.get_or_create(&labels).inc();
    let seconds = start.elapsed().as_secs_f64();
    metrics.duration.get_or_create(&labels).observe(seconds);
    response
}

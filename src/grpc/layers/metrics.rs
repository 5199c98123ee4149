//! Rate, errors and duration of the calls.

use crate::proto::DESCRIPTOR;
use axum::response::Response;
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
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};
use tokio::time::Instant;
use tonic::Code;

/// How many status codes there are.
const CODES: usize = 17;

/// The label of whatever is no method of the API: callers can make up names, but not labels.
const UNKNOWN: &str = "unknown";

/// The meters of the edge; clones share them.
#[derive(Clone)]
pub struct Metrics {
    methods: Arc<BTreeMap<String, ByCode>>,
    unknown: Arc<ByCode>,
    calls: Family<Labels, Counter>,
    duration: Family<Labels, Histogram>,
}

/// The meters of a method, by status code. They are looked up once, not with each call.
type ByCode = [OnceLock<(Counter, Histogram)>; CODES];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: String,
    code: String,
}

impl Metrics {
    /// Meters that are shown in `registry`.
    pub fn register(registry: &mut Registry) -> Self {
        let methods = methods().map(|method| (method, ByCode::default()));
        let metrics = Self {
            methods: Arc::new(methods.collect()),
            unknown: Arc::default(),
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

    /// A call begins.
    pub(super) fn start(&self, path: &str) -> Measured<'_> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let known = self.methods.get_key_value(name);
        let known = known.map(|(name, by_code)| (name.as_str(), by_code));
        Measured {
            metrics: self,
            method: known.unwrap_or((UNKNOWN, &self.unknown)),
            since: Instant::now(),
        }
    }
}

/// The methods of the API.
fn methods() -> impl Iterator<Item = String> {
    let described = FileDescriptorSet::decode(DESCRIPTOR).unwrap_or_default();
    let services = described.file.into_iter().flat_map(|file| file.service);
    let methods = services.flat_map(|service| service.method);
    methods.filter_map(|method| method.name)
}

/// A call that is under way.
pub(super) struct Measured<'a> {
    metrics: &'a Metrics,
    method: (&'a str, &'a ByCode),
    since: Instant,
}

impl Measured<'_> {
    /// It was answered.
    pub(super) fn end(self, response: &Response) {
        // A call that succeeds has its status in the trailers.
        let status = response.headers().get("grpc-status");
        let code = status.map_or(Code::Ok, |status| Code::from_bytes(status.as_bytes()));
        let (method, by_code) = self.method;
        let meters = by_code[code as usize % CODES].get_or_init(|| {
            let labels = Labels {
                method: method.to_owned(),
                code: format!("{code:?}"),
            };
            let Metrics {
                calls, duration, ..
            } = self.metrics;
            (
                calls.get_or_create_owned(&labels),
                duration.get_or_create_owned(&labels),
            )
        });
        meters.0.inc();
        meters.1.observe(self.since.elapsed().as_secs_f64());
    }
}

//! The REST gateway: the Attribute ownership API, version 2, in front of the Tenure service.
//!
//! It knows nothing of the service but the `.proto` files, and holds no rule of ownership: it turns an HTTP request
//! into one call and the answer into JSON. `contract.md` is meant wherever a comment says "the contract".
//!
//! - `api` has a file for each endpoint, and what they share;
//! - `edge` is what all requests have in common: host, request id, time limit, CORS;
//! - `problem` is every answer that is an error, `upstream` how the service's errors become one;
//! - `serve` is the accept loop, `endpoint` the way to the service.

mod api;
mod config;
mod edge;
mod endpoint;
#[cfg(test)]
mod fake;
mod problem;
mod proto;
mod serve;
mod upstream;

pub use api::router;
pub use config::{Config, Network, Origin};
pub use endpoint::endpoint;
pub use serve::serve;

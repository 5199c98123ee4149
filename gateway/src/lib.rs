//! The REST gateway: the Attribute ownership API, version 2, in front of the Tenure service.
//!
//! It knows nothing of the service but the `.proto` files, and holds no rule of ownership: it turns an HTTP request
//! into one call and the answer into JSON. `contract.md` is meant wherever a comment says "the contract".
//!
//! - `api` has a file for each endpoint, and what they share;
//! - [`rest`] is what has nothing to do with ownership, and what other services of the platform build on: host, request
//!   id, time limit and CORS around every route, errors, pages, batches;
//! - `call` is a request as a call of the service, `account` what users have it do; `status` is how the service's errors become answers;
//! - `page` is what people see of it: their attributes, in a browser;
//! - `forward` passes on what is not served here, if there is whom to pass it on to;
//! - [`serve`](mod@serve) is the accept loop of every listener, and what a program around it does first and last;
//!   `endpoint` the way to the service.

mod account;
mod ambient;
mod api;
mod call;
mod config;
mod endpoint;
#[cfg(test)]
mod fake;
mod forward;
mod page;
mod proto;
pub mod rest;
pub mod serve;
mod status;

pub use ambient::Clock;
pub use api::router;
pub use config::{
    Config, InvalidProvider, InvalidSessionKey, InvalidUpstream, Network, Origin, Page, Provider,
    ProviderSettings, Secret, SessionKey, SignIn, Upstream,
};
pub use endpoint::endpoint;
pub use serve::{ended, listen, serve, signalled};

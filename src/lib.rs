//! Tenure: who may write this piece of a user's data, right now?
//!
//! The tree, from the outside in; each part knows only those below it:
//!
//! - [`app`] is the composition root: configuration to store to services to listeners;
//! - [`config`] is the only reader of arguments and environment, [`command`] what `tenure` does with them;
//! - [`grpc`] is the wire edge, [`auth`] turns a bearer token into a principal;
//! - [`service`] has the use cases: load, decide, commit, try again;
//! - [`storage`] keeps the state: traits, and one SQL implementation for two engines;
//! - [`domain`] has the rules, as pure functions.
//!
//! With the feature `server`, the default, it has all of that. Another program takes the feature `client` alone, and gets
//! [`client`], the library for internal services.
//!
//! The REST gateway is a package of its own, `tenure-gateway`, and so is the client library, `tenure-client`; they know
//! nothing of this one but the `.proto`.

#[cfg(feature = "server")]
pub mod ambient;
#[cfg(feature = "server")]
pub mod app;
#[cfg(feature = "server")]
pub mod auth;
#[cfg(feature = "server")]
pub mod command;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod domain;
#[cfg(feature = "server")]
pub mod grpc;
#[cfg(feature = "server")]
pub mod proto;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod storage;

#[cfg(feature = "client")]
pub use tenure_client as client;

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
//! With the feature `server`, a default, it has all of that. Another program takes the feature `client` alone:
//! [`client`] is the library for internal services, and knows nothing of the rest but [`proto`] and [`transport`], the
//! stream of bytes below HTTP/2.
//!
//! The REST gateway is a package of its own, `tenure-gateway`, which knows nothing of this one but the `.proto`.

#[cfg(feature = "server")]
pub mod ambient;
#[cfg(feature = "server")]
pub mod app;
#[cfg(feature = "server")]
pub mod auth;
#[cfg(feature = "client")]
pub mod client;
#[cfg(feature = "server")]
pub mod command;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod domain;
#[cfg(feature = "server")]
pub mod grpc;
pub mod proto;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
pub mod storage;
#[cfg(any(feature = "client", feature = "server"))]
pub mod transport;

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
//! The REST gateway is a package of its own, `tenure-gateway`, which knows nothing of this one but the `.proto`.

pub mod ambient;
pub mod app;
pub mod auth;
pub mod command;
pub mod config;
pub mod domain;
pub mod grpc;
pub mod proto;
pub mod service;
pub mod storage;

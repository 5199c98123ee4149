//! Every test that starts something: one binary, the real application through the same builder as `main`, on both
//! engines. A case is named after the behaviour; `harness` has the verbs.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test is documented by its name, and nobody else uses it"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod harness;

mod account;
mod architecture;
mod audit;
mod bad_input;
mod browser;
mod check;
mod cli;
mod client;
mod contract;
mod cut;
mod demo;
mod follow;
mod grpc;
mod housekeeping;
mod issuer;
mod ledger;
mod lifecycle;
mod machine;
mod model;
mod outage;
mod postgres;
mod races;
mod readme;
mod registry;
mod revocation;
mod schema;
mod split;
mod statements;
mod storage;
mod transport;
mod upstream;
mod values;
mod watch;

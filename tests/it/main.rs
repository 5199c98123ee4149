//! Every test that starts something: one binary, the real application through the same builder as `main`, on both
//! engines. A case is named after the behaviour; `harness` has the verbs.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "a test is documented by its name, and nobody else uses it"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod harness;

mod architecture;
mod bad_input;
mod check;
mod cli;
mod client;
mod contract;
mod cut;
mod demo;
mod grpc;
mod housekeeping;
mod ledger;
mod lifecycle;
mod machine;
mod model;
mod outage;
mod postgres;
mod races;
mod readme;
mod schema;
mod split;
mod statements;
mod storage;
mod transport;
mod upstream;
mod values;
mod watch;

//! Every test that starts something: one binary, the real application through the same builder as `main`, on both
//! engines. A case is named after the behaviour; `harness` has the verbs.

#![allow(missing_docs, reason = "a test is documented by its name")]
#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test that cannot go on fails, and a case owns the application that it is given"
)]

mod harness;

mod architecture;
mod bad_input;
mod cli;
mod contract;
mod demo;
mod grpc;
mod lifecycle;
mod outage;
mod statements;
mod storage;

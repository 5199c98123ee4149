//! The wire types and the client's stub that `build.rs` makes of `proto/attributeownership/v1/`.

#![expect(
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    reason = "generated"
)]

tonic::include_proto!("attributeownership.v1");

//! The wire types and stubs that `build.rs` makes of `proto/attributeownership/v1/`. Their comments are the API
//! reference.

#![expect(
    missing_docs,
    clippy::all,
    clippy::allow_attributes,
    clippy::pedantic,
    reason = "generated"
)]

tonic::include_proto!("attributeownership.v1");

/// The description of the API, for reflection.
pub const DESCRIPTOR: &[u8] = tonic::include_file_descriptor_set!("descriptor");

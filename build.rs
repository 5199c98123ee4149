//! Generates both sides of the contract in `proto/`, without a `protoc`, for the feature that has any use for them.
use protox::prost::Message as _;
use std::{env, error::Error, ffi::OsString, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    if told("CARGO_FEATURE_SERVER").is_none() {
        return Ok(());
    }
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=migrations");
    let api = [
        "attributeownership/v1/account.proto",
        "attributeownership/v1/ownership.proto",
        "attributeownership/v1/registry.proto",
        "attributeownership/v1/session.proto",
    ];
    let files = protox::compile(api, ["proto"])?;
    // For reflection: `compile_fds` does not write it, whatever `file_descriptor_set_path` says.
    let out = told("OUT_DIR").ok_or("no OUT_DIR")?;
    fs::write(
        Path::new(&out).join("descriptor.bin"),
        files.encode_to_vec(),
    )?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "how Cargo tells a build script")]
fn told(variable: &str) -> Option<OsString> {
    env::var_os(variable)
}

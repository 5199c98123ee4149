//! Generates the service's side of the contract in `proto/`, without a `protoc`.
use protox::prost::Message as _;
use std::{env, error::Error, fs, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto");
    println!("cargo:rerun-if-changed=migrations");
    let files = protox::compile(["attributeownership/v1/ownership.proto"], ["proto"])?;
    // For reflection: `compile_fds` does not write it, whatever `file_descriptor_set_path` says.
    #[expect(clippy::disallowed_methods, reason = "how Cargo tells a build script")]
    let out = env::var("OUT_DIR")?;
    fs::write(
        Path::new(&out).join("descriptor.bin"),
        files.encode_to_vec(),
    )?;
    tonic_prost_build::configure().compile_fds(files)?;
    Ok(())
}

//! Generates the client's side of the contract in `proto/`, the only thing of the service that the gateway knows.
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=../proto");
    let api = [
        "attributeownership/v1/account.proto",
        "attributeownership/v1/ownership.proto",
        "attributeownership/v1/registry.proto",
        "attributeownership/v1/session.proto",
    ];
    let files = protox::compile(api, ["../proto"])?;
    tonic_prost_build::configure()
        .build_server(false)
        .compile_fds(files)?;
    Ok(())
}

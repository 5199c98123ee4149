//! The `tenure` command.

use clap::Parser as _;
use std::process::ExitCode;
use tenure::{
    command::{self, Output, telemetry},
    config::Arguments,
};

/// A request makes and drops many small values: with the system's allocator a fifth of its time went there.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut output = Output::new(arguments.common.json);
    let done = match telemetry::start(&arguments) {
        Ok(()) => command::run(&arguments, &mut output).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if command::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output.fail(&error);
            ExitCode::FAILURE
        }
    }
}

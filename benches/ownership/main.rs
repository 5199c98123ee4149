//! Acquire, release, the owned page and checks, beside the floor of the machine that they run on; and watches.
//!
//! ```sh
//! cargo bench --bench ownership                                   # all, twenty minutes at most
//! cargo bench --bench ownership -- matrix --operation acquire1_fresh --callers 16
//! cargo bench --bench ownership -- contention
//! cargo bench --bench ownership -- checks
//! cargo bench --bench ownership -- watches --watchers 1000
//! cargo bench --bench ownership -- size --users 1000000           # the big one: needs 30 GB
//! cargo bench --bench ownership -- --quick                        # only whether it works
//! ```
//!
//! The floor of an operation is 1 / (1 / empty RPC + 1 / pgbench): what a service would reach that does nothing but
//! answer and run the statements. The empty RPC is a health check on the same listener, by the same callers on the same
//! connections; pgbench runs the statements that the service itself was heard to send, prepared, with as many
//! clients. All sides of a cell are measured one right after the other, round after round, because a machine's speed
//! drifts.

#![expect(
    clippy::print_stdout,
    clippy::cast_possible_wrap,
    reason = "a benchmark prints, and its numbers are small"
)]

mod arguments;
mod bench;
mod cell;
mod checks;
mod cluster;
mod contention;
mod cpu;
mod database;
mod figures;
mod floor;
mod goal;
mod grpc;
mod internal;
mod load;
mod loader;
mod machine;
mod matrix;
mod operation;
mod population;
mod recording;
mod report;
mod rest;
mod rows;
mod service;
mod size;
mod tap;
mod verify;
mod watches;

use anyhow::{Context as _, bail};
use arguments::{Arguments, Common, Matrix, Scenario, Size, Watches};
use clap::Parser as _;
use database::Server;
use serde_json::{Value, json};
use std::fs;

/// As `tenure` itself has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    // The callers are cheap, and share the machine with what they measure.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        tokio::select! {
            ended = run(&arguments) => ended,
            // What was started is dropped, and so ends.
            _ = tokio::signal::ctrl_c() => bail!("interrupted"),
        }
    })
}

async fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let common = &arguments.common;
    let scenarios = match &arguments.scenario {
        Some(scenario) => vec![scenario.clone()],
        None => vec![
            Scenario::Matrix(Matrix::default()),
            Scenario::Contention,
            Scenario::Size(Size::small(common)),
            Scenario::Checks,
            Scenario::Watches(Watches::default()),
        ],
    };
    let server = Server::start(common.database_url.as_deref())?;
    let mut report = serde_json::Map::new();
    let machine = machine::facts(&server).await?;
    report::facts(&machine);
    report.insert("machine".to_owned(), machine);
    let mut failures = 0;
    for scenario in scenarios {
        let (name, figures, failed) = measure(&server, common, scenario).await?;
        report.insert(name.to_owned(), figures);
        failures += failed;
        write(common, &report)?;
    }
    println!("\n{}", common.output.display());
    if failures > 0 {
        bail!("{failures} calls failed");
    }
    Ok(())
}

/// A scenario's name and figures, and how many calls failed.
async fn measure(
    server: &Server,
    common: &Common,
    scenario: Scenario,
) -> anyhow::Result<(&'static str, Value, u64)> {
    Ok(match scenario {
        Scenario::Matrix(matrix) => {
            let cells = matrix::run(server, common, &matrix).await?;
            report::matrix(&cells);
            let failures = cells.iter().map(cell::Cell::failures).sum();
            ("matrix", json!(cells), failures)
        }
        Scenario::Contention => {
            let contention = contention::run(server, common).await?;
            contention.print();
            ("contention", json!(contention), contention.failures())
        }
        Scenario::Size(size) => {
            let size = size::run(server, common, &size).await?;
            size.print();
            ("size", json!(size), size.failures())
        }
        Scenario::Checks => {
            let checks = checks::run(server, common).await?;
            checks.print();
            ("checks", json!(checks), checks.failures())
        }
        Scenario::Watches(asked) => {
            let watched = watches::run(server, common, &asked).await?;
            watched.print();
            ("watches", json!(watched), watched.failures())
        }
    })
}

/// What has been measured so far.
fn write(common: &Common, report: &serde_json::Map<String, Value>) -> anyhow::Result<()> {
    if let Some(folder) = common.output.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_string_pretty(report)?;
    fs::write(&common.output, text).with_context(|| common.output.display().to_string())
}

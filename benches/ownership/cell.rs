//! What was measured of one operation at one number of callers.

use crate::{
    bench::Bench,
    database::Engine,
    figures::{Figures, median, over},
    operation::Operation,
};
use serde::Serialize;

/// A row of the table.
#[derive(Debug, Serialize)]
pub(crate) struct Cell {
    pub(crate) engine: Engine,
    pub(crate) operation: Operation,
    pub(crate) callers: u64,
    pub(crate) grpc_connections: usize,
    pub(crate) empty_rpc: Figures,
    /// None on SQLite, which has no such tool: the floor is then the empty RPC alone.
    pub(crate) pgbench: Option<Figures>,
    /// Calls a second: 1 / (1 / empty RPC + 1 / pgbench).
    pub(crate) floor: f64,
    pub(crate) grpc: Side,
    pub(crate) rest: Side,
}

/// What was measured of the service, and its part of the floor.
#[derive(Debug, Serialize)]
pub(crate) struct Side {
    pub(crate) figures: Figures,
    /// The median of the rounds' ratios: within a round, both were measured within seconds.
    pub(crate) ratio: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) target: Option<f64>,
}

/// What the sides of one round gave.
#[derive(Default)]
pub(crate) struct Rounds {
    pub(crate) empty_rpc: Vec<Figures>,
    pub(crate) pgbench: Vec<Figures>,
    pub(crate) floor: Vec<f64>,
    pub(crate) grpc: Vec<Figures>,
    pub(crate) rest: Vec<Figures>,
}

impl Cell {
    pub(crate) fn failures(&self) -> u64 {
        let sides = [&self.empty_rpc, &self.grpc.figures, &self.rest.figures];
        sides.map(|figures| figures.failures).iter().sum()
    }
}

impl Rounds {
    pub(crate) fn cell(&self, bench: &Bench, operation: Operation, callers: u64) -> Cell {
        let engine = bench.database.engine();
        let side = |rounds: &[Figures], target| Side {
            figures: over(rounds),
            ratio: median(
                rounds
                    .iter()
                    .zip(&self.floor)
                    .map(|(f, floor)| f.throughput / floor),
            ),
            target,
        };
        let target = operation.target().filter(|_| engine == Engine::Postgres);
        Cell {
            engine,
            operation,
            callers,
            grpc_connections: bench.channels(callers).len(),
            empty_rpc: over(&self.empty_rpc),
            pgbench: (!self.pgbench.is_empty()).then(|| over(&self.pgbench)),
            floor: median(self.floor.iter().copied()),
            grpc: side(&self.grpc, target),
            rest: side(&self.rest, None),
        }
    }
}

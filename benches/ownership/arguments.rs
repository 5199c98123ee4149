//! What the benchmark is asked to do.

use crate::{database::Engine, load::Span, operation::Operation};
use clap::{Args, Parser, Subcommand};
use std::{path::PathBuf, time::Duration};

/// Measures acquire, release, the owned page and checks beside their floor, and watches, in one run, on this machine.
///
/// Without a scenario: matrix, contention, a small size, checks and watches, one after the other.
#[derive(Debug, Parser)]
#[command(name = "ownership")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) scenario: Option<Scenario>,
    #[command(flatten)]
    pub(crate) common: Common,
}

#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Scenario {
    /// Every operation at every number of callers, over gRPC and REST, on both engines, beside its floor
    Matrix(Matrix),
    /// Many callers on one attribute of one user
    Contention,
    /// The same active users in a small and in a big database
    Size(Size),
    /// Checks from memory and from the database, beside what they are to be
    Checks,
    /// Many watches at once: their memory, and how soon each is told
    Watches(Watches),
}

#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Matrix {
    /// Only these operations, separated by commas
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) operation: Vec<Operation>,
    /// Only this engine
    #[arg(long, value_enum)]
    pub(crate) engine: Option<Engine>,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Size {
    /// How many users the big database has
    #[arg(long, default_value_t = 20_000)]
    pub(crate) users: u64,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Watches {
    /// How many watches are open at once; beside that, one alone is measured
    #[arg(long, default_value_t = 1_000)]
    pub(crate) watchers: usize,
    /// On how many connections
    #[arg(long, default_value_t = 10)]
    pub(crate) connections: u64,
    /// How many changes there are
    #[arg(long, default_value_t = 500)]
    pub(crate) changes: u64,
    /// How many of them a second
    #[arg(long, default_value_t = 50)]
    pub(crate) rate: u64,
}

impl Default for Watches {
    fn default() -> Self {
        Self {
            watchers: 1_000,
            connections: 10,
            changes: 500,
            rate: 50,
        }
    }
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Common {
    /// Tiny data and short cells: shows that the benchmark works, and no figure worth having
    #[arg(long, global = true)]
    pub(crate) quick: bool,

    /// A PostgreSQL server on which databases may be created, instead of a throwaway one
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,

    /// For how long each side of a cell is measured in a round
    #[arg(long, global = true, value_name = "SECONDS")]
    pub(crate) seconds: Option<f64>,

    /// How often the sides of a cell take turns; the medians count
    #[arg(long, global = true, value_name = "N")]
    pub(crate) rounds: Option<usize>,

    /// How many callers there are at once
    #[arg(long, global = true, value_delimiter = ',', value_name = "N,...")]
    pub(crate) callers: Vec<u64>,

    /// The most gRPC connections of the client; never more than there are callers
    #[arg(long, global = true, default_value_t = 8, value_name = "N")]
    pub(crate) channels: u64,

    /// The most connections of the service to its database
    #[arg(long, global = true, default_value_t = 8, value_name = "N")]
    pub(crate) database_connections: u32,

    /// How many concurrent requests at most share a statement of the service
    #[arg(long, global = true, default_value_t = 64, value_name = "N")]
    pub(crate) database_batch: u16,

    /// Where the figures go as JSON
    #[arg(
        long,
        global = true,
        default_value = "target/bench/ownership.json",
        value_name = "PATH"
    )]
    pub(crate) output: PathBuf,

    /// Cargo says so to every benchmark.
    #[arg(long, global = true, hide = true)]
    bench: bool,
}

impl Common {
    pub(crate) fn rounds(&self, usual: usize) -> usize {
        self.rounds
            .unwrap_or(if self.quick { 1 } else { usual })
            .max(1)
    }

    pub(crate) fn callers(&self) -> Vec<u64> {
        let usual: &[u64] = if self.quick { &[1, 16] } else { &[1, 16, 64] };
        if self.callers.is_empty() {
            usual.to_vec()
        } else {
            self.callers.clone()
        }
    }

    pub(crate) fn span(&self) -> Span {
        let usual = if self.quick { 0.2 } else { 1.0 };
        let measured = Duration::from_secs_f64(self.seconds.unwrap_or(usual).max(0.05));
        Span {
            warm_up: (measured / 4).clamp(Duration::from_millis(50), Duration::from_millis(500)),
            measured,
        }
    }
}

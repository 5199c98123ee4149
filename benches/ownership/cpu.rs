//! What the processes of a measurement spend of the processors' time.

use anyhow::Context as _;
use serde::Serialize;
use std::{
    fs,
    ops::{Div, Sub},
};

/// The processes that share the machine in a measurement.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Processes {
    pub(crate) service: u32,
    /// The first process of the database's server, if it is one of ours.
    pub(crate) postmaster: Option<u32>,
}

/// Processor time in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Spent {
    pub(crate) service: f64,
    pub(crate) database: Option<f64>,
    /// This process, and `pgbench` once it has ended.
    pub(crate) client: f64,
}

impl Processes {
    /// All that they have spent so far.
    pub(crate) fn spent(&self) -> anyhow::Result<Spent> {
        let client = Stat::of(std::process::id())?;
        Ok(Spent {
            service: Stat::of(self.service)?.own(),
            database: self.postmaster.map(family).transpose()?,
            client: client.own() + client.ended_children(),
        })
    }
}

/// A process and its children, those that have ended included.
fn family(parent: u32) -> anyhow::Result<f64> {
    loop {
        let ended = Stat::of(parent)?.ended_children();
        let living = children(parent)?;
        let parent = Stat::of(parent)?;
        // One that ended in between would be counted twice or not at all.
        if parent.ended_children() <= ended {
            return Ok(parent.own() + ended + living);
        }
    }
}

/// The children of a process that have not ended.
fn children(parent: u32) -> anyhow::Result<f64> {
    let mut sum = 0.0;
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let process = name.to_str().and_then(|name| name.parse().ok());
        let stat = process.and_then(|process| Stat::of(process).ok());
        if let Some(stat) = stat.filter(|stat| stat.parent == parent) {
            sum += stat.own();
        }
    }
    Ok(sum)
}

/// `/proc/PID/stat`.
struct Stat {
    parent: u32,
    /// User and system time, of itself and of its children that have ended, in hundredths of a second.
    ticks: [f64; 4],
}

impl Stat {
    fn of(process: u32) -> anyhow::Result<Self> {
        let text = fs::read_to_string(format!("/proc/{process}/stat"))?;
        // The name in parentheses may have any character.
        let (_, fields) = text.rsplit_once(") ").context("no name in stat")?;
        let fields: Vec<&str> = fields.split(' ').collect();
        let field = |index: usize| fields.get(index).copied().unwrap_or_default();
        let mut ticks = [0.0; 4];
        for (index, value) in ticks.iter_mut().enumerate() {
            *value = field(11 + index).parse()?;
        }
        Ok(Self {
            parent: field(1).parse()?,
            ticks,
        })
    }

    fn own(&self) -> f64 {
        micros(&self.ticks[..2])
    }

    fn ended_children(&self) -> f64 {
        micros(&self.ticks[2..])
    }
}

fn micros(ticks: &[f64]) -> f64 {
    ticks.iter().sum::<f64>() * 10_000.0
}

impl Sub for Spent {
    type Output = Self;
    fn sub(self, before: Self) -> Self {
        let database = self.database.zip(before.database);
        Self {
            service: self.service - before.service,
            database: database.map(|(after, before)| after - before),
            client: self.client - before.client,
        }
    }
}

impl Div<u64> for Spent {
    type Output = Self;
    fn div(self, calls: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52 calls")]
        let calls = calls as f64;
        Self {
            service: self.service / calls,
            database: self.database.map(|spent| spent / calls),
            client: self.client / calls,
        }
    }
}

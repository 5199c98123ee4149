//! Many watches at once: what they cost the service in memory, and how soon each is told of a change.

mod table;
mod watcher;
mod writer;

use crate::{
    arguments::{Common, Watches},
    bench::Bench,
    cpu::{Processes, Spent},
    database::Server,
    figures::exact,
    goal::{Bound, Goal},
    grpc,
    internal::{Asked, Internal},
    load::{Caller as _, latencies},
    loader,
    operation::Users,
    population::{Population, Unused},
    service::{self, Service},
};
use anyhow::{Context as _, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::Arc,
    time::Instant,
};
use tenure::proto::attribute_ownership_client::AttributeOwnershipClient;
use tonic::transport::Channel;
use watcher::{Change, Heard, Watchers};
use writer::{Written, write};

/// The memory that all watches may take beyond the idle service, in MiB.
const MEMORY: f64 = 64.0;

/// Where the change is made that is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Made {
    Here,
    Elsewhere,
}

impl Made {
    /// The slowest that one telling in a hundred may be, in milliseconds after the answer to the writer.
    const fn target(self) -> f64 {
        match self {
            Self::Here => 25.0,
            Self::Elsewhere => 100.0,
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Here => "the same instance",
            Self::Elsewhere => "another instance",
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Watched {
    changes_a_second: u64,
    connections: u64,
    phases: Vec<Phase>,
}

/// So many watches of one instance.
#[derive(Debug, Serialize)]
struct Phase {
    watchers: usize,
    made: Made,
    changes: usize,
    /// Resident memory of the watched instance in MiB: before the watches, beyond that with them open, and at most.
    idle: f64,
    open: f64,
    most: f64,
    since_answer: Delay,
    since_request: Delay,
    /// p50 and p99 of the writer's own calls, in milliseconds.
    writing: Delay,
    /// Processor time of the watched instance and of this process for each telling, in microseconds.
    spent_us: [f64; 2],
    missing: u64,
    twice: u64,
    goals: Vec<Goal>,
}

/// Of all tellings to all watchers, in milliseconds.
#[derive(Debug, Serialize)]
struct Delay {
    p50: f64,
    p99: f64,
    most: f64,
}

pub(crate) async fn run(
    server: &Server,
    common: &Common,
    asked: &Watches,
) -> anyhow::Result<Watched> {
    let (mut watchers, mut changes) = (asked.watchers, asked.changes);
    if common.quick {
        (watchers, changes) = (watchers.min(50), changes.min(25));
    }
    let database = Bench::postgres(server, "watches").await?;
    let bench = Bench::start(database, Some(server), common).await?;
    let token = service::internal_token(&bench.database.url())?;
    let mut unused = Unused::default();
    let mut phases = Vec::new();
    for made in [Made::Here, Made::Elsewhere] {
        for watchers in BTreeSet::from([1, watchers]) {
            let population = Population {
                first: unused.take(changes),
                users: changes,
                services: 2,
                owned: 1,
            };
            loader::add(&bench.database, std::slice::from_ref(&population)).await?;
            let phase = Phase::run(&bench, common, asked, &token, (watchers, made), &population);
            phases.push(phase.await?);
        }
    }
    bench.close().await?;
    Ok(Watched {
        changes_a_second: asked.rate,
        connections: asked.connections,
        phases,
    })
}

impl Phase {
    /// On instances of their own, so that no memory is left from before.
    async fn run(
        bench: &Bench,
        common: &Common,
        asked: &Watches,
        token: &str,
        (count, made): (usize, Made),
        users: &Population,
    ) -> anyhow::Result<Self> {
        let url = bench.database.url();
        let start = || Service::start(&url, common.database_connections, common.database_batch);
        let watched = start()?;
        let other = (made == Made::Elsewhere).then(start).transpose()?;
        let written_at = other.as_ref().unwrap_or(&watched).grpc;
        let writers = grpc::connect(written_at, 1).await?;
        let channels = grpc::connect(watched.grpc, asked.connections.max(1)).await?;
        // All are connected and have answered once before anything is measured, as an idle instance has.
        for channel in writers.iter().chain(&channels) {
            get_caller(channel, token).await?;
        }
        let idle = resident(&watched, "VmRSS:")?;
        let watchers = Watchers::open(&channels, token, count).await?;
        let open = resident(&watched, "VmRSS:")? - idle;
        let writer = AttributeOwnershipClient::new(writers[0].clone());
        let processes = Processes {
            service: watched.process(),
            postmaster: None,
        };
        let before = processes.spent()?;
        let written = write(&writer, users, asked.rate).await?;
        let heard = watchers.heard(written.len()).await?;
        let spent = processes.spent()? - before;
        let most = resident(&watched, "VmHWM:")? - idle;
        Self::of(made, &written, &heard, [idle, open, most], spent)
    }

    fn of(
        made: Made,
        written: &BTreeMap<Change, Written>,
        heard: &[Heard],
        [idle, open, most]: [f64; 3],
        spent: Spent,
    ) -> anyhow::Result<Self> {
        let (mut since_answer, mut since_request) = (latencies()?, latencies()?);
        let (mut writing, mut missing) = (latencies()?, 0);
        for (change, written) in written {
            record(&mut writing, written.asked, written.answered)?;
            for heard in heard {
                let Some(at) = heard.first.get(change) else {
                    missing += 1;
                    continue;
                };
                record(&mut since_answer, written.answered, *at)?;
                record(&mut since_request, written.asked, *at)?;
            }
        }
        let again: u64 = heard.iter().map(|heard| heard.again).sum();
        let told: usize = heard.iter().map(|heard| heard.first.len()).sum();
        let expected = written.len() * heard.len() - usize::try_from(missing)?;
        ensure!(
            told == expected,
            "{told} tellings, of which {expected} are of changes"
        );
        let since_answer = Delay::of(&since_answer);
        let mut goals = vec![Goal::new(
            "p99 after the answer, ms",
            since_answer.p99,
            Some(Bound::AtMost(made.target())),
        )];
        if heard.len() > 1 {
            goals.push(Goal::new("memory, MiB", most, Some(Bound::AtMost(MEMORY))));
        }
        Ok(Self {
            watchers: heard.len(),
            made,
            changes: written.len(),
            idle,
            open,
            most,
            since_answer,
            since_request: Delay::of(&since_request),
            writing: Delay::of(&writing),
            spent_us: [spent.service, spent.client].map(|us| us / exact(told as u64)),
            missing,
            twice: again,
            goals,
        })
    }
}

impl Watched {
    pub(crate) fn failures(&self) -> u64 {
        self.phases.iter().map(|p| p.missing + p.twice).sum()
    }
}

impl Delay {
    fn of(delays: &Histogram<u64>) -> Self {
        let ms = |nanos| exact(nanos) / 1e6;
        Self {
            p50: ms(delays.value_at_quantile(0.5)),
            p99: ms(delays.value_at_quantile(0.99)),
            most: ms(delays.max()),
        }
    }
}

/// A telling may come before the answer, which then counts as at the same time.
fn record(delays: &mut Histogram<u64>, from: Instant, to: Instant) -> anyhow::Result<()> {
    let nanos = to.saturating_duration_since(from).as_nanos();
    Ok(delays.record(u64::try_from(nanos)?)?)
}

async fn get_caller(channel: &Channel, token: &str) -> anyhow::Result<()> {
    let nobody = Arc::new(Users::Once { first: 0, each: 0 });
    let channel = std::slice::from_ref(channel);
    for mut caller in Internal::callers(channel, 1, token, &Asked::Caller, &nobody) {
        caller.call().await?;
    }
    Ok(())
}

/// Memory of the service in MiB: what is resident now, or was at most.
fn resident(service: &Service, name: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{}/status", service.process()))?;
    let line = status.lines().find(|line| line.starts_with(name));
    let kib = line.and_then(|line| line.split_whitespace().nth(1));
    let kib: u32 = kib
        .with_context(|| format!("no {name} in status"))?
        .parse()?;
    Ok(f64::from(kib) / 1024.0)
}

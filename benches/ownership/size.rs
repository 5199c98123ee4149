//! The same active users in a small and in a big database.

use crate::{
    arguments::{Common, Size},
    bench::Bench,
    database::Server,
    figures::{Figures, median, over},
    grpc::Grpc,
    loader,
    operation::{LEAP, Owners, Users, Wanted},
    population::{Population, Unused},
};
use serde::Serialize;
use std::{sync::Arc, time::Instant};

const CALLERS: u64 = 16;

/// How many attributes each user has.
const ATTRIBUTES: usize = 30;

/// How far apart the two may be.
const READS: f64 = 0.15;
const WRITES: f64 = 0.25;

#[derive(Debug, Serialize)]
pub(crate) struct Sizes {
    active_users: u64,
    attributes_of_each: usize,
    users: u64,
    callers: u64,
    rounds: usize,
    database_bytes: i64,
    loading_seconds: f64,
    reads: Compared,
    writes: Compared,
    /// Of the big database: reads and writes of any of its users.
    all_users: AllUsers,
}

/// The owned page of 20, or taking an attribute from the service that owns it.
#[derive(Debug, Serialize)]
struct Compared {
    small: Figures,
    big: Figures,
    /// The median of the rounds' ratios of throughput, big to small.
    ratio: f64,
    /// The lowest that it may be.
    target: f64,
}

#[derive(Debug, Serialize)]
struct AllUsers {
    reads: Figures,
    writes: Figures,
}

/// A database of one size.
struct Place {
    bench: Bench,
    first: u64,
    users: u64,
    active: u64,
    owners: Arc<Owners>,
}

impl Size {
    /// What is measured along with all else.
    pub(crate) fn small(common: &Common) -> Self {
        let users = if common.quick { 400 } else { 20_000 };
        Self { users }
    }
}

pub(crate) async fn run(server: &Server, common: &Common, size: &Size) -> anyhow::Result<Sizes> {
    let active = if common.quick { 200 } else { 1_000 };
    let users = size.users.max(active);
    let small = Place::new("small", server, common, active, active).await?;
    let begun = Instant::now();
    let big = Place::new("big", server, common, users, active).await?;
    let loading_seconds = begun.elapsed().as_secs_f64();
    println!("{users} users with {ATTRIBUTES} attributes each, loaded in {loading_seconds:.0} s");
    let rounds = common.rounds(5);
    let [mut reads, mut writes] = [(); 2].map(|()| (Vec::new(), Vec::new()));
    // Their pages have just been written to the disk: both are to have them in memory first.
    for place in [&small, &big] {
        place.reads(common, false).await?;
        place.writes(common, false).await?;
    }
    for _ in 0..rounds {
        reads.0.push(small.reads(common, false).await?);
        reads.1.push(big.reads(common, false).await?);
        writes.0.push(small.writes(common, false).await?);
        writes.1.push(big.writes(common, false).await?);
    }
    let all_users = AllUsers {
        reads: big.reads(common, true).await?,
        writes: big.writes(common, true).await?,
    };
    let bytes = "select pg_database_size(current_database())";
    let database_bytes = big.bench.database.number(bytes).await?;
    small.bench.close().await?;
    big.bench.close().await?;
    Ok(Sizes {
        active_users: active,
        attributes_of_each: ATTRIBUTES,
        users,
        callers: CALLERS,
        rounds,
        database_bytes,
        loading_seconds,
        reads: Compared::of(reads, 1.0 - READS),
        writes: Compared::of(writes, 1.0 - WRITES),
        all_users,
    })
}

impl Place {
    async fn new(
        name: &str,
        server: &Server,
        common: &Common,
        users: u64,
        active: u64,
    ) -> anyhow::Result<Self> {
        let database = Bench::postgres(server, name).await?;
        let first = Unused::default().take(users);
        let population = Population {
            first,
            users,
            services: 2,
            owned: ATTRIBUTES,
        };
        loader::fill(&database, &population).await?;
        Ok(Self {
            bench: Bench::start(database, Some(server), common).await?,
            first,
            users,
            active,
            owners: Arc::new(Owners::of(&(first..first + users))),
        })
    }

    /// The active users, spread evenly over all; or all.
    fn whom(&self, all: bool) -> Users {
        let (count, factor) = if all {
            (self.users, LEAP)
        } else {
            (self.active, 1)
        };
        Users::Again {
            first: self.first,
            step: self.users / count,
            count,
            factor,
            callers: CALLERS,
        }
    }

    async fn reads(&self, common: &Common, all: bool) -> anyhow::Result<Figures> {
        self.measure(common, Wanted::Page, self.whom(all)).await
    }

    async fn writes(&self, common: &Common, all: bool) -> anyhow::Result<Figures> {
        let takers = Users::Turns {
            whom: Box::new(self.whom(all)),
            owners: Arc::clone(&self.owners),
        };
        self.measure(common, Wanted::Acquire(1), takers).await
    }

    async fn measure(
        &self,
        common: &Common,
        wanted: Wanted,
        users: Users,
    ) -> anyhow::Result<Figures> {
        let channels = self.bench.channels(CALLERS);
        let callers = Grpc::callers(channels, CALLERS, wanted, &Arc::new(users));
        self.bench.measure(callers, common.span()).await
    }
}

impl Compared {
    fn of((small, big): (Vec<Figures>, Vec<Figures>), target: f64) -> Self {
        let pairs = small.iter().zip(&big);
        let ratio = median(pairs.map(|(small, big)| big.throughput / small.throughput));
        Self {
            small: over(&small),
            big: over(&big),
            ratio,
            target,
        }
    }
}

impl Sizes {
    fn all(&self) -> [(&'static str, &Figures); 6] {
        [
            ("reads, small", &self.reads.small),
            ("reads, big", &self.reads.big),
            ("writes, small", &self.writes.small),
            ("writes, big", &self.writes.big),
            ("reads, big, all users", &self.all_users.reads),
            ("writes, big, all users", &self.all_users.writes),
        ]
    }

    pub(crate) fn failures(&self) -> u64 {
        self.all().iter().map(|(_, figures)| figures.failures).sum()
    }

    pub(crate) fn print(&self) {
        println!(
            "\nsize: {} active users of {} and of {}, {} callers, PostgreSQL, gRPC, median of {}",
            self.active_users, self.active_users, self.users, self.callers, self.rounds
        );
        for (name, figures) in self.all() {
            println!(
                "{name:24} {:>6.0}/s, p50 {:.2} ms, p99 {:.2} ms, {} failed",
                figures.throughput,
                figures.p50_us / 1_000.0,
                figures.p99_us / 1_000.0,
                figures.failures,
            );
        }
        for (name, compared) in [("reads", &self.reads), ("writes", &self.writes)] {
            println!(
                "{name} big / small: {:.2} (to be at least {:.2})",
                compared.ratio, compared.target
            );
        }
    }
}

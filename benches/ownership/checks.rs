//! Checks from memory and from the database, beside what a call costs that asks nothing and what the statement does.

mod table;

use crate::{
    arguments::Common,
    bench::Bench,
    database::{Engine, Server},
    figures::{Figures, median, over},
    floor::Floor,
    goal::{Bound, Goal},
    grpc::Empty,
    internal::{Asked, Internal},
    load::Caller as _,
    loader,
    operation::{BATCH, LEAP, Users},
    population::{Population, Unused},
    recording, service,
};
use anyhow::{Context as _, ensure};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};

/// How many items the batch has.
const ITEMS: u64 = 100;

/// How old an answer from memory may be, in seconds.
const AGE: i64 = 10;

/// The most items that one call may have.
const MOST: u64 = 500;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Side {
    EmptyRpc,
    GetCaller,
    Cached,
    LatestBatch,
    Latest,
    /// `pgbench`, with the statement of a check.
    Statement,
    /// `pgbench`, with a row by its key.
    Row,
}

/// The sides at a number of callers.
#[derive(Debug, Serialize)]
struct Cell {
    engine: Engine,
    callers: u64,
    sides: BTreeMap<Side, Figures>,
    /// Checks a second, by the rule of all floors.
    floor: Option<f64>,
    goals: Vec<Goal>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Checks(Vec<Cell>);

/// A database whose users are asked about.
struct Ground<'a> {
    bench: Bench,
    common: &'a Common,
    population: Population,
    token: String,
    /// On PostgreSQL: the statement of a check, and a row by its key.
    floors: Option<[Floor; 2]>,
}

pub(crate) async fn run(server: &Server, common: &Common) -> anyhow::Result<Checks> {
    let mut cells = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let ground = Ground::prepare(engine, server, common).await?;
        for callers in common.callers() {
            cells.push(ground.cell(callers).await?);
        }
        ground.bench.close().await?;
    }
    Ok(Checks(cells))
}

impl Checks {
    pub(crate) fn failures(&self) -> u64 {
        let sides = self.0.iter().flat_map(|cell| cell.sides.values());
        sides.map(|figures| figures.failures).sum()
    }
}

impl<'a> Ground<'a> {
    async fn prepare(engine: Engine, server: &Server, common: &'a Common) -> anyhow::Result<Self> {
        let users = if common.quick { 100 } else { 2_000 };
        let population = Population {
            first: Unused::default().take(users),
            users,
            services: 1,
            owned: BATCH,
        };
        let (database, server) = match engine {
            Engine::Postgres => (Bench::postgres(server, "checks").await?, Some(server)),
            Engine::Sqlite => (Bench::sqlite()?, None),
        };
        loader::add(&database, std::slice::from_ref(&population)).await?;
        let (token, url) = (service::internal_token(&database.url())?, database.url());
        let floors = match engine {
            Engine::Postgres => {
                let check = recording::check(&database, &token, &whom(&population, 1)).await?;
                let row = recording::row(population.first);
                Some([Floor::new(&check, &url)?, Floor::new(&row, &url)?])
            }
            Engine::Sqlite => None,
        };
        Ok(Self {
            bench: Bench::start(database, server, common).await?,
            common,
            population,
            token,
            floors,
        })
    }

    /// All sides, round after round.
    async fn cell(&self, callers: u64) -> anyhow::Result<Cell> {
        let mut rounds = Vec::new();
        for _ in 0..self.common.rounds(3) {
            let mut round = BTreeMap::new();
            for side in self.sides(callers) {
                round.insert(side, self.side(side, callers).await?);
            }
            rounds.push(round);
        }
        Ok(Cell::of(self.bench.database.engine(), callers, &rounds))
    }

    /// Those that are compared follow each other.
    fn sides(&self, callers: u64) -> Vec<Side> {
        let mut sides = vec![Side::EmptyRpc, Side::GetCaller, Side::Cached];
        if self.floors.is_some() {
            sides.extend((callers == 1).then_some(Side::LatestBatch));
            sides.extend([Side::Latest, Side::Statement, Side::Row]);
        }
        sides
    }

    async fn side(&self, side: Side, callers: u64) -> anyhow::Result<Figures> {
        let (bench, span) = (&self.bench, self.common.span());
        let (channels, users) = (bench.channels(callers), whom(&self.population, callers));
        let asked = match side {
            Side::EmptyRpc => {
                return bench.measure(Empty::callers(channels, callers), span).await;
            }
            Side::Statement | Side::Row => {
                let [statement, row] = self.floors.as_ref().context("no floor")?;
                let floor = if side == Side::Row { row } else { statement };
                let measured = floor.run(&users, callers, span, &bench.processes)?;
                return Ok(measured.into());
            }
            Side::GetCaller => Asked::Caller,
            Side::Latest => Asked::latest(1),
            Side::LatestBatch => Asked::latest(ITEMS),
            Side::Cached => {
                self.warm().await?;
                Asked::cached(1, AGE)
            }
        };
        let callers = Internal::callers(channels, callers, &self.token, &asked, &users);
        bench.measure(callers, span).await
    }

    /// Has the service remember every user: the first check wakes the reader of the feed, which begins with nothing.
    async fn warm(&self) -> anyhow::Result<()> {
        const PASSES: usize = 100;
        let users = whom(&self.population, 1);
        let items = MOST.min(self.population.users);
        let asked = Asked::cached(items, AGE);
        let callers = Internal::callers(self.bench.channels(1), 1, &self.token, &asked, &users);
        let mut caller = callers.into_iter().next().context("no caller")?;
        for _ in 0..PASSES {
            let mut all = true;
            for _ in 0..self.population.users.div_ceil(items) {
                // It fails as long as all is read from the database; what was read is then remembered.
                all &= caller.call().await.is_ok();
            }
            if all {
                return Ok(());
            }
        }
        ensure!(caller.call().await.is_ok(), "memory is never warm");
        Ok(())
    }
}

/// All users in no order, each caller its own part of them.
fn whom(population: &Population, callers: u64) -> Arc<Users> {
    Arc::new(Users::Again {
        first: population.first,
        step: 1,
        count: population.users,
        factor: LEAP,
        callers,
    })
}

impl Cell {
    fn of(engine: Engine, callers: u64, rounds: &[BTreeMap<Side, Figures>]) -> Self {
        let sides = rounds.iter().flat_map(BTreeMap::keys);
        let sides = sides.map(|side| {
            let figures: Vec<_> = rounds.iter().filter_map(|r| r.get(side).cloned()).collect();
            (*side, over(&figures))
        });
        let floors = || rounds.iter().filter_map(floor);
        Self {
            engine,
            callers,
            sides: sides.collect(),
            floor: floors().next().map(|_| median(floors())),
            goals: goals(callers, rounds),
        }
    }
}

/// 1 / (1 / empty RPC + 1 / pgbench) of a round.
fn floor(round: &BTreeMap<Side, Figures>) -> Option<f64> {
    let (empty, statement) = (round.get(&Side::EmptyRpc)?, round.get(&Side::Statement)?);
    Some(1.0 / (1.0 / empty.throughput + 1.0 / statement.throughput))
}

/// The medians of the rounds' ratios, as far as both sides were measured.
fn goals(callers: u64, rounds: &[BTreeMap<Side, Figures>]) -> Vec<Goal> {
    type Round = BTreeMap<Side, Figures>;
    let throughput = |round: &Round, side| round.get(&side).map(|f| f.throughput);
    let p50 = |round: &Round, side| round.get(&side).map(|f| f.p50_us);
    let goal = |what, ratio: &dyn Fn(&Round) -> Option<f64>, to_be| {
        let ratios: Option<Vec<f64>> = rounds.iter().map(ratio).collect();
        Some(Goal::new(what, median(ratios?.into_iter()), to_be))
    };
    let (alone, crowd) = (callers == 1, callers == 64);
    let goals = [
        goal(
            "CACHED / GetCaller",
            &|r| Some(throughput(r, Side::Cached)? / throughput(r, Side::GetCaller)?),
            Some(Bound::AtLeast(0.8)),
        ),
        goal(
            "LATEST / floor",
            &|r| Some(throughput(r, Side::Latest)? / floor(r)?),
            alone.then_some(Bound::AtLeast(0.5)),
        ),
        goal(
            "LATEST / row by its key",
            &|r| Some(throughput(r, Side::Latest)? / throughput(r, Side::Row)?),
            crowd.then_some(Bound::AtLeast(0.7)),
        ),
        goal(
            "p50 of LATEST of 100 / p50 of LATEST of 1",
            &|r| Some(p50(r, Side::LatestBatch)? / p50(r, Side::Latest)?),
            Some(Bound::AtMost(3.0)),
        ),
    ];
    goals.into_iter().flatten().collect()
}

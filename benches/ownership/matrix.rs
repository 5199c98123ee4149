//! Every operation at every number of callers, beside its floor.

use crate::{
    arguments::{Common, Matrix},
    bench::Bench,
    cell::{Cell, Rounds},
    database::{Engine, Server},
    figures::Figures,
    floor::{self, Floor},
    grpc::{Empty, Grpc},
    loader,
    operation::{BATCH, Operation, Users},
    population::{Population, Unused},
    recording::{self, Recording},
    rest::Rest,
    verify,
};
use anyhow::Context as _;
use std::sync::Arc;

/// An engine's database, with what all of its cells need.
struct Ground<'a> {
    bench: Bench,
    common: &'a Common,
    recordings: Vec<(Operation, Recording)>,
    standing: Population,
    unused: Unused,
}

pub(crate) async fn run(
    server: &Server,
    common: &Common,
    matrix: &Matrix,
) -> anyhow::Result<Vec<Cell>> {
    let operations = match matrix.operation.as_slice() {
        [] => &Operation::ALL,
        some => some,
    };
    let mut cells = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        if matrix.engine.is_some_and(|only| only != engine) {
            continue;
        }
        let mut ground = Ground::prepare(engine, server, common, operations).await?;
        for operation in operations.iter().copied() {
            for callers in common.callers() {
                let cell = ground.cell(operation, callers).await?;
                crate::report::progress(&cell);
                cells.push(cell);
            }
        }
        ground.bench.close().await?;
    }
    Ok(cells)
}

impl<'a> Ground<'a> {
    async fn prepare(
        engine: Engine,
        server: &Server,
        common: &'a Common,
        operations: &[Operation],
    ) -> anyhow::Result<Self> {
        let mut unused = Unused::default();
        let users = if common.quick { 100 } else { 2_000 };
        let standing = Population {
            first: unused.take(users),
            users,
            services: 1,
            owned: BATCH,
        };
        let (database, recordings, server) = match engine {
            Engine::Postgres => {
                let database = Bench::postgres(server, "matrix").await?;
                let recordings = recording::all(&database, operations, &mut unused).await?;
                (database, recordings, Some(server))
            }
            Engine::Sqlite => (Bench::sqlite()?, Vec::new(), None),
        };
        loader::add(&database, std::slice::from_ref(&standing)).await?;
        verify::loaded(&database, &recordings, &standing).await?;
        Ok(Self {
            bench: Bench::start(database, server, common).await?,
            common,
            recordings,
            standing,
            unused,
        })
    }

    /// Measures one operation at so many callers: round after round, each side in its turn.
    async fn cell(&mut self, operation: Operation, callers: u64) -> anyhow::Result<Cell> {
        let recording = self.recordings.iter().find(|(of, _)| *of == operation);
        let recording = recording.map(|(_, recording)| recording.clone());
        let url = self.bench.database.url();
        let floor = recording
            .as_ref()
            .map(|r| Floor::new(r, &url))
            .transpose()?;
        let rounds = self.common.rounds(3);
        let mut users = self
            .users(operation, callers, 3 * rounds)
            .await?
            .into_iter();
        let mut next = || users.next().context("users of every side");
        let mut measured = Rounds::default();
        for _ in 0..rounds {
            let mine = next()?;
            self.round(
                operation,
                callers,
                floor.as_ref(),
                [&mine, &next()?, &next()?],
                &mut measured,
            )
            .await?;
            if let Some(recording) = &recording {
                verify::replayed(&self.bench.database, (operation, recording), &mine).await?;
            }
        }
        Ok(measured.cell(&self.bench, operation, callers))
    }

    /// Users for so many measurements.
    async fn users(
        &mut self,
        operation: Operation,
        callers: u64,
        measurements: usize,
    ) -> anyhow::Result<Vec<Arc<Users>>> {
        if !operation.writes() {
            let standing = Users::Again {
                first: self.standing.first,
                count: self.standing.users,
                step: 1,
                factor: 1,
                callers,
            };
            let standing = Arc::new(standing);
            return Ok(std::iter::repeat_n(standing, measurements).collect());
        }
        let seconds = floor::seconds(floor::warmed_up(self.common.span(), callers));
        let each = (operation.users_a_second(callers) * seconds).div_ceil(callers);
        let all = each * callers * measurements as u64;
        let population = recording::population(operation, &mut self.unused, all);
        loader::add(&self.bench.database, std::slice::from_ref(&population)).await?;
        let first = |index| population.first + index as u64 * each * callers;
        let users = (0..measurements).map(first);
        Ok(users
            .map(|first| Arc::new(Users::Once { first, each }))
            .collect())
    }

    /// One measurement of each side, one right after the other.
    async fn round(
        &self,
        operation: Operation,
        callers: u64,
        floor: Option<&Floor>,
        [floors, grpcs, rests]: [&Arc<Users>; 3],
        rounds: &mut Rounds,
    ) -> anyhow::Result<()> {
        let (bench, span, wanted) = (&self.bench, self.common.span(), operation.wanted());
        let channels = bench.channels(callers);
        let empty = Empty::callers(channels, callers);
        let empty = bench.measure(empty, span).await?;
        let mut seconds = 1.0 / empty.throughput;
        rounds.empty_rpc.push(empty);
        if let Some(floor) = floor {
            let pgbench = Figures::from(floor.run(floors, callers, span, &bench.processes)?);
            seconds += 1.0 / pgbench.throughput;
            rounds.pgbench.push(pgbench);
        }
        rounds.floor.push(1.0 / seconds);
        let grpc = Grpc::callers(channels, callers, wanted, grpcs);
        rounds.grpc.push(bench.measure(grpc, span).await?);
        let rest = Rest::callers(bench.service.http, callers, wanted, rests)?;
        rounds.rest.push(bench.measure(rest, span).await?);
        Ok(())
    }
}

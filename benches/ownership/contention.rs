//! Many callers on one attribute of one user: services that take it from each other.

use crate::{
    arguments::Common,
    bench::Bench,
    database::Server,
    figures::{Figures, exact, over},
    grpc::Grpc,
    loader,
    operation::{Users, Wanted},
    population::{Population, SERVICES, Unused},
};
use serde::Serialize;
use std::sync::Arc;

const CALLERS: u64 = 64;

/// The slowest that one in a hundred may be, in medians of a caller who is alone.
const TARGET: f64 = 50.0;

#[derive(Debug, Serialize)]
pub(crate) struct Contention {
    services: usize,
    callers: u64,
    alone: Figures,
    together: Figures,
    /// Which part of the calls of all callers together changed the owner; the others came from who owned it already.
    changed: f64,
    /// p99 of all together / p50 of one alone.
    ratio: f64,
    target: f64,
}

pub(crate) async fn run(server: &Server, common: &Common) -> anyhow::Result<Contention> {
    let database = Bench::postgres(server, "contention").await?;
    let population = Population {
        first: Unused::default().take(1),
        users: 1,
        services: SERVICES.len(),
        owned: 1,
    };
    let user = population.first;
    loader::add(&database, &[population]).await?;
    let bench = Bench::start(database, Some(server), common).await?;
    let services = SERVICES.len();
    let users = Arc::new(Users::One { user, services });
    let revision = format!("select revision from user_revision where user_id = '{user}'");
    let (mut alone, mut together, mut changes, mut calls) = (Vec::new(), Vec::new(), 0, 0.0);
    for _ in 0..common.rounds(3) {
        let callers =
            |callers| Grpc::callers(bench.channels(callers), callers, Wanted::Acquire(1), &users);
        alone.push(bench.measure(callers(1), common.span()).await?);
        let before = bench.database.number(&revision).await?;
        let figures = bench.measure(callers(CALLERS), common.span()).await?;
        changes += bench.database.number(&revision).await? - before;
        // Those of the warm-up changed it too.
        let span = common.span();
        let all = span.warm_up + span.measured;
        calls += exact(figures.calls) * all.as_secs_f64() / span.measured.as_secs_f64();
        together.push(figures);
    }
    bench.close().await?;
    let (alone, together) = (over(&alone), over(&together));
    Ok(Contention {
        services,
        callers: CALLERS,
        ratio: together.p99_us / alone.p50_us,
        changed: exact(changes.unsigned_abs()) / calls,
        alone,
        together,
        target: TARGET,
    })
}

impl Contention {
    pub(crate) fn failures(&self) -> u64 {
        self.alone.failures + self.together.failures
    }

    pub(crate) fn print(&self) {
        let ms = |us: f64| us / 1_000.0;
        println!(
            "\ncontention: {} services take one attribute of one user from each other, PostgreSQL, gRPC",
            self.services
        );
        for (callers, figures) in [(1, &self.alone), (self.callers, &self.together)] {
            println!(
                "{callers:>3} callers: {:.0}/s, p50 {:.2} ms, p99 {:.2} ms, {} failed",
                figures.throughput,
                ms(figures.p50_us),
                ms(figures.p99_us),
                figures.failures,
            );
        }
        println!(
            "{:.0} % of the calls together changed the owner; p99 together / p50 alone: {:.1} (to be under {TARGET})",
            self.changed * 100.0,
            self.ratio,
        );
    }
}

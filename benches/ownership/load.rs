//! Callers in a closed loop: each sends its next call when it has the answer to the one before.

use crate::cpu::{Processes, Spent};
use anyhow::{Context as _, bail};
use hdrhistogram::Histogram;
use std::{
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// One who calls.
pub(crate) trait Caller: Send + 'static {
    /// Sends the next call and checks the answer. An error is a failure, which is counted.
    fn call(&mut self) -> impl Future<Output = anyhow::Result<Called>> + Send;
}

/// Whether there was a call to send.
pub(crate) enum Called {
    Yes,
    /// All users of this caller are used up.
    NoUserLeft,
}

/// How long a measurement takes. What is answered during the warm-up does not count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// What was measured.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    pub(crate) failures: u64,
    pub(crate) first_failure: Option<String>,
    /// Of the calls that succeeded, in nanoseconds.
    pub(crate) latencies: Histogram<u64>,
    /// For each call, the warm-up's included.
    pub(crate) spent: Option<Spent>,
}

struct Tally {
    latencies: Histogram<u64>,
    calls: u64,
    failures: u64,
    first_failure: Option<String>,
}

/// A histogram to three digits.
pub(crate) fn latencies() -> anyhow::Result<Histogram<u64>> {
    Histogram::new(3).context("a histogram of three digits")
}

/// Lets all callers call for that long.
pub(crate) async fn run<C: Caller>(
    callers: Vec<C>,
    span: Span,
    processes: &Processes,
) -> anyhow::Result<Measured> {
    let before = processes.spent()?;
    let from = Instant::now() + span.warm_up;
    let until = from + span.measured;
    let ended = Arc::new(OnceLock::new());
    let mut running = JoinSet::new();
    for caller in callers {
        running.spawn(keep_calling(caller, from, until, Arc::clone(&ended)));
    }
    let mut latencies = latencies()?;
    let (mut calls, mut failures, mut first_failure) = (0, 0, None);
    while let Some(tally) = running.join_next().await {
        let tally = tally.context("a caller panicked")??;
        latencies.add(&tally.latencies)?;
        calls += tally.calls;
        failures += tally.failures;
        first_failure = first_failure.or(tally.first_failure);
    }
    let until = ended.get().copied().unwrap_or(until);
    if until <= from {
        bail!("all users were used up in the warm-up; make it shorter with --seconds");
    }
    Ok(Measured {
        seconds: (until - from).as_secs_f64(),
        failures,
        first_failure,
        latencies,
        spent: Some((processes.spent()? - before) / calls.max(1)),
    })
}

/// Calls until the time is over, or any caller has no user left.
async fn keep_calling<C: Caller>(
    mut caller: C,
    from: Instant,
    until: Instant,
    ended: Arc<OnceLock<Instant>>,
) -> anyhow::Result<Tally> {
    let mut tally = Tally {
        latencies: latencies()?,
        calls: 0,
        failures: 0,
        first_failure: None,
    };
    let mut start = Instant::now();
    while start < until && ended.get().is_none() {
        let outcome = caller.call().await;
        let stop = Instant::now();
        let counts = (from..until).contains(&stop) && ended.get().is_none();
        match outcome {
            Ok(Called::NoUserLeft) => {
                ended.get_or_init(|| stop);
            }
            Ok(Called::Yes) if counts => {
                let nanos = u64::try_from((stop - start).as_nanos())?;
                tally.latencies.record(nanos)?;
            }
            Ok(Called::Yes) => {}
            // A failure counts whenever it comes.
            Err(error) => {
                tally.failures += 1;
                tally
                    .first_failure
                    .get_or_insert_with(|| format!("{error:#}"));
            }
        }
        tally.calls += 1;
        start = stop;
    }
    Ok(tally)
}

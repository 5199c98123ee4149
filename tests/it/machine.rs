//! Random sequences of every operation, on a Tenure that runs and on the model: after each step the invariants hold
//! and both agree.
//!
//! `TENURE_MACHINE_SEQUENCES=100000 ./test machine` plays more of them. A failure leaves its script in a file, and
//! tells how to play that again.

mod check;
mod script;
mod strategy;
mod tally;
mod world;

use crate::harness::{Tenure, on_both_engines};
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use script::Script;
use std::{
    cell::Cell,
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::runtime::Handle;
use world::World;

on_both_engines! {
    random_sequences_agree_with_the_model,
    a_script_is_played_again,
}

/// How many sequences each engine plays unless `TENURE_MACHINE_SEQUENCES` says otherwise.
const SEQUENCES: u32 = 1_000;

/// How many play at once: one alone would wait most of its time.
const RUNNERS: u32 = 8;

#[expect(clippy::disallowed_methods, reason = "the tests have no configuration")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

async fn random_sequences_agree_with_the_model(t: Tenure) {
    let sequences = setting("TENURE_MACHINE_SEQUENCES").map(|n| n.parse().unwrap());
    let sequences = sequences.unwrap_or(SEQUENCES);
    let (world, stop) = (
        Arc::new(World::new(&t).await),
        Arc::new(AtomicBool::new(false)),
    );
    let runners: Vec<_> = (0..RUNNERS)
        .map(|_| {
            let (world, stop, handle) = (world.clone(), stop.clone(), Handle::current());
            let share = sequences.div_ceil(RUNNERS);
            tokio::task::spawn_blocking(move || run(share, &handle, &world, &stop))
        })
        .collect();
    for runner in runners {
        if let Err((why, script)) = runner.await.unwrap() {
            panic!("{}", report(&t, &why, &script));
        }
    }
    let tally = world.tally.lock().unwrap();
    show(&tally);
    let missing = tally.missing();
    assert!(
        missing.is_empty() || sequences < SEQUENCES,
        "never came up: {missing:#?}"
    );
}

#[expect(clippy::print_stdout, reason = "shown with --nocapture")]
fn show(tally: &tally::Tally) {
    println!("{tally:#?}");
}

/// Plays so many sequences, until one of any runner fails: that is then made as short as it will be.
fn run(
    sequences: u32,
    handle: &Handle,
    world: &Arc<World>,
    stop: &AtomicBool,
) -> Result<(), (String, Script)> {
    let mut runner = TestRunner::new(Config {
        cases: sequences,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    });
    let failed = Cell::new(false);
    let done = runner.run(&strategy::script(), |script| {
        if stop.load(Ordering::Relaxed) && !failed.get() {
            return Ok(());
        }
        let world = world.clone();
        let played = handle.spawn(async move { world.play(&script).await });
        handle.block_on(played).unwrap().map_err(|why| {
            failed.set(true);
            stop.store(true, Ordering::Relaxed);
            TestCaseError::fail(why)
        })
    });
    match done {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, script)) => Err((why.to_string(), script)),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// Why it failed, the script, and how to play it again.
fn report(t: &Tenure, why: &str, script: &Script) -> String {
    let engine = if t.database.is_postgres() {
        "postgres"
    } else {
        "sqlite"
    };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("machine-{engine}.script"));
    fs::write(&file, script.to_string()).unwrap();
    let (steps, file) = (script.0.len(), file.display());
    format!(
        "{why}\n\nThe script of {steps} steps, also in {file}:\n{script}\nPlay it again, on both engines, by\n\
         TENURE_MACHINE_SCRIPT={file} ./test machine::a_script_is_played_again"
    )
}

/// Plays the file that `TENURE_MACHINE_SCRIPT` names, or one that goes through most of what can happen.
async fn a_script_is_played_again(t: Tenure) {
    let text = setting("TENURE_MACHINE_SCRIPT").map(|file| fs::read_to_string(file).unwrap());
    let text = text.unwrap_or_else(|| include_str!("machine/tour.script").to_owned());
    let script = text.parse().unwrap();
    let played = World::new(&t).await.play(&script).await;
    played.unwrap_or_else(|why| panic!("{}", report(&t, &why, &script)));
}

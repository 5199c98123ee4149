//! Random sequences of every operation, on a Tenure that runs and on the model: after each step the invariants hold
//! and both agree.
//!
//! `TENURE_MACHINE_SEQUENCES=100000 ./test machine` plays more of them. A failure leaves its script in a file, and
//! tells how to play that again.

mod asker;
mod check;
mod eye;
mod onlooker;
mod script;
mod strategy;
mod tally;
mod world;

use crate::harness::{Tenure, on_both_engines};
use check::Verdict;
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
use tenure::domain::internal::Role;
use tokio::runtime::Handle;
use world::World;

on_both_engines! {
    random_sequences_agree_with_the_model,
    a_script_is_played_again,
    templates_are_listed_as_the_model_lists_them,
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
    let mut failed = None;
    for runner in runners {
        failed = failed.or(runner.await.unwrap().err());
    }
    if let Some((why, script)) = failed {
        panic!("{}", report(&t, &why, &script));
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
        let Err(why) = play(handle, world, &script) else {
            return Ok(());
        };
        let is_first = !stop.swap(true, Ordering::Relaxed);
        if is_first {
            failed.set(true);
        }
        if failed.get() {
            Err(TestCaseError::fail(why))
        } else {
            Ok(())
        }
    });
    match done {
        Ok(()) => Ok(()),
        Err(TestError::Fail(why, script)) => Err(shorter(handle, world, why.to_string(), script)),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
}

/// Plays it in the runtime: this thread would have to be woken for each answer.
fn play(handle: &Handle, world: &Arc<World>, script: &Script) -> Verdict {
    let (world, script) = (world.clone(), script.clone());
    let played = handle.spawn(async move { world.play(&script).await });
    handle.block_on(played).unwrap()
}

/// Leaves out each step without which it fails too: proptest goes through the steps once, and some can be left out
/// only when a later one was.
fn shorter(
    handle: &Handle,
    world: &Arc<World>,
    mut why: String,
    mut script: Script,
) -> (String, Script) {
    let mut place = 0;
    while place < script.0.len() {
        let mut without = script.clone();
        without.0.remove(place);
        match play(handle, world, &without) {
            Ok(()) => place += 1,
            Err(other) => (why, script, place) = (other, without, 0),
        }
    }
    (why, script)
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

/// Once, for nothing of a sequence has a part in it.
async fn templates_are_listed_as_the_model_lists_them(t: Tenure) {
    let world = World::new(&t).await;
    let token = t.internal(Role::Reader).await;
    for groups in ["", "mood", "custom activity nope", "nope"] {
        for (include_low_priority, page_size) in [(false, 3), (true, 20), (true, 100)] {
            let agreed = world.templates(&token, groups, include_low_priority, page_size);
            agreed.await.unwrap_or_else(|why| panic!("{why}"));
        }
    }
}

//! A writer that pauses between its check and its write, while ownership moves.

use super::{Case, Fence, Outcome, always_asking, not_owner, refusal, steps};
use crate::harness::{Tenure, on_both_engines};
use std::sync::{Arc, Mutex};
use tenure::client::{Freshness, GuardOptions, Question, Verdict, Written};
use tokio::{sync::Semaphore, task::JoinHandle};

on_both_engines! {
    a_write_under_an_old_generation_is_refused_and_done_under_the_new_one,
    a_write_under_an_old_generation_names_who_owns_it_now,
    a_raised_fence_stops_what_nobody_wrote_over,
    what_no_fence_stops,
    a_generation_that_is_over_is_told,
}

/// What a paused write and its test share.
struct Gate {
    case: Case,
    value: i64,
    reached: Semaphore,
    opened: Semaphore,
    tried: Mutex<Vec<(i64, Written)>>,
}

impl Gate {
    async fn pass(&self, fence: Fence) -> Written {
        self.reached.add_permits(1);
        self.opened.acquire().await.unwrap().forget();
        let written = self.case.values.write(fence, self.value).await;
        self.tried.lock().unwrap().push((fence.generation, written));
        written
    }
}

/// A write of oura's that waits before it reaches the table.
struct Paused {
    gate: Arc<Gate>,
    outcome: JoinHandle<Outcome>,
}

impl std::ops::Deref for Paused {
    type Target = Case;
    fn deref(&self) -> &Case {
        &self.gate.case
    }
}

impl Paused {
    /// Comes back once the write has the fence of generation 1, and waits.
    async fn before_writing(t: Tenure, value: i64) -> Self {
        let case = Case::new(t).await;
        case.acquire("oura").await;
        let guard = case.guard(GuardOptions::default()).await;
        let gate = Arc::new(Gate {
            case,
            value,
            reached: Semaphore::new(0),
            opened: Semaphore::new(0),
            tried: Mutex::default(),
        });
        let shared = Arc::clone(&gate);
        let outcome = tokio::spawn(async move {
            let shared = &*shared;
            let write = |fence| async move { Ok(shared.pass(fence).await) };
            guard.write(&steps("oura"), write).await
        });
        gate.reached.acquire().await.unwrap().forget();
        Self { gate, outcome }
    }

    /// Lets it go on: under which generations it was tried, and what came of that.
    async fn go_on(self) -> (Vec<(i64, Written)>, Outcome, Arc<Gate>) {
        // Twice at most: the pause, and the second run.
        self.gate.opened.add_permits(2);
        let outcome = self.outcome.await.unwrap();
        let tried = self.gate.tried.lock().unwrap().clone();
        (tried, outcome, self.gate)
    }
}

async fn a_write_under_an_old_generation_is_refused_and_done_under_the_new_one(t: Tenure) {
    let paused = Paused::before_writing(t, 1000).await;
    paused.acquire("withings").await;
    let withings = paused.guard(GuardOptions::default()).await;
    let written = paused.write(&withings, "withings", 9000).await.unwrap();
    assert_eq!(written.generation, 2);
    paused.acquire("oura").await;
    let (tried, outcome, gate) = paused.go_on().await;
    assert_eq!(tried, [(1, Written::Fenced), (3, Written::Done)]);
    assert_eq!(outcome.unwrap().generation, 3);
    assert_eq!(gate.case.values.value().await, Some(1000));
}

async fn a_write_under_an_old_generation_names_who_owns_it_now(t: Tenure) {
    let paused = Paused::before_writing(t, 1000).await;
    paused.acquire("withings").await;
    let withings = paused.guard(GuardOptions::default()).await;
    paused.write(&withings, "withings", 9000).await.unwrap();
    let (tried, outcome, gate) = paused.go_on().await;
    assert_eq!(tried, [(1, Written::Fenced)]);
    assert_eq!(refusal(outcome), not_owner(Some("withings")));
    assert_eq!(gate.case.values.value().await, Some(9000));
}

async fn a_raised_fence_stops_what_nobody_wrote_over(t: Tenure) {
    let paused = Paused::before_writing(t, 1000).await;
    paused.acquire("withings").await;
    paused.values.raise(2).await;
    let (tried, outcome, gate) = paused.go_on().await;
    assert_eq!(tried, [(1, Written::Fenced)]);
    assert_eq!(refusal(outcome), not_owner(Some("withings")));
    assert_eq!(gate.case.values.value().await, None);
}

/// The page says so: nobody wrote, nobody raised the fence.
async fn what_no_fence_stops(t: Tenure) {
    let paused = Paused::before_writing(t, 1000).await;
    paused.acquire("withings").await;
    let (tried, outcome, gate) = paused.go_on().await;
    assert_eq!(tried, [(1, Written::Done)]);
    assert_eq!(outcome.unwrap().generation, 1);
    let case = &gate.case;
    let guard = case.guard(always_asking()).await;
    case.write(&guard, "withings", 9000).await.unwrap();
    assert_eq!(case.values.value().await, Some(9000));
    let late = case.write(&guard, "oura", 1000).await;
    assert_eq!(refusal(late), not_owner(Some("withings")));
}

/// What a writer asks that checks while it holds the row.
async fn a_generation_that_is_over_is_told(t: Tenure) {
    let case = Case::new(t).await;
    let client = case.client().await;
    let under = |generation| Question {
        generation: Some(generation),
        ..steps("oura").into()
    };
    for service in ["oura", "withings", "oura"] {
        case.acquire(service).await;
    }
    let questions = [under(1), under(3), steps("withings").into()];
    let answers = client.check(questions, Freshness::Latest).await.unwrap();
    let verdicts: Vec<_> = answers.iter().map(|a| (a.verdict, a.generation)).collect();
    assert_eq!(
        verdicts,
        [
            (Verdict::StaleGeneration, 3),
            (Verdict::Owned, 3),
            (Verdict::NotOwner, 3)
        ]
    );
    assert!(answers.iter().all(|a| a.owner.as_deref() == Some("oura")));
}

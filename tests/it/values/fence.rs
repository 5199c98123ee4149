//! Writers that are held up while ownership moves, and many at once.

use super::{increment, set, values};
use crate::harness::{Answer, Client, Platform, Tenure, on_both_engines};
use serde_json::json;
use std::sync::Arc;
use tokio::{
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
};

on_both_engines! {
    a_writer_that_slept_while_ownership_went_and_came_back_is_refused,
    a_writer_that_slept_does_not_overwrite_a_later_owner,
    a_writer_that_is_stuck_is_given_up_and_the_next_succeeds,
}

on_both_engines! {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    increments_under_changing_ownership_add_up_to_what_was_acknowledged,
}

const DAY: &str = "2026-01-31";

/// The update of a client that has been checked, and waits for the table.
struct Held(JoinHandle<Answer>);

impl Held {
    /// Begins it while the table is locked, and waits until it has been let pass.
    async fn begin(p: &Platform, c: &Client, value: i64) -> Self {
        let before = p.checks().await;
        let c = c.clone();
        let update = tokio::spawn(async move { set(&c, "steps", DAY, value).await });
        p.checked_since(before).await;
        Self(update)
    }

    async fn end(self) -> Answer {
        self.0.await.unwrap()
    }
}

fn refused() -> (String, String) {
    (
        "unauthorised".to_owned(),
        "Attribute 'steps' does not belong to this service".to_owned(),
    )
}

async fn a_writer_that_slept_while_ownership_went_and_came_back_is_refused(t: Tenure) {
    let p = Platform::new(t).await;
    let (oura, withings) = (p.client("oura").await, p.client("withings").await);
    acquire(&oura).await;
    set(&oura, "steps", DAY, 1).await.succeeded();

    let lock = p.values.lock_table("fence").await;
    let held = Held::begin(&p, &oura, 1000).await;
    acquire(&withings).await;
    acquire(&oura).await;
    assert_eq!(p.t.owner("ada", "steps").await.1, 3);
    lock.end().await;
    // Nobody has written in between, and it owns the steps; but not since it asked.
    assert_eq!(held.end().await.failure(), refused());
    assert_eq!(values(&oura, "steps").await[0].1, 1);

    acquire(&oura).await;
    set(&oura, "steps", DAY, 1000).await.succeeded();
    assert_eq!(values(&oura, "steps").await[0].1, 1000);
    let generations = "select generation from stored";
    assert_eq!(p.values.numbers(generations).await, [3]);
}

async fn a_writer_that_slept_does_not_overwrite_a_later_owner(t: Tenure) {
    let p = Platform::new(t).await;
    let (oura, withings) = (p.client("oura").await, p.client("withings").await);
    acquire(&oura).await;

    let lock = p.values.lock_table("fence").await;
    let held = Held::begin(&p, &oura, 1000).await;
    acquire(&withings).await;
    let later = Held::begin(&p, &withings, 9000).await;
    lock.end().await;
    assert_eq!(held.end().await.failure(), refused());
    later.end().await.succeeded();
    assert_eq!(values(&withings, "steps").await[0].1, 9000);

    let late = set(&oura, "steps", DAY, 1000).await;
    assert_eq!(late.failure(), refused());
    acquire(&oura).await;
    set(&oura, "steps", DAY, 1000).await.succeeded();
    assert_eq!(values(&oura, "steps").await[0].1, 1000);
}

async fn a_writer_that_is_stuck_is_given_up_and_the_next_succeeds(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    acquire(&c).await;
    let lock = p.values.lock_table("fence").await;
    let stuck: JoinSet<_> = (0..10)
        .map(|number| {
            let c = c.clone();
            async move { set(&c, "steps", DAY, number).await }
        })
        .collect();
    for answer in stuck.join_all().await {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.header("retry-after"), "1");
    }
    lock.end().await;
    set(&c, "steps", DAY, 1).await.succeeded();
}

/// How many are answered before ownership moves again.
const BETWEEN_MOVES: u32 = 16;

async fn increments_under_changing_ownership_add_up_to_what_was_acknowledged(t: Tenure) {
    let p = Platform::new(t).await;
    let clients = [p.client("oura").await, p.client("withings").await];
    let (mut sum, mut done, mut refusals) = (0, 0, 0);
    // Until there was enough of both, whatever the machine is like.
    for round in 0.. {
        assert!(round < 20, "{done} done, {refusals} refused");
        for (added, answer) in many_at_once(&clients).await {
            let failed = answer.failed();
            if let [failed] = failed.as_slice() {
                assert_eq!(failed.1, "unauthorised", "{answer:?}");
                refusals += 1;
            } else {
                assert_eq!(answer.status, 200, "{answer:?}");
                sum += added;
                done += 1;
            }
        }
        if done >= 64 && refusals >= 16 {
            break;
        }
    }
    let stored = p.values.numbers("select cast(value as bigint) from stored");
    assert_eq!(stored.await, [sum]);
}

/// 64 increments at once by both services, while the steps go from one to the other: what each was to add, and its
/// answer.
async fn many_at_once(clients: &[Client; 2]) -> Vec<(i64, Answer)> {
    let (answered, movers) = (Arc::new(Semaphore::new(0)), clients.clone());
    acquire(&clients[0]).await;
    let counted = Arc::clone(&answered);
    let moving = tokio::spawn(async move {
        for client in movers.iter().rev().cycle() {
            counted.acquire_many(BETWEEN_MOVES).await.unwrap().forget();
            acquire(client).await;
        }
    });
    let mut writers = JoinSet::new();
    for number in 1..=64 {
        let c = clients[usize::from(number % 2 == 0)].clone();
        let answered = Arc::clone(&answered);
        writers.spawn(async move {
            let item = json!({"name":"steps","date":DAY,"value":number});
            let answer = increment(&c, json!([item])).await;
            answered.add_permits(1);
            (number, answer)
        });
    }
    let answers = writers.join_all().await;
    moving.abort();
    answers
}

async fn acquire(c: &Client) {
    let steps = json!([{"template":"steps"}]);
    c.acquire(steps).await.succeeded();
}

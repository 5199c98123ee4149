//! Many at once: one owner after the other, never two, and nobody is refused for being one of many.

use crate::harness::{Client, Tenure, config, on_both_engines};
use serde_json::json;
use tenure::app::App;
use tokio_util::sync::CancellationToken;

on_both_engines! {
    racing_acquires_and_releases_are_one_after_the_other,
    two_instances_on_one_database_do_not_lose_a_change,
}

const OWNERS: &str = "select generation from event where attribute = 'steps' and cause not in
                      ('CREATED', 'ACTIVATED', 'DEACTIVATED', 'MANUAL_CHANGED') order by revision, number";

/// Events whose `from` is not the `to` of the one before: the previous owner would have been two.
const BREAKS: &str = "select count(*) from event b join event a on a.user_id = b.user_id
                      and a.attribute = b.attribute and a.generation = b.generation - 1
                      and a.cause not in ('ACTIVATED', 'DEACTIVATED', 'MANUAL_CHANGED')
                      where b.attribute = 'steps' and b.generation > 1
                      and coalesce(a.to_owner, '') <> coalesce(b.from_owner, '')";

async fn check(t: &Tenure, changes: usize) {
    let generations = t.database.numbers(OWNERS).await;
    let without_a_gap: Vec<i64> = (1..).take(generations.len()).collect();
    assert_eq!(generations, without_a_gap);
    assert!(generations.len() >= changes, "{generations:?}");
    assert_eq!(t.database.numbers(BREAKS).await, [0]);
    assert_eq!(
        t.owner("ada", "steps").await.1,
        generations[generations.len() - 1]
    );
}

async fn racing_acquires_and_releases_are_one_after_the_other(t: Tenure) {
    let mut racing = Vec::new();
    for service in ["test500", "oura", "withings", "zz_first"] {
        let client = t.usual("ada", service).await;
        for round in 0..16 {
            let client = client.clone();
            racing.push(tokio::spawn(async move {
                if round % 4 == 3 {
                    client.release(json!([{"name":"steps"}])).await.status
                } else {
                    client.acquire(json!([{"template":"steps"}])).await.status
                }
            }));
        }
    }
    for one in racing {
        let status = one.await.unwrap();
        assert!(matches!(status, 200 | 202), "{status}");
    }
    check(&t, 4).await;
}

async fn two_instances_on_one_database_do_not_lose_a_change(t: Tenure) {
    let (first, second) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    let other = App::build(config(&t.database)).await.unwrap();
    let second = Client::new(other.addresses(), second.token);
    let stop = CancellationToken::new();
    let running = tokio::spawn(other.run(stop.clone()));
    // Each takes it from the other, as fast as it can: an answer of 200 is one change at least, or its own already.
    let take = async |client: Client| {
        let mut statuses = Vec::new();
        for _ in 0..20 {
            statuses.push(client.acquire(json!([{"template":"steps"}])).await.status);
        }
        statuses
    };
    let (a, b) = tokio::join!(take(first), take(second));
    // The documented answer to too many lost races is 503: it must be rare, and change nothing.
    let answered = a.iter().chain(&b).filter(|status| **status == 200).count();
    assert!(
        a.iter().chain(&b).all(|status| matches!(status, 200 | 503)),
        "{a:?} {b:?}"
    );
    assert!(answered >= 36, "{a:?} {b:?}");
    check(&t, 2).await;
    stop.cancel();
    running.await.unwrap().unwrap();
}

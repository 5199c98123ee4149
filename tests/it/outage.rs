//! When the database does not answer, or others are always first: 503, 504, and nothing half done.

use crate::{
    account::{ada, facts, owner, refused},
    harness::{Database, Tenure, cached, item, on_both_engines},
};
use serde_json::json;
use std::time::Duration;
use tenure::app::Config;
use tonic::Code;

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(300);

on_both_engines! { with super::short_requests: a_request_over_the_time_limit_is_504 }
on_both_engines! { with super::short_waits: a_store_out_of_reach_is_503_and_recovers }
on_both_engines! { too_many_lost_races_are_503 }
on_both_engines! { with super::short_waits: users_decide_nothing_without_the_store_and_then_may_again }

#[tokio::test]
async fn what_internal_services_ask_is_unavailable_without_the_database_and_recovers() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let t = Tenure::start_with(database, short_waits).await;
    let (inside, oura) = (t.inside().await, t.usual("ada", "oura").await);
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    let steps = || vec![item("ada", "steps", "oura")];
    let begin = inside.watch_all().await.cursor;
    let from_memory = || inside.check(steps(), cached(LONG));
    while from_memory().await.unwrap().age.is_none() {}
    let outage = t.database.outage().await;
    // Memory answers for as long as it is trusted, and then nobody does.
    let unavailable = loop {
        match inside.check(steps(), cached(SHORT)).await {
            Ok(answer) => assert!(answer.age.is_some(), "{answer:?}"),
            Err(status) => break status,
        }
    };
    assert_eq!(unavailable.code(), Code::Unavailable);
    for status in [
        inside.check(steps(), None).await.unwrap_err(),
        inside.watch_from(&begin).await.err().unwrap(),
        inside.introspect(&oura.token).await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    }
    outage.end().await;
    while inside.check(steps(), None).await.is_err() {}
    oura.release(json!([{"name":"steps"}])).await.succeeded();
    let mut watch = loop {
        if let Ok(watch) = inside.watch_from(&begin).await {
            break watch;
        }
    };
    while watch.event().await.generation != 2 {}
}

/// The database may take longer than a request.
fn short_requests(config: &mut Config) {
    config.storage.acquire_timeout = LONG;
    config.grpc.request_timeout = SHORT;
    config.gateway.request_timeout = SHORT;
}

/// A request may take longer than the database.
fn short_waits(config: &mut Config) {
    config.storage.acquire_timeout = SHORT;
    config.grpc.request_timeout = LONG;
    config.gateway.request_timeout = LONG;
}

async fn a_request_over_the_time_limit_is_504(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let lock = t.database.lock().await;
    let answer = c.acquire(json!([{"template":"mood"}])).await;
    assert_eq!(answer.status, 504, "{answer:?}");
    assert_ne!(answer.detail(), "");
    lock.end().await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    assert_eq!(t.owner("ada", "mood").await.1, 1);
}

async fn too_many_lost_races_are_503(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    // Whoever commits finds that somebody else was first.
    let always_lost = if t.database.is_postgres() {
        "create function lose() returns trigger language plpgsql as 'begin return null; end';
         create trigger lose before update on user_revision for each row execute function lose()"
    } else {
        "create trigger lose before update on user_revision begin select raise(ignore); end"
    };
    t.database.run(always_lost).await;
    let before = t.snapshot("ada").await;
    for answer in [
        c.acquire(json!([{"template":"mood"}])).await,
        c.acquire(json!([{"template":"mood"},{}])).await,
    ] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        assert_ne!(answer.detail(), "");
    }
    assert_eq!(t.snapshot("ada").await, before);
    let on = if t.database.is_postgres() {
        " on user_revision"
    } else {
        ""
    };
    t.database.run(&format!("drop trigger lose{on}")).await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
}

async fn a_store_out_of_reach_is_503_and_recovers(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let written = "select count(*) from event";
    let before = t.database.numbers(written).await;
    let outage = t.database.outage().await;
    for answer in [
        c.acquire(json!([{"template":"mood"}])).await,
        c.acquire(json!([{"template":"mood"}])).await,
    ] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        assert!(!answer.text.contains("success"), "{answer:?}");
    }
    outage.end().await;
    assert_eq!(t.database.numbers(written).await, before);
    // Connections that were lost may show it once each, and no request is answered 200 for nothing.
    let first = async {
        loop {
            let answer = c.acquire(json!([{"template":"mood"}])).await;
            if answer.status != 503 {
                break answer;
            }
        }
    };
    tokio::time::timeout(LONG, first).await.unwrap().succeeded();
    assert_ne!(t.database.numbers(written).await, before);
    assert_eq!(t.owner("ada", "mood").await.1, 1);
}

async fn users_decide_nothing_without_the_store_and_then_may_again(t: Tenure) {
    let (user, _) = ada(&t).await;
    let outage = t.database.outage().await;
    for answer in [
        user.gives("steps", "oura").await,
        user.switches("steps", false, "").await,
        user.pins("steps", true, "").await,
        user.ranks("steps", &["withings"], "").await,
    ] {
        refused(answer, Code::Unavailable, "STORE_UNAVAILABLE");
    }
    outage.end().await;
    while user.gives("steps", "oura").await.is_err() {}
    let seen = user.sees("steps").await;
    assert_eq!(
        (owner(&seen), facts(&seen)),
        ("oura", (2, true, false, false))
    );
    assert_eq!(seen.succession.len(), 0);
}

//! What becomes visible late, other instances, readers that come and go, and the end of an instance.

use super::{key, metadata};
use crate::{
    check::reason,
    harness::{Beside, Client, Database, Tenure, cached, item, on_both_engines},
};
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::{collections::BTreeSet, time::Duration};
use tenure::proto::{Verdict, WatchOwnershipRequest};
use tonic::Code;

on_both_engines! {
    a_change_through_another_instance_is_told,
    readers_that_come_and_go_miss_nothing_and_see_nothing_twice,
    an_instance_that_stops_ends_its_watches_and_says_where_to_go_on,
}

async fn a_change_through_another_instance_is_told(t: Tenure) {
    let oura = t.usual("ada", "oura").await;
    let other = Beside::start(&t).await;
    let there_oura = Client::new(other.addresses, oura.token.clone());
    let mut here = t.inside().await.watch_all().await;
    let mut there = other.inside.watch_all().await;
    for client in [&oura, &there_oura] {
        client
            .acquire(json!([{"template":"steps"}]))
            .await
            .succeeded();
        client.release(json!([{"name":"steps"}])).await.succeeded();
    }
    let told = here.events(5).await;
    assert_eq!(there.events(5).await, told);
    // A cursor is good at any instance.
    let mut resumed = t.inside().await.watch_from(&there.cursor).await.unwrap();
    there_oura
        .acquire(json!([{"name":"steps"}]))
        .await
        .succeeded();
    assert_eq!(resumed.event().await.generation, 5);
}

async fn readers_that_come_and_go_miss_nothing_and_see_nothing_twice(t: Tenure) {
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let graces = t.usual("grace", "oura").await;
    let other = Beside::start(&t).await;
    let there_oura = Client::new(other.addresses, oura.token.clone());
    let instances = [t.inside().await, other.inside.clone()];
    let begin = instances[0].watch_all().await.cursor;
    let rounds = 150;
    let change = async {
        let templates = json!([{"template":"steps"},{"template":"weight"}]);
        for round in 0..rounds {
            let client = [&oura, &withings, &there_oura, &withings][round % 4];
            client.acquire(templates.clone()).await.succeeded();
            graces.acquire(templates.clone()).await.succeeded();
            graces
                .release(json!([{"name":"steps"},{"name":"weight"}]))
                .await
                .succeeded();
        }
    };
    // Creations, acquisitions of both users, releases.
    let count = 4 + 2 * 3 * rounds;
    let read = |reader: u64| {
        let (instances, mut cursor) = (&instances, begin.clone());
        async move {
            let (mut told, mut state) = (Vec::new(), reader + 1);
            while told.len() < count {
                // As long a stay as comes up, now at this instance and now at the other.
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let stay = usize::try_from(state >> 33).unwrap() % 40 + 1;
                let instance = &instances[usize::try_from(state >> 40).unwrap() % 2];
                let mut watch = instance.watch_from(&cursor).await.unwrap();
                told.extend(watch.events(stay.min(count - told.len())).await);
                cursor = watch.cursor;
            }
            told
        }
    };
    let ((), first, second, third) = tokio::join!(change, read(0), read(1), read(2));
    for told in [&first, &second, &third] {
        let keys: BTreeSet<_> = told.iter().map(key).collect();
        assert_eq!(keys.len(), count, "none comes twice");
        for user in ["ada", "grace"] {
            let of_user: Vec<_> = told.iter().filter(|e| e.user == user).cloned().collect();
            assert_eq!(of_user, instances[0].all_events(user).await);
        }
    }
    assert_eq!(first, second);
    assert_eq!(first, third);
}

/// An event of a transaction that stays open for as long as the connection is not told otherwise.
async fn begin_late(database: &Database) -> PgConnection {
    let mut connection = PgConnection::connect(&database.url()).await.unwrap();
    let late = "begin;
        insert into user_revision (user_id, revision) values ('late', 1);
        insert into event (user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
                           pinned, cause, actor, request_id, at)
        values ('late', 1, 0, 'steps', null, 'oura', 1, true, false, false, 'ACQUIRED', 'service:oura', 'r', now())";
    connection.execute(late).await.unwrap();
    connection
}

#[tokio::test]
async fn what_becomes_visible_late_is_not_passed_over() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let t = Tenure::start(database).await;
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let begin = inside.watch_all().await.cursor;
    let mut watch = inside
        .watch(WatchOwnershipRequest {
            heartbeat: Some(prost_types::Duration {
                seconds: 1,
                nanos: 0,
            }),
            ..WatchOwnershipRequest::default()
        })
        .await
        .unwrap();
    // Memory knows that nobody owns it, and cannot learn more for now.
    let steps = || item("ada", "steps", "withings");
    inside
        .check_one(steps(), cached(Duration::from_mins(1)))
        .await;
    let mut late = begin_late(&t.database).await;
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    withings
        .acquire(json!([{"name":"steps"}]))
        .await
        .succeeded();

    // What came after the open transaction is held back, and the place that a heartbeat tells is before it.
    let heartbeat = watch.message().await.unwrap();
    assert_eq!(heartbeat.event, None);
    // A memory that is kept from learning is not asked.
    let answer = inside
        .check(vec![steps()], cached(Duration::from_millis(500)))
        .await;
    let answer = answer.unwrap();
    assert_eq!(
        (answer.results[0].verdict(), answer.age),
        (Verdict::Owned, None)
    );

    late.execute("commit").await.unwrap();
    let told = watch.events(4).await;
    let users: Vec<_> = told.iter().map(|e| e.user.as_str()).collect();
    assert_eq!(users, ["late", "ada", "ada", "ada"]);
    for cursor in [begin, heartbeat.cursor] {
        let mut resumed = inside.watch_from(&cursor).await.unwrap();
        assert_eq!(resumed.events(4).await, told);
    }
}

async fn an_instance_that_stops_ends_its_watches_and_says_where_to_go_on(t: Tenure) {
    let oura = t.usual("ada", "oura").await;
    let mut other = Beside::start(&t).await;
    let mut watches = Vec::new();
    for _ in 0..20 {
        watches.push(other.inside.watch_all().await);
    }
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    for watch in &mut watches {
        watch.events(2).await;
    }
    other.stop();
    for mut watch in watches {
        let status = watch.end().await;
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(reason(&status), "SHUTTING_DOWN");
        let cursor = metadata(&status, "cursor");
        t.inside().await.watch_from(&cursor).await.unwrap();
    }
    // Open watches do not hold the drain up.
    let stopped = tokio::time::timeout(Duration::from_secs(4), &mut other.running).await;
    stopped.unwrap().unwrap().unwrap();
}

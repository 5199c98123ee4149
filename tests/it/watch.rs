//! Watches: what has happened since, then what happens; nothing missed, nothing twice.

mod order;
mod retention;
mod silence;
mod token;

use crate::{
    check::reason,
    harness::{Tenure, on_both_engines},
};
use serde_json::json;
use std::{collections::BTreeSet, time::Instant};
use tenure::proto::{Cause, OwnershipEvent, WatchOwnershipRequest, watch_ownership_request::After};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

on_both_engines! {
    a_watch_tells_what_happens_from_now_on,
    a_watch_of_a_user_tells_what_happened_after_a_revision,
    a_watch_goes_on_after_a_cursor,
    a_watch_is_filtered_by_user_service_and_attribute,
    a_silent_watch_gives_heartbeats_whose_cursor_goes_on,
    what_is_wrong_with_a_watch_is_told_field_by_field,
    a_cursor_from_beyond_the_end_is_refused,
    a_long_past_comes_in_order_and_joins_what_happens,
}

on_both_engines! { with super::short_of_room: a_reader_that_falls_behind_is_ended_and_resumes }

fn short_of_room(config: &mut tenure::app::Config) {
    config.watch_buffer = 4;
}

/// What tells events from each other.
pub fn key(event: &OwnershipEvent) -> (String, i64, i32) {
    (event.user.clone(), event.revision, event.number)
}

/// What the error says of how to go on.
pub fn metadata(status: &Status, key: &str) -> String {
    status.get_details_error_info().unwrap().metadata[key].clone()
}

async fn a_watch_tells_what_happens_from_now_on(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    oura.acquire(json!([{"template":"weight"}]))
        .await
        .succeeded();
    let mut watch = inside.watch_all().await;
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    withings
        .acquire(json!([{"name":"steps"}]))
        .await
        .succeeded();
    let mut events = watch.events(3).await;
    // What was written just before may be among it, while others write too.
    while events[0].attribute == "weight" {
        events.remove(0);
        events.push(watch.event().await);
    }
    let told: Vec<_> = events
        .iter()
        .map(|e| {
            (
                e.attribute.as_str(),
                e.cause(),
                e.from.as_deref(),
                e.to.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("steps", Cause::Created, None, None),
            ("steps", Cause::Acquired, None, Some("oura")),
            ("steps", Cause::Taken, Some("oura"), Some("withings")),
        ]
    );
    let last = &events[2];
    assert_eq!(
        (last.user.as_str(), last.generation, last.active),
        ("ada", 2, true)
    );
    assert_eq!(last.actor, "service:withings");
    assert_eq!(inside.all_events("ada").await[2..], events);
}

async fn a_watch_of_a_user_tells_what_happened_after_a_revision(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("grace", "withings").await,
    );
    for template in ["steps", "weight", "sleep"] {
        oura.acquire(json!([{"template":template}]))
            .await
            .succeeded();
        withings
            .acquire(json!([{"template":template}]))
            .await
            .succeeded();
    }
    let all = inside.all_events("ada").await;
    for revision in [0, 2, 3, 4, 100] {
        let mut watch = inside
            .watch(WatchOwnershipRequest {
                user: "ada".to_owned(),
                after: Some(After::Revision(revision)),
                ..WatchOwnershipRequest::default()
            })
            .await
            .unwrap();
        let expected: Vec<_> = all
            .iter()
            .filter(|e| e.revision > revision)
            .cloned()
            .collect();
        assert_eq!(watch.events(expected.len()).await, expected, "{revision}");
    }
}

async fn a_watch_goes_on_after_a_cursor(t: Tenure) {
    let inside = t.inside().await;
    let oura = t.usual("ada", "oura").await;
    let mut watch = inside.watch_all().await;
    let begin = watch.cursor.clone();
    let templates = ["steps", "weight", "sleep", "mood", "floors"];
    for template in templates {
        oura.acquire(json!([{"template":template}]))
            .await
            .succeeded();
    }
    let events = watch.events(10).await;
    // From each place in it the rest comes, and nothing else.
    let mut cursor = begin;
    for event in events {
        let mut resumed = inside.watch_from(&cursor).await.unwrap();
        assert_eq!(resumed.event().await, event);
        cursor = resumed.cursor;
    }
    let mut resumed = inside.watch_from(&cursor).await.unwrap();
    oura.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(resumed.event().await.cause(), Cause::Released);
}

async fn a_watch_is_filtered_by_user_service_and_attribute(t: Tenure) {
    let inside = t.inside().await;
    let begin = inside.watch_all().await.cursor;
    for user in ["ada", "grace"] {
        let (oura, withings) = (t.usual(user, "oura").await, t.usual(user, "withings").await);
        oura.acquire(json!([{"template":"steps"},{"template":"weight"}]))
            .await
            .succeeded();
        withings
            .acquire(json!([{"name":"steps"}]))
            .await
            .succeeded();
    }
    let all = inside.watch_from(&begin).await.unwrap().events(10).await;
    let request = || WatchOwnershipRequest {
        after: Some(After::Cursor(begin.clone())),
        ..WatchOwnershipRequest::default()
    };
    let steps = WatchOwnershipRequest {
        attributes: vec!["steps".to_owned()],
        ..request()
    };
    let withings = WatchOwnershipRequest {
        services: vec!["withings".to_owned(), "nobody".to_owned()],
        ..request()
    };
    let all_of_grace = WatchOwnershipRequest {
        user: "grace".to_owned(),
        ..request()
    };
    let is_withings = |e: &&OwnershipEvent| {
        [&e.from, &e.to]
            .into_iter()
            .flatten()
            .any(|owner| owner == "withings")
    };
    let cases: [(_, Vec<_>); 3] = [
        (
            steps,
            all.iter().filter(|e| e.attribute == "steps").collect(),
        ),
        (withings, all.iter().filter(is_withings).collect()),
        (
            all_of_grace,
            all.iter().filter(|e| e.user == "grace").collect(),
        ),
    ];
    for (request, expected) in cases {
        let mut watch = inside.watch(request).await.unwrap();
        let told = watch.events(expected.len()).await;
        assert_eq!(told.iter().collect::<Vec<_>>(), expected);
    }
}

async fn a_silent_watch_gives_heartbeats_whose_cursor_goes_on(t: Tenure) {
    let inside = t.inside().await;
    let oura = t.usual("ada", "oura").await;
    let request = WatchOwnershipRequest {
        user: "grace".to_owned(),
        heartbeat: Some(prost_types::Duration {
            seconds: 1,
            nanos: 0,
        }),
        ..WatchOwnershipRequest::default()
    };
    let mut watch = inside.watch(request).await.unwrap();
    let (begin, started) = (watch.cursor.clone(), Instant::now());
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    // What is not asked for moves the cursor on.
    let heartbeat = watch.message().await.unwrap();
    assert!(
        started.elapsed().as_millis() >= 900,
        "{:?}",
        started.elapsed()
    );
    assert_eq!(heartbeat.event, None);
    assert_ne!(heartbeat.cursor, begin);
    oura.acquire(json!([{"template":"mood"}])).await.succeeded();
    let mut resumed = inside.watch_from(&heartbeat.cursor).await.unwrap();
    assert_eq!(resumed.event().await.attribute, "mood");
}

async fn what_is_wrong_with_a_watch_is_told_field_by_field(t: Tenure) {
    let inside = t.inside().await;
    let request = WatchOwnershipRequest {
        user: "a\nb".to_owned(),
        after: Some(After::Revision(1)),
        services: vec!["oura".to_owned(), "no service".to_owned()],
        attributes: vec!["No".to_owned()],
        heartbeat: Some(prost_types::Duration {
            seconds: 0,
            nanos: 1,
        }),
    };
    let status = inside.watch(request).await.err().unwrap();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_details_bad_request().unwrap().field_violations;
    let fields: BTreeSet<_> = details.into_iter().map(|v| v.field).collect();
    let expected = [
        "user",
        "revision",
        "services[1]",
        "attributes[0]",
        "heartbeat",
    ];
    assert_eq!(fields, expected.map(str::to_owned).into());
    for cursor in ["", "x", "AAAA"] {
        let status = inside.watch_from(cursor).await.err().unwrap();
        let details = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(details[0].field, "cursor");
    }
}

async fn a_cursor_from_beyond_the_end_is_refused(t: Tenure) {
    use tenure::domain::ledger::{Cursor, Position};
    let inside = t.inside().await;
    let beyond = Cursor::complete(Position::before(i64::MAX)).to_string();
    let status = inside.watch_from(&beyond).await.err().unwrap();
    assert_eq!(status.code(), Code::OutOfRange);
    assert_eq!(reason(&status), "UNKNOWN_CURSOR");
}

async fn a_long_past_comes_in_order_and_joins_what_happens(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let begin = inside.watch_all().await.cursor;
    let templates: Vec<_> = [
        "steps",
        "weight",
        "sleep",
        "mood",
        "floors",
        "steps_distance",
    ]
    .map(|template| json!({"template":template}))
    .into();
    let rounds = 120;
    for round in 0..rounds {
        let client = if round % 2 == 0 { &oura } else { &withings };
        client.acquire(json!(templates)).await.succeeded();
    }
    let mut watch = inside.watch_from(&begin).await.unwrap();
    let go_on = async {
        for round in rounds..2 * rounds {
            let client = if round % 2 == 0 { &oura } else { &withings };
            client.acquire(json!(templates)).await.succeeded();
        }
    };
    // As many acquisitions, and the creations.
    let count = templates.len() * (2 * rounds + 1);
    let (told, ()) = tokio::join!(watch.events(count), go_on);
    assert_eq!(told, inside.all_events("ada").await);
}

async fn a_reader_that_falls_behind_is_ended_and_resumes(t: Tenure) {
    let inside = t.inside().await;
    let oura = t.usual("ada", "oura").await;
    let request = WatchOwnershipRequest {
        heartbeat: Some(prost_types::Duration {
            seconds: 1,
            nanos: 0,
        }),
        ..WatchOwnershipRequest::default()
    };
    let mut watch = inside.watch(request).await.unwrap();
    // With a heartbeat it has read the past: what comes now it has to hear.
    assert_eq!(watch.message().await.unwrap().event, None);
    let templates = [
        "steps",
        "weight",
        "sleep",
        "mood",
        "floors",
        "steps_distance",
    ];
    let templates = templates.map(|template| json!({"template":template}));
    // One change, which is told without a pause, and is more than is kept for it.
    oura.acquire(json!(templates)).await.succeeded();
    let all = inside.all_events("ada").await;
    let (mut told, mut ends) = (Vec::new(), 0);
    // More than once if others on the server hold the feed up: what they let go comes at once.
    while told.len() < all.len() {
        match watch.message().await {
            Ok(message) => told.extend(message.event),
            Err(status) => {
                assert_eq!(status.code(), Code::ResourceExhausted);
                assert_eq!(reason(&status), "WATCH_TOO_SLOW");
                let cursor = metadata(&status, "cursor");
                watch = inside.watch_from(&cursor).await.unwrap();
                ends += 1;
            }
        }
    }
    assert_ne!(ends, 0);
    assert_eq!(told, all);
}

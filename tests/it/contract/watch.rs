//! Watching: `GET /api/2/attributes/ownership/watch/`.

use crate::harness::{Client, Opened, Tenure, on_both_engines};
use http::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tenure::{
    app::Config,
    domain::ledger::{Cursor, Position},
};

const WATCH: &str = "/api/2/attributes/ownership/watch/";

on_both_engines! {
    a_watch_begins_with_a_heartbeat_and_tells_what_happens,
    lines_are_told_to_whoever_asks_for_them,
    a_reader_that_accepts_neither_form_gets_406,
    it_goes_on_from_a_revision_a_cursor_or_the_last_event,
    the_last_event_of_a_browser_wins,
    service_and_attribute_choose,
    only_an_internal_service_watches,
    what_makes_no_sense_is_400_and_named,
    a_cursor_of_elsewhere_is_410,
    from_the_beginning_it_goes_on_where_it_was_cut,
    head_is_as_get_without_the_body,
    an_instance_that_stops_ends_its_watches,
    a_token_that_is_revoked_ends_its_watches,
}
on_both_engines! { with super::impatient: a_watch_outlives_the_time_limit }

fn impatient(config: &mut Config) {
    config.gateway.request_timeout = Duration::from_millis(500);
    config.grpc.request_timeout = Duration::from_millis(500);
}

async fn watch(c: &Client, query: &str) -> Opened {
    resume(c, query, &[]).await
}

async fn resume(c: &Client, query: &str, headers: &[(&str, &str)]) -> Opened {
    let opened = c.open(&format!("{WATCH}{query}"), headers).await;
    assert_eq!(opened.head.status, 200, "{query}");
    opened
}

/// The events of the user, as the ledger has them.
async fn ledger(internal: &Client, user: &str) -> Vec<Value> {
    let path = format!("/api/2/attributes/ownership/events/?user={user}");
    let json = internal.get(&path).await.json();
    json["results"].as_array().unwrap().clone()
}

/// The next things that happen.
async fn happened(opened: &mut Opened, count: usize) -> Vec<Value> {
    let mut told = Vec::new();
    for _ in 0..count {
        told.push(opened.happened().await.data);
    }
    told
}

async fn acquire(c: &Client, template: &str) {
    let items = json!([{"template":template}]);
    c.acquire(items).await.succeeded();
}

async fn a_watch_begins_with_a_heartbeat_and_tells_what_happens(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    acquire(&c, "mood").await;
    let internal = t.reader().await;
    for query in ["", "?user=ada"] {
        let mut opened = watch(&internal, query).await;
        assert_eq!(opened.header("content-type"), "text/event-stream");
        assert_eq!(opened.header("cache-control"), "no-store");
        assert_eq!(opened.header("x-accel-buffering"), "no");
        let first = opened.told().await;
        assert_eq!(
            (first.event.as_str(), &first.data),
            ("heartbeat", &json!({}))
        );
        assert_ne!(first.id, "");
        let before = ledger(&internal, "ada").await.len();
        c.release(json!([{"name":"mood"}])).await.succeeded();
        acquire(&c, "mood").await;
        let told = opened.happened().await;
        assert_eq!(told.event, "ownership");
        assert_ne!(told.id, first.id);
        let all = ledger(&internal, "ada").await;
        // While others write, the beginning may be a moment ago, but it is never later than now.
        let start = all.iter().position(|event| *event == told.data).unwrap();
        assert!(start <= before && before < all.len(), "{start} {before}");
        let rest = &all[start + 1..];
        assert_eq!(happened(&mut opened, rest.len()).await, rest);
    }
}

async fn lines_are_told_to_whoever_asks_for_them(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let internal = t.reader().await;
    let accept = [("accept", "application/x-ndjson")];
    let mut opened = resume(&internal, "?user=ada", &accept).await;
    assert_eq!(opened.header("content-type"), "application/x-ndjson");
    let first = opened.line().await;
    let keys: Vec<_> = first.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["cursor"]);
    acquire(&c, "mood").await;
    for event in ledger(&internal, "ada").await {
        let line = opened.line().await;
        assert_eq!(line["event"], event);
        assert!(line["cursor"].is_string(), "{line}");
    }
}

async fn a_reader_that_accepts_neither_form_gets_406(t: Tenure) {
    let internal = t.reader().await;
    for accept in ["application/json", "text/html", "text/event-stream;q=0"] {
        let opened = internal.open(WATCH, &[("accept", accept)]).await;
        assert_eq!(opened.head.status, 406, "{accept}");
        assert_eq!(opened.header("content-type"), "application/json");
        assert!(opened.rest().await.contains("application/x-ndjson"));
    }
    // Who is asking comes before what is asked.
    let bad = t.with_token("bad");
    let refused = bad.open(WATCH, &[("accept", "text/html")]).await;
    assert_eq!(refused.head.status, 401);
}

async fn it_goes_on_from_a_revision_a_cursor_or_the_last_event(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for template in ["mood", "steps", "sleep"] {
        acquire(&c, template).await;
    }
    let internal = t.reader().await;
    let all = ledger(&internal, "ada").await;
    let mut from_the_start = watch(&internal, "?user=ada&revision=0").await;
    let mut cursors = Vec::new();
    for event in &all {
        let told = from_the_start.happened().await;
        assert_eq!(&told.data, event);
        cursors.push(told.id);
    }
    // After each cursor comes the next event, within a transaction too.
    for (index, cursor) in cursors.iter().enumerate() {
        for user in ["?user=ada&", "?"] {
            let mut by_cursor = watch(&internal, &format!("{user}cursor={cursor}")).await;
            let header = [("last-event-id", cursor.as_str())];
            let mut by_header = resume(&internal, user, &header).await;
            let rest = &all[index + 1..];
            assert_eq!(happened(&mut by_cursor, rest.len()).await, rest);
            assert_eq!(happened(&mut by_header, rest.len()).await, rest);
        }
    }
    let revision = &all[1]["revision"];
    let later: Vec<_> = all
        .iter()
        .filter(|event| event["revision"].as_i64() > revision.as_i64())
        .cloned()
        .collect();
    let mut after = watch(&internal, &format!("?user=ada&revision={revision}")).await;
    assert_eq!(happened(&mut after, later.len()).await, later);
}

async fn the_last_event_of_a_browser_wins(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    acquire(&c, "mood").await;
    let internal = t.reader().await;
    let mut from_the_start = watch(&internal, "?user=ada&revision=0").await;
    let first = from_the_start.happened().await;
    let second = from_the_start.happened().await;
    let query = "?user=ada&revision=0";
    let mut again = resume(&internal, query, &[("last-event-id", &first.id)]).await;
    assert_eq!(again.happened().await, second);
    // Before the first event a browser has none.
    let mut anew = resume(&internal, query, &[("last-event-id", "")]).await;
    assert_eq!(anew.happened().await, first);
}

async fn service_and_attribute_choose(t: Tenure) {
    let (c, oura) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    for template in ["mood", "steps", "sleep"] {
        acquire(&c, template).await;
    }
    acquire(&oura, "steps").await;
    let internal = t.reader().await;
    let all = ledger(&internal, "ada").await;
    let of = |wanted: &dyn Fn(&Value) -> bool| {
        let wanted = all.iter().filter(|event| wanted(event));
        wanted.cloned().collect::<Vec<_>>()
    };
    let of_oura = of(&|event| event["from"] == "oura" || event["to"] == "oura");
    let attributes = of(&|event| event["attribute"] != "mood");
    assert!(!of_oura.is_empty() && attributes.len() > of_oura.len());
    for (query, expected) in [
        ("service=oura", &of_oura),
        ("service=oura&service=withings", &of_oura),
        ("service=withings,oura", &of_oura),
        ("attribute=steps&attribute=sleep", &attributes),
        ("attribute=sleep,steps", &attributes),
        ("service=oura&attribute=sleep,steps", &of_oura),
        ("service=&attribute=", &all),
    ] {
        let mut opened = watch(&internal, &format!("?user=ada&revision=0&{query}")).await;
        let told = happened(&mut opened, expected.len()).await;
        assert_eq!(&told, expected, "{query}");
    }
}

async fn only_an_internal_service_watches(t: Tenure) {
    let client = t.usual("ada", "test500").await;
    let own = t.with_token(&t.own("ada").await);
    let bad = t.with_token("bad");
    for (client, status) in [(&client, 403), (&own, 403), (&bad, 401)] {
        // Who is asking comes before what is asked.
        for query in ["", "?user=ada", "?heartbeat=0", "?cursor=nonsense"] {
            let answer = client.get(&format!("{WATCH}{query}")).await;
            assert_eq!(answer.status, status, "{query} {answer:?}");
            assert_ne!(answer.detail(), "");
        }
    }
}

async fn what_makes_no_sense_is_400_and_named(t: Tenure) {
    let internal = t.reader().await;
    for (query, named) in [
        ("?revision=1", "revision"),
        ("?user=&revision=1", "user"),
        ("?user=ada&revision=-1", "revision"),
        ("?user=ada&revision=", "revision"),
        ("?user=ada&revision=1&cursor=x", "cursor"),
        ("?heartbeat=0", "heartbeat"),
        ("?heartbeat=3601", "heartbeat"),
        ("?heartbeat=soon", "heartbeat"),
    ] {
        let answer = internal.get(&format!("{WATCH}{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.detail().contains(named), "{answer:?}");
    }
}

async fn a_cursor_of_elsewhere_is_410(t: Tenure) {
    let internal = t.reader().await;
    let beyond = Cursor::complete(Position::before(i64::MAX)).to_string();
    let answer = internal.get(&format!("{WATCH}?cursor={beyond}")).await;
    assert_eq!(answer.status, 410, "{answer:?}");
    assert!(answer.detail().contains("cursor"), "{answer:?}");
}

async fn from_the_beginning_it_goes_on_where_it_was_cut(t: Tenure) {
    let (c, oura) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    acquire(&c, "mood").await;
    for client in [&c, &oura, &c] {
        acquire(client, "steps").await;
    }
    crate::housekeeping::pruned(&t.database, 0).await;
    let internal = t.reader().await;
    let mut kept = ledger(&internal, "ada").await;
    let mut opened = watch(&internal, "?cursor=beginning").await;
    let first = opened.happened().await;
    assert_eq!(first.data, kept.remove(0));
    let header = [("last-event-id", first.id.as_str())];
    let mut again = resume(&internal, "?cursor=beginning", &header).await;
    assert_eq!(happened(&mut again, kept.len()).await, kept);
}

async fn head_is_as_get_without_the_body(t: Tenure) {
    let internal = t.reader().await;
    let request = internal.request(Method::HEAD, WATCH);
    let head = internal.send(request.body(Vec::new()).unwrap()).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    assert_eq!(head.header("content-type"), "text/event-stream");
    let client = t.usual("ada", "test500").await;
    let request = client.request(Method::HEAD, WATCH);
    let head = client.send(request.body(Vec::new()).unwrap()).await;
    assert_eq!(head.status, 403);
}

async fn an_instance_that_stops_ends_its_watches(t: Tenure) {
    let internal = t.reader().await;
    let mut events = watch(&internal, "").await;
    let mut lines = resume(&internal, "", &[("accept", "application/x-ndjson")]).await;
    let cursor = events.told().await.id;
    let line = lines.line().await;
    // The time to drain is five seconds: nobody waits for it.
    let stopped = tokio::time::timeout(Duration::from_secs(3), t.stop());
    stopped.await.unwrap().unwrap();
    let end = events.happened().await;
    assert_eq!((end.event.as_str(), end.id.as_str()), ("error", ""));
    assert_eq!(end.data["status"], 503);
    assert_eq!(end.data["reason"], "SHUTTING_DOWN");
    assert_eq!(end.data["cursor"], cursor);
    assert_eq!(events.rest().await, "");
    let end = lines.line().await;
    assert_eq!(end["error"]["reason"], "SHUTTING_DOWN");
    assert_eq!(end["error"]["cursor"], line["cursor"]);
    assert_eq!(lines.rest().await, "");
}

async fn a_token_that_is_revoked_ends_its_watches(t: Tenure) {
    let internal = t.reader().await;
    let mut opened = watch(&internal, "").await;
    let first = opened.told().await;
    t.registry.revoke_token(&internal.token).await.unwrap();
    let end = opened.happened().await;
    assert_eq!(end.event, "error");
    assert_eq!(
        (&end.data["status"], &end.data["reason"]),
        (&json!(401), &json!("TOKEN_INVALID"))
    );
    assert_eq!(end.data["cursor"], first.id);
    assert_eq!(opened.rest().await, "");
}

async fn a_watch_outlives_the_time_limit(t: Tenure) {
    let internal = t.reader().await;
    let mut opened = watch(&internal, "?heartbeat=1").await;
    let mut cursor = String::new();
    for _ in 0..3 {
        let told = opened.told().await;
        assert_eq!(told.event, "heartbeat");
        cursor = told.id;
    }
    // What a heartbeat tells is a point to go on from.
    drop(opened);
    let c = t.usual("ada", "test500").await;
    acquire(&c, "mood").await;
    let mut again = watch(&internal, &format!("?cursor={cursor}")).await;
    let all = ledger(&internal, "ada").await;
    assert_eq!(happened(&mut again, all.len()).await, all);
}

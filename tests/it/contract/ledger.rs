//! Reading the ledger: `GET /api/2/attributes/ownership/events/`.

use crate::harness::{Answer, Client, Tenure, on_both_engines};
use serde_json::{Value, json};

const EVENTS: &str = "/api/2/attributes/ownership/events/";

on_both_engines! {
    a_client_sees_what_concerns_it,
    an_internal_service_sees_all_of_the_user_that_it_names,
    an_event_has_its_keys_in_order,
    only_a_client_or_an_internal_service_reads_it,
    parameters_choose,
    a_moment_shows_who_owned_it_then,
    pages_are_linked_and_complete_in_both_orders,
    the_limit_is_500_at_most,
    a_wrong_value_is_400_and_named,
}

async fn events(c: &Client, query: &str) -> Answer {
    let answer = c.get(&format!("{EVENTS}{query}")).await;
    assert_eq!(answer.status, 200, "{query} {answer:?}");
    answer
}

/// What happened, as `attribute CAUSE from>to`.
fn story(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let results = json["results"].as_array().unwrap().iter();
    let name = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    results
        .map(|event| {
            let (from, to) = (name(&event["from"]), name(&event["to"]));
            let (attribute, cause) = (name(&event["attribute"]), name(&event["cause"]));
            format!("{attribute} {cause} {from}>{to}")
        })
        .collect()
}

/// test500 gets the mood and the steps of ada, and oura takes the steps from it.
async fn history(t: &Tenure) -> (Client, Client) {
    let c = t.usual("ada", "test500").await;
    let other = t.usual("ada", "oura").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    other.acquire(json!([{"name":"steps"}])).await.succeeded();
    (c, other)
}

const ALL: [&str; 5] = [
    "mood CREATED ->-",
    "mood ACQUIRED ->test500",
    "steps CREATED ->-",
    "steps ACQUIRED ->test500",
    "steps TAKEN test500>oura",
];

async fn a_client_sees_what_concerns_it(t: Tenure) {
    let (c, other) = history(&t).await;
    let seen = events(&c, "").await;
    assert_eq!(story(&seen), [ALL[1], ALL[3], ALL[4]]);
    assert_eq!(story(&events(&other, "").await), [ALL[4]]);
    assert_eq!(
        story(&events(&c, "?user=ada").await),
        [ALL[1], ALL[3], ALL[4]]
    );
    // The id of another's request is that other's.
    let ids: Vec<_> = (0..3)
        .map(|index| seen.json()["results"][index]["request_id"].is_null())
        .collect();
    assert_eq!(ids, [false, false, true]);
    let grace = t.usual("grace", "test500").await;
    let nothing = events(&grace, "").await;
    assert_eq!(story(&nothing), [""; 0]);
    let of_another = grace.get(&format!("{EVENTS}?user=ada")).await;
    assert!((400..=403).contains(&of_another.status), "{of_another:?}");
}

async fn an_internal_service_sees_all_of_the_user_that_it_names(t: Tenure) {
    history(&t).await;
    let internal = t.reader().await;
    let all = events(&internal, "?user=ada").await;
    assert_eq!(story(&all), ALL);
    for event in all.json()["results"].as_array().unwrap() {
        assert_eq!(event["user"], "ada");
        assert!(event["request_id"].is_string(), "{event}");
    }
    let nobody = events(&internal, "?user=nobody").await;
    let nothing = json!({"results":[],"next":null,"revision":0,"complete_after_revision":0});
    assert_eq!(nobody.json(), nothing);
    for query in ["", "?user=", "?attribute=steps"] {
        let answer = internal.get(&format!("{EVENTS}{query}")).await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.detail().contains("user"), "{answer:?}");
    }
}

async fn an_event_has_its_keys_in_order(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let request = c.request(http::Method::POST, "/api/2/attributes/acquire/");
    let request = request.header("x-request-id", "find-me");
    let body = br#"[{"template":"mood","manual":false}]"#.to_vec();
    c.send(request.body(body).unwrap()).await.succeeded();
    let answer = events(&c, "").await;
    let revision = answer.header("x-ownership-revision");
    let (start, rest) = answer.text.split_once("\"at\":\"").unwrap();
    assert_eq!(
        start,
        format!(
            "{{\"results\":[{{\"user\":\"ada\",\"revision\":{revision},\"number\":1,\
             \"attribute\":\"mood\",\"from\":null,\"to\":\"test500\",\"generation\":1,\"active\":true,\
             \"manual\":false,\"pinned\":false,\"cause\":\"ACQUIRED\",\"actor\":\"service:test500\",\
             \"request_id\":\"find-me\","
        )
    );
    let (at, end) = rest.split_once('"').unwrap();
    assert!(at.contains('T') && at.ends_with('Z'), "{at}");
    assert_eq!(
        end,
        format!("}}],\"next\":null,\"revision\":{revision},\"complete_after_revision\":0}}")
    );
}

async fn only_a_client_or_an_internal_service_reads_it(t: Tenure) {
    let own = t.own("ada").await;
    for (token, status) in [(own.as_str(), 403), ("nonsense", 401)] {
        // Who is asking comes before what is asked.
        for query in ["", "?limit=0", "?after=x"] {
            let answer = t.with_token(token).get(&format!("{EVENTS}{query}")).await;
            assert_eq!(answer.status, status, "{query} {answer:?}");
        }
    }
}

async fn parameters_choose(t: Tenure) {
    history(&t).await;
    let internal = t.reader().await;
    let all = events(&internal, "?user=ada").await.json();
    let after = &all["results"][1]["revision"];
    let mut reversed = ALL;
    reversed.reverse();
    for (query, expected) in [
        ("attribute=steps", &ALL[2..]),
        ("attribute=nope", &[]),
        ("attribute=", &ALL),
        ("order=asc", &ALL),
        ("order=desc", &reversed),
        (&format!("after={after}"), &ALL[2..]),
        ("after=0", &ALL),
        ("after=9223372036854775807", &[]),
        (
            &format!("after={after}&order=desc&attribute=steps"),
            &reversed[..3],
        ),
        ("limit=1&order=desc", &reversed[..1]),
    ] {
        let answer = events(&internal, &format!("?user=ada&{query}")).await;
        assert_eq!(story(&answer), expected, "{query}");
    }
}

async fn a_moment_shows_who_owned_it_then(t: Tenure) {
    history(&t).await;
    let internal = t.reader().await;
    let all = events(&internal, "?user=ada").await.json();
    let at = all["results"][3]["at"].as_str().unwrap();
    let query = format!("?user=ada&attribute=steps&order=desc&limit=1&until={at}");
    assert_eq!(story(&events(&internal, &query).await), [ALL[3]]);
    let long_ago = "?user=ada&until=2000-01-01T00:00:00%2B01:00";
    assert_eq!(story(&events(&internal, long_ago).await), [""; 0]);
    let far_ahead = "?user=ada&until=9999-12-31T23:59:59Z";
    assert_eq!(story(&events(&internal, far_ahead).await), ALL);
}

async fn pages_are_linked_and_complete_in_both_orders(t: Tenure) {
    history(&t).await;
    let internal = t.reader().await;
    let mut reversed = ALL;
    reversed.reverse();
    for (order, expected) in [("asc", ALL), ("desc", reversed)] {
        let base = format!("{EVENTS}?user=ada&limit=2&order={order}");
        let (mut path, mut told, mut pages) = (base.clone(), Vec::new(), 0);
        loop {
            let answer = internal.get(&path).await;
            told.extend(story(&answer));
            pages += 1;
            let json = answer.json();
            let Some(next) = json["next"].as_str() else {
                break;
            };
            let origin = format!("http://{}", t.addresses.http);
            next.strip_prefix(&origin).unwrap().clone_into(&mut path);
            assert!(path.starts_with(&format!("{base}&page_token=")), "{path}");
        }
        assert_eq!((told, pages), (expected.map(str::to_owned).into(), 3));
    }
}

async fn the_limit_is_500_at_most(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let mut items = Vec::new();
    for number in 0..35 {
        let label = format!("Tag {number}");
        items.push(json!({"name":t.custom("ada", &label, "custom").await}));
    }
    // Each batch leaves an event an item at least.
    for _ in 0..8 {
        c.acquire(json!(items)).await.succeeded();
        c.release(json!(items)).await.succeeded();
    }
    for (query, shown) in [
        ("", 100),
        ("?limit=500", 500),
        ("?limit=501", 500),
        ("?limit=99999999999999999999", 500),
    ] {
        let answer = events(&c, query).await;
        assert_eq!(story(&answer).len(), shown, "{query}");
        assert!(answer.json()["next"].is_string(), "{query}");
    }
}

async fn a_wrong_value_is_400_and_named(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let internal = t.reader().await;
    for wrong in [
        "after=-1",
        "after=",
        "after=1.0",
        "until=yesterday",
        "until=2026-01-31",
        "until=2026-01-31T12:00:00",
        "until=",
        "order=up",
        "limit=0",
        "limit=",
        "limit=x",
        "page_token=nonsense",
    ] {
        let name = wrong.split('=').next().unwrap();
        for (client, query) in [
            (&c, wrong.to_owned()),
            (&internal, format!("user=ada&{wrong}")),
        ] {
            let answer = client.get(&format!("{EVENTS}?{query}")).await;
            assert_eq!(answer.status, 400, "{query}");
            assert!(answer.detail().contains(name), "{answer:?}");
        }
    }
}

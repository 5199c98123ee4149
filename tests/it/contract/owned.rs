//! "Owned": its parameters, its order, its links.

use crate::harness::{Client, Tenure, on_both_engines};
use http::Method;
use serde_json::{Value, json};
use tenure::app::Config;

on_both_engines! {
    only_what_the_caller_owns_is_listed_whatever_its_read_scopes,
    page_counts_from_one_and_what_is_no_page_is_404,
    limit_is_20_by_default_and_100_at_most,
    groups_and_attributes_filter_by_name,
    exclude_custom_leaves_templated_ones,
    manual_chooses,
    include_inactive_adds_what_is_switched_off,
    include_low_priority_adds_what_is_of_priority_10_or_more,
    parameters_combine_and_the_count_is_after_them,
    the_order_is_group_priority_group_name_priority_name,
    links_are_absolute_and_keep_every_other_parameter,
}
on_both_engines! { with super::behind_a_proxy: links_follow_a_trusted_proxy }
on_both_engines! { with super::with_a_public_url: links_are_of_the_configured_url }

/// A client of ada's that owns these templates.
async fn owner(t: &Tenure, templates: &[&str]) -> Client {
    let c = t.usual("ada", "test500").await;
    let items: Vec<_> = templates.iter().map(|t| json!({"template":t})).collect();
    c.acquire(json!(items)).await.succeeded();
    c
}

async fn names(c: &Client, query: &str) -> String {
    let answer = c.owned(query).await;
    assert_eq!(answer.status, 200, "{query} {answer:?}");
    crate::harness::names(&answer.json()["results"]).join(" ")
}

async fn only_what_the_caller_owns_is_listed_whatever_its_read_scopes(t: Tenure) {
    let c = owner(&t, &["mood", "steps"]).await;
    let other = t.usual("ada", "oura").await;
    other
        .acquire(json!([{"template":"steps"},{"template":"sleep"}]))
        .await
        .succeeded();
    let bare = t.with_token(&t.issue("ada", "test500", Some("")).await);
    assert_eq!(names(&bare, "").await, "mood");
    assert_eq!(names(&c, "").await, "mood");
    let grace = t.usual("grace", "test500").await;
    assert_eq!(
        grace.owned("").await.text,
        r#"{"count":0,"next":null,"previous":null,"results":[]}"#
    );
}

async fn page_counts_from_one_and_what_is_no_page_is_404(t: Tenure) {
    let c = owner(&t, &["steps", "mood", "sleep"]).await;
    assert_eq!(names(&c, "?limit=2").await, "steps mood");
    assert_eq!(names(&c, "?limit=2&page=1").await, "steps mood");
    assert_eq!(names(&c, "?limit=2&page=2").await, "sleep");
    let huge = "9".repeat(40);
    for wrong in [
        "0",
        "-1",
        "3",
        "x",
        "1.5",
        "",
        "1e1",
        "last",
        "%00",
        "9223372036854775807",
        &huge,
    ] {
        let answer = c.owned(&format!("?limit=2&page={wrong}")).await;
        assert_eq!(answer.status, 404, "{wrong}");
        assert_eq!(answer.json(), json!({"detail":"Invalid page."}));
    }
    let empty = t.usual("grace", "test500").await;
    assert_eq!(names(&empty, "?page=1").await, "");
    assert_eq!(empty.owned("?page=2").await.status, 404);
}

async fn limit_is_20_by_default_and_100_at_most(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for batch in 0..3 {
        let mut items = Vec::new();
        for number in 0..35 {
            let label = format!("Tag {batch} {number}");
            items.push(json!({"name":t.custom("ada", &label, "custom").await}));
        }
        c.acquire(json!(items)).await.succeeded();
    }
    let huge = "9".repeat(30);
    for (limit, shown) in [
        ("", 20),
        ("?limit=1", 1),
        ("?limit=100", 100),
        ("?limit=101", 100),
        (&format!("?limit={huge}"), 100),
    ] {
        let json = c.owned(limit).await.json();
        assert_eq!(json["results"].as_array().unwrap().len(), shown, "{limit}");
        assert_eq!(json["count"], 105);
    }
    for wrong in ["0", "-1", "x", "", "1.5", "%00"] {
        let answer = c.owned(&format!("?limit={wrong}")).await;
        assert_eq!(answer.status, 400, "{wrong}");
        assert!(answer.detail().contains("'limit'"), "{answer:?}");
    }
    assert_eq!(
        c.owned("?limit=100&page=2").await.json()["results"]
            .as_array()
            .unwrap()
            .len(),
        5
    );
}

async fn groups_and_attributes_filter_by_name(t: Tenure) {
    let c = owner(&t, &["steps", "mood", "mood_note", "sleep"]).await;
    for (query, expected) in [
        ("?groups=mood", "mood mood_note"),
        ("?groups=mood,activity", "steps mood mood_note"),
        ("?groups=mood,nope", "mood mood_note"),
        ("?groups=nope", ""),
        ("?groups=", "steps mood mood_note sleep"),
        ("?groups", "steps mood mood_note sleep"),
        ("?groups=Mood", ""),
        ("?groups=mo%00od", ""),
        ("?groups=%ff", ""),
        ("?attributes=sleep,mood", "mood sleep"),
        ("?attributes=nope", ""),
        ("?attributes=", "steps mood mood_note sleep"),
        ("?attributes=mood%2Csteps", "steps mood"),
        ("?attributes=a%00", ""),
        ("?groups=mood&attributes=mood,steps", "mood"),
    ] {
        assert_eq!(names(&c, query).await, expected, "{query}");
    }
}

async fn exclude_custom_leaves_templated_ones(t: Tenure) {
    let c = owner(&t, &["mood"]).await;
    let custom = t.custom("ada", "My own", "mood").await;
    c.acquire(json!([{"name":custom}])).await.succeeded();
    assert_eq!(names(&c, "").await, "mood my_own");
    assert_eq!(names(&c, "?exclude_custom=0").await, "mood my_own");
    assert_eq!(names(&c, "?exclude_custom=1").await, "mood");
}

async fn manual_chooses(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"},{"template":"sleep","manual":false}]))
        .await
        .succeeded();
    assert_eq!(names(&c, "").await, "mood sleep");
    assert_eq!(names(&c, "?manual=1").await, "mood");
    assert_eq!(names(&c, "?manual").await, "mood");
    assert_eq!(names(&c, "?manual=0").await, "sleep");
}

async fn include_inactive_adds_what_is_switched_off(t: Tenure) {
    let c = owner(&t, &["mood", "sleep"]).await;
    t.switch("ada", "mood", false).await;
    assert_eq!(names(&c, "").await, "sleep");
    assert_eq!(names(&c, "?include_inactive=off").await, "sleep");
    assert_eq!(names(&c, "?include_inactive=1").await, "mood sleep");
    t.switch("ada", "mood", true).await;
    assert_eq!(names(&c, "").await, "mood sleep");
}

async fn include_low_priority_adds_what_is_of_priority_10_or_more(t: Tenure) {
    let entries = "
        [[template]]\nname = 'nine'\nlabel = 'Nine'\ngroup = 'mood'\nvalue_type = 0\npriority = 9
        [[template]]\nname = 'ten'\nlabel = 'Ten'\ngroup = 'mood'\nvalue_type = 0\npriority = 10";
    let entries = tenure::domain::catalog::CatalogFile::parse(entries).unwrap();
    t.registry.apply_catalog(&entries).await.unwrap();
    let c = owner(&t, &["nine", "ten"]).await;
    assert_eq!(names(&c, "").await, "nine");
    assert_eq!(names(&c, "?include_low_priority=true").await, "nine ten");
}

async fn parameters_combine_and_the_count_is_after_them(t: Tenure) {
    let c = owner(&t, &["steps", "mood", "mood_note", "sleep"]).await;
    t.switch("ada", "mood_note", false).await;
    let query = "?groups=mood,sleep&include_inactive=1&manual=1&limit=2";
    let json = c.owned(query).await.json();
    assert_eq!(json["count"], 3);
    assert_eq!(
        crate::harness::names(&json["results"]),
        ["mood", "mood_note"]
    );
    assert_eq!(c.owned("?groups=mood").await.json()["count"], 1);
}

async fn the_order_is_group_priority_group_name_priority_name(t: Tenure) {
    // custom, mood and sleep share priority 3; floors and steps_elevation priority 3 of activity.
    let c = owner(
        &t,
        &[
            "sleep",
            "mood_note",
            "mood",
            "steps_elevation",
            "floors",
            "steps",
        ],
    )
    .await;
    for label in ["Zebra", "Apple"] {
        let name = t.custom("ada", label, "custom").await;
        c.acquire(json!([{"name":name}])).await.succeeded();
    }
    let order = "steps floors steps_elevation apple zebra mood mood_note sleep";
    assert_eq!(names(&c, "").await, order);
    let mut paged = Vec::new();
    for page in 1..=4 {
        paged.push(names(&c, &format!("?limit=2&page={page}")).await);
    }
    assert_eq!(paged.join(" "), order);
}

async fn links_are_absolute_and_keep_every_other_parameter(t: Tenure) {
    let c = owner(&t, &["steps", "mood", "sleep"]).await;
    let send = async |path: &str, headers: &[(&str, &str)]| {
        let mut request = c
            .request(Method::GET, path)
            .header("host", "api.example:8443");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        c.send(request.body(Vec::new()).unwrap()).await.json()
    };
    let base = "http://api.example:8443/api/2/attributes/owned/";
    let forwarded = [
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "https"),
    ];
    let json = send(
        "/api/2/attributes/owned/?limit=1&groups=mood%2Cactivity%2Csleep",
        &forwarded,
    )
    .await;
    let kept = format!("{base}?limit=1&groups=mood%2Cactivity%2Csleep");
    assert_eq!(
        (&json["next"], &json["previous"]),
        (&json!(format!("{kept}&page=2")), &Value::Null)
    );
    let json = send("/api/2/attributes/owned/?page=2&limit=1", &[]).await;
    assert_eq!(json["next"], json!(format!("{base}?limit=1&page=3")));
    assert_eq!(json["previous"], json!(format!("{base}?limit=1")));
    let json = send("/api/2/attributes/owned?page=3&limit=1", &[]).await;
    assert_eq!(json["next"], Value::Null);
    let slashless = base.trim_end_matches('/');
    assert_eq!(
        json["previous"],
        json!(format!("{slashless}?limit=1&page=2"))
    );
}

/// The scheme and host of a link, in the answer to a request with these headers.
async fn origin_of_link(t: &Tenure, headers: &[(&str, &str)]) -> String {
    let c = owner(t, &["steps", "mood"]).await;
    let mut request = c.request(Method::GET, "/api/2/attributes/owned/?limit=1");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = c.send(request.body(Vec::new()).unwrap()).await.json();
    let link = answer["next"].as_str().unwrap();
    link.split("/api/").next().unwrap().to_owned()
}

fn behind_a_proxy(config: &mut Config) {
    config.gateway.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

fn with_a_public_url(config: &mut Config) {
    config.gateway.public_origin = Some("https://public.example".parse().unwrap());
}

async fn links_are_of_the_configured_url(t: Tenure) {
    let forwarded = [("x-forwarded-host", "evil.example")];
    let origin = origin_of_link(&t, &forwarded).await;
    assert_eq!(origin, "https://public.example");
}

async fn links_follow_a_trusted_proxy(t: Tenure) {
    let own = format!("http://{}", t.addresses.http);
    for (headers, origin) in [
        (vec![], own.as_str()),
        (
            vec![
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "a.example"),
            ],
            "https://a.example",
        ),
        (
            vec![("forwarded", "for=1.2.3.4;host=b.example;proto=https")],
            "https://b.example",
        ),
        // The last element is the one that our own proxy wrote.
        (
            vec![("forwarded", "host=evil.example, host=\"c.example:81\"")],
            "http://c.example:81",
        ),
        // What it does not write in the one header may be a client's in the other.
        (
            vec![
                ("forwarded", "for=1.2.3.4"),
                ("x-forwarded-host", "evil.example"),
            ],
            own.as_str(),
        ),
        (vec![("x-forwarded-host", "not a host")], own.as_str()),
    ] {
        assert_eq!(origin_of_link(&t, &headers).await, origin, "{headers:?}");
    }
}

//! `/api/2/account/`: what a user decides, over REST with a token of their own.

mod change;
mod connections;

use crate::harness::{Answer, Client, Tenure, names, on_both_engines};
use http::{Method, Request};
use serde_json::{Value, json};

pub const ATTRIBUTES: &str = "/api/2/account/attributes/";
const CONNECTIONS: &str = "/api/2/account/connections/";
const EVENTS: &str = "/api/2/account/events/";

on_both_engines! {
    all_attributes_are_listed_by_group,
    an_attribute_has_its_keys_in_order,
    one_attribute_is_got_with_its_entity_tag,
    what_the_user_does_not_have_is_404,
    only_the_user_may_ask,
    who_is_asking_comes_before_what_is_asked,
    other_methods_are_405_and_options_tell_them,
    a_page_from_elsewhere_may_call_with_entity_tags,
    what_happened_is_told_in_words,
    events_are_paged_the_newest_first,
}

/// Sends a change; `if_match` is left out if it is empty.
pub async fn put(user: &Client, path: &str, body: &Value, if_match: &str) -> Answer {
    let request = user.request(Method::PUT, &format!("{ATTRIBUTES}{path}"));
    let request = request.header("content-type", "application/json");
    send(user, request, body.to_string().into(), if_match).await
}

async fn send(
    user: &Client,
    request: http::request::Builder,
    body: Vec<u8>,
    if_match: &str,
) -> Answer {
    let request = match if_match {
        "" => request,
        tag => request.header("if-match", tag),
    };
    user.send(request.body(body).unwrap()).await
}

/// ada, with the steps that test500 owns and oura and withings can handle.
pub async fn ada(t: &Tenure) -> (Client, Client) {
    let c = t.usual("ada", "test500").await;
    for service in ["oura", "withings"] {
        t.usual("ada", service).await;
    }
    let steps = json!([{"template":"steps","manual":false}]);
    c.acquire(steps).await.succeeded();
    (t.with_token(&t.own("ada").await), c)
}

/// The attribute as the user sees it, and its entity tag.
pub async fn seen(user: &Client, name: &str) -> (Value, String) {
    let answer = user.get(&format!("{ATTRIBUTES}{name}/")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    (answer.json(), answer.header("etag").to_owned())
}

async fn all_attributes_are_listed_by_group(t: Tenure) {
    let (user, c) = ada(&t).await;
    let more = json!([{"template":"mood"}, {"template":"mood_note"}, {"template":"weight"}]);
    c.acquire(more).await.succeeded();
    c.release(json!([{"name":"mood_note"}])).await.succeeded();
    t.switch("ada", "mood", false).await;
    t.custom("ada", "Cups of tea", "custom").await;
    let answer = user.get(ATTRIBUTES).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let revision = answer.header("x-ownership-revision");
    assert_eq!(body["revision"].to_string(), revision);
    let groups = body["groups"].as_array().unwrap().iter();
    let groups: Vec<_> = groups
        .map(|group| {
            (
                group["label"].as_str().unwrap(),
                names(&group["attributes"]),
            )
        })
        .collect();
    let expected = [
        ("Activity", vec!["steps"]),
        ("Daily tags", vec!["cups_of_tea"]),
        ("Mood", vec!["mood", "mood_note"]),
        ("Health and body", vec!["weight"]),
    ];
    assert_eq!(groups, expected);
}

async fn an_attribute_has_its_keys_in_order(t: Tenure) {
    let (user, c) = ada(&t).await;
    let documented = c.owned("?attributes=steps&ownership=1").await.json()["results"][0].clone();
    let answer = user.get(&format!("{ATTRIBUTES}steps")).await;
    let attribute = answer.json();
    for (key, value) in documented.as_object().unwrap() {
        assert_eq!(&attribute[key], value, "{key}");
    }
    let heirs = json!([{"name":"oura","label":"Oura"},{"name":"withings","label":"Withings"}]);
    assert_eq!(attribute["successors"], heirs);
    assert_eq!(attribute["succession"], json!([]));
    assert!(attribute["since"].as_str().unwrap().ends_with('Z'));
    let mut place = 0;
    for key in [
        "template",
        "name",
        "service",
        "generation",
        "pinned",
        "since",
        "successors",
        "succession",
        "etag",
    ] {
        let at = answer.text.find(&format!("\"{key}\":")).unwrap();
        assert!(at >= place || key == "name", "{key} in {}", answer.text);
        place = place.max(at);
    }
}

async fn one_attribute_is_got_with_its_entity_tag(t: Tenure) {
    let (user, _) = ada(&t).await;
    let (steps, tag) = seen(&user, "steps").await;
    let got = user.get(&format!("{ATTRIBUTES}steps/")).await;
    assert_eq!(got.header("cache-control"), "no-store");
    assert_eq!(tag, format!("\"{}\"", steps["etag"].as_str().unwrap()));
    let listed = user.get(ATTRIBUTES).await.json();
    assert_eq!(listed["groups"][0]["attributes"][0], steps);
    assert_eq!(seen(&user, "steps").await.1, tag);
}

async fn what_the_user_does_not_have_is_404(t: Tenure) {
    let (user, _) = ada(&t).await;
    for name in ["mood", "Steps", "a%20b", "%ff", "%00", "st%2feps"] {
        let got = user.get(&format!("{ATTRIBUTES}{name}/")).await;
        let path = format!("{name}/active/");
        let put = put(&user, &path, &json!({"active":true}), "").await;
        let request = user.request(Method::DELETE, &format!("{CONNECTIONS}{name}/"));
        let gone = send(&user, request, Vec::new(), "").await;
        for answer in [got, put, gone] {
            assert_eq!(answer.status, 404, "{name} {answer:?}");
            assert!(!answer.detail().is_empty());
        }
    }
}

/// Each endpoint: method, path, a body that is right.
fn endpoints() -> Vec<(Method, String, Value)> {
    let put = |what: &str, body| (Method::PUT, format!("{ATTRIBUTES}steps/{what}/"), body);
    let get = |path: &str| (Method::GET, path.to_owned(), Value::Null);
    vec![
        get(ATTRIBUTES),
        get(&format!("{ATTRIBUTES}steps/")),
        get(CONNECTIONS),
        get(EVENTS),
        put("owner", json!({"service":"oura"})),
        put("active", json!({"active":false})),
        put("pinned", json!({"pinned":true})),
        put("succession", json!({"services":["oura"]})),
        (Method::DELETE, format!("{CONNECTIONS}oura/"), Value::Null),
    ]
}

async fn only_the_user_may_ask(t: Tenure) {
    let (user, c) = ada(&t).await;
    let before = t.snapshot("ada").await;
    let (reader, nobody) = (t.reader().await, t.with_token("unknown"));
    for (method, path, body) in endpoints() {
        for (caller, status) in [(&c, 403), (&reader, 403), (&nobody, 401)] {
            let request = caller.request(method.clone(), &path);
            let answer = send(caller, request, body.to_string().into(), "").await;
            assert_eq!(answer.status, status, "{method} {path} {answer:?}");
            assert!(!answer.detail().is_empty());
        }
        let request = Request::builder().method(method.clone()).uri(&path);
        let answer = user.send(request.body(Vec::new()).unwrap()).await;
        assert_eq!(answer.status, 401, "{method} {path} {answer:?}");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn who_is_asking_comes_before_what_is_asked(t: Tenure) {
    let (_, c) = ada(&t).await;
    for (method, path, _) in endpoints().into_iter().skip(3) {
        let wrong = format!("{path}?validate_only=maybe&limit=0");
        let request = c.request(method.clone(), &wrong);
        let answer = send(&c, request, b"{".to_vec(), "").await;
        assert_eq!(answer.status, 403, "{method} {path} {answer:?}");
    }
}

async fn other_methods_are_405_and_options_tell_them(t: Tenure) {
    let (user, _) = ada(&t).await;
    for (method, path, _) in endpoints() {
        let allow = match method {
            Method::GET => "GET, HEAD, OPTIONS".to_owned(),
            other => format!("{other}, OPTIONS"),
        };
        for path in [&*path, path.trim_end_matches('/')] {
            let request = Request::options(path).body(Vec::new());
            let options = user.send(request.unwrap()).await;
            assert_eq!((options.status, options.header("allow")), (204, &*allow));
            let wrong = user.post(path, "{}").await;
            assert_eq!((wrong.status, wrong.header("allow")), (405, &*allow));
        }
    }
}

async fn a_page_from_elsewhere_may_call_with_entity_tags(t: Tenure) {
    let (user, _) = ada(&t).await;
    let preflight = Request::options(format!("{ATTRIBUTES}steps/owner/"));
    let preflight = user.send(preflight.body(Vec::new()).unwrap()).await;
    let allowed = preflight.header("access-control-allow-headers");
    assert_eq!(
        allowed,
        "Authorization, Content-Type, Idempotency-Key, If-Match"
    );
    let methods = preflight.header("access-control-allow-methods");
    assert_eq!(methods, "PUT, OPTIONS");
    let answer = user.get(ATTRIBUTES).await;
    let exposed = answer.header("access-control-expose-headers");
    assert_eq!(exposed, "X-Request-Id, X-Ownership-Revision, ETag");
}

async fn what_happened_is_told_in_words(t: Tenure) {
    let (user, _) = ada(&t).await;
    let other = t.usual("ada", "oura").await;
    other.acquire(json!([{"name":"steps"}])).await.succeeded();
    let events = user.get(&format!("{EVENTS}?attribute=steps&limit=1")).await;
    assert_eq!(events.status, 200, "{events:?}");
    let last = &events.json()["results"][0];
    assert_eq!(last["text"], "Oura took over Steps from My Test Client");
    assert_eq!(
        (&last["label"], &last["cause"]),
        (&json!("Steps"), &json!("TAKEN"))
    );
    assert_eq!(
        (&last["from"], &last["to"]),
        (&json!("test500"), &json!("oura"))
    );
}

async fn events_are_paged_the_newest_first(t: Tenure) {
    let (user, _) = ada(&t).await;
    for active in [false, true, false] {
        t.switch("ada", "steps", active).await;
    }
    let all = user.get(EVENTS).await.json();
    assert_eq!(all["next"], Value::Null);
    let all = all["results"].as_array().unwrap().clone();
    assert_eq!(all.len(), 5, "{all:?}");
    assert_eq!(all[0]["cause"], "DEACTIVATED");
    let (mut paged, mut next) = (Vec::new(), format!("{EVENTS}?limit=2"));
    loop {
        let page = user.get(&next).await.json();
        paged.extend(page["results"].as_array().unwrap().clone());
        let Some(url) = page["next"].as_str() else {
            break;
        };
        let origin = format!("http://{}", user.addresses.http);
        url.strip_prefix(&origin).unwrap().clone_into(&mut next);
    }
    assert_eq!(paged, all);
    for query in ["?limit=0", "?page_token=x"] {
        let answer = user.get(&format!("{EVENTS}{query}")).await;
        assert_eq!(answer.status, 400, "{query} {answer:?}");
    }
}

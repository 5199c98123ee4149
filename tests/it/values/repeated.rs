//! Writes that are sent again under their `Idempotency-Key`.

use super::{increment, of_type, values};
use crate::harness::{Answer, Client, Platform, Tenure, on_both_engines};
use serde_json::{Value, json};
use tokio::task::JoinSet;

on_both_engines! {
    the_first_answer_is_given_again,
    of_16_at_once_one_has_an_effect,
    of_16_at_once_that_write_nothing_one_is_kept,
    after_ownership_moved_it_is_the_first_answer,
    a_writer_that_is_held_up_keeps_what_it_is_told_at_last,
    what_failed_is_kept_too,
    a_key_of_another_request_is_409,
    a_key_that_is_none_is_400,
    a_key_is_of_its_user_and_service,
    an_expired_key_is_forgotten,
    what_was_not_answered_is_not_kept,
}

const UPDATE: &str = "/api/2/attributes/update/";
const INCREMENT: &str = "/api/2/attributes/increment/";
const DAY: &str = "2026-01-31";
const RECORDS: &str = "select count(*) from idempotency_record";

/// One item, which adds to the steps.
fn more(value: i64) -> Value {
    json!([{"name":"steps","date":DAY,"value":value}])
}

fn same(a: &Answer, b: &Answer) {
    assert_eq!((a.status, &a.text), (b.status, &b.text));
}

/// A platform, and a service that owns the steps.
async fn owner(t: Tenure) -> (Platform, Client) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    acquire(&c).await;
    (p, c)
}

async fn acquire(c: &Client) {
    let steps = json!([{"template":"steps"}]);
    c.acquire(steps).await.succeeded();
}

/// Sends it 16 times at once; all answers, the same ones once.
async fn at_once(c: &Client, items: Value) -> Vec<(u16, String)> {
    let sent: JoinSet<_> = (0..16)
        .map(|_| {
            let (c, items) = (c.clone(), items.clone());
            async move { c.post_once(INCREMENT, "once", &items).await }
        })
        .collect();
    let answers = sent.join_all().await.into_iter();
    let mut answers: Vec<_> = answers.map(|a| (a.status, a.text)).collect();
    answers.dedup();
    answers
}

async fn the_first_answer_is_given_again(t: Tenure) {
    let (p, c) = owner(t).await;
    let first = c.post_once(INCREMENT, "k-1", &more(5)).await;
    let again = c.post_once(INCREMENT, "k-1", &more(5)).await;
    same(&first, &again);
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(first.succeeded()[0]["current"], 5);
    let other = c.post_once(INCREMENT, "k-2", &more(5)).await.succeeded();
    assert_eq!(other[0]["current"], 10);

    let first = c.post_once(UPDATE, "k-3", &more(1)).await;
    increment(&c, more(1)).await.succeeded();
    same(&first, &c.post_once(UPDATE, "k-3", &more(1)).await);
    assert_eq!(values(&c, "steps").await[0].1, 2);
    // Without a key nothing is kept.
    assert_eq!(p.values.numbers(RECORDS).await, [3]);
}

async fn of_16_at_once_one_has_an_effect(t: Tenure) {
    let (p, c) = owner(t).await;
    let other = of_type(&c, "Another", 0).await;
    let mut items = more(5);
    let second = json!({"name":other,"date":DAY,"value":7});
    items.as_array_mut().unwrap().push(second);
    let answers = at_once(&c, items).await;
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, 200, "{answers:?}");
    assert_eq!(values(&c, "steps").await[0].1, 5);
    assert_eq!(values(&c, &other).await[0].1, 7);
    assert_eq!(p.values.numbers(RECORDS).await, [1]);
}

async fn of_16_at_once_that_write_nothing_one_is_kept(t: Tenure) {
    let (p, c) = owner(t).await;
    let answers = at_once(&c, json!([{"name":"nope","value":1}])).await;
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0].0, 202, "{answers:?}");
    assert_eq!(p.values.numbers(RECORDS).await, [1]);
}

async fn after_ownership_moved_it_is_the_first_answer(t: Tenure) {
    let (p, c) = owner(t).await;
    let withings = p.client("withings").await;
    let first = c.post_once(INCREMENT, "k", &more(5)).await;
    acquire(&withings).await;
    same(&first, &c.post_once(INCREMENT, "k", &more(5)).await);
    first.succeeded();
    let (code, _) = c.post_once(INCREMENT, "new", &more(5)).await.failure();
    assert_eq!(code, "unauthorised");
    increment(&withings, more(1)).await.succeeded();
    acquire(&c).await;
    // Neither is what was refused done later.
    let (code, _) = c.post_once(INCREMENT, "new", &more(5)).await.failure();
    assert_eq!(code, "unauthorised");
    assert_eq!(values(&c, "steps").await[0].1, 6);
}

async fn a_writer_that_is_held_up_keeps_what_it_is_told_at_last(t: Tenure) {
    let (p, c) = owner(t).await;
    let withings = p.client("withings").await;
    let lock = p.values.lock_table("fence").await;
    let before = p.checks().await;
    let held = {
        let c = c.clone();
        tokio::spawn(async move { c.post_once(INCREMENT, "k", &more(5)).await })
    };
    p.checked_since(before).await;
    acquire(&withings).await;
    acquire(&c).await;
    lock.end().await;
    let first = held.await.unwrap();
    assert_eq!(first.failure().0, "unauthorised");
    same(&first, &c.post_once(INCREMENT, "k", &more(5)).await);
    assert!(values(&c, "steps").await.is_empty());
}

async fn what_failed_is_kept_too(t: Tenure) {
    let p = Platform::new(t).await;
    let c = p.client("oura").await;
    let items = json!([{"name":"steps","date":DAY,"value":1},{"name":"steps"},7]);
    let first = c.post_once(UPDATE, "k", &items).await;
    assert_eq!((first.status, first.failed().len()), (202, 3));
    let nothing = c.post_once(UPDATE, "empty", &json!([])).await;
    assert_eq!(nothing.text, r#"{"success":[],"failed":[]}"#);
    acquire(&c).await;
    same(&first, &c.post_once(UPDATE, "k", &items).await);
    same(&nothing, &c.post_once(UPDATE, "empty", &json!([])).await);
    assert!(values(&c, "steps").await.is_empty());
    assert_eq!(p.values.numbers(RECORDS).await, [2]);
}

async fn a_key_of_another_request_is_409(t: Tenure) {
    let (p, c) = owner(t).await;
    c.post_once(UPDATE, "k", &more(1)).await.succeeded();
    let query = format!("{UPDATE}?x=1");
    let without_slash = UPDATE.trim_end_matches('/');
    for (path, items) in [
        (UPDATE, more(2)),
        (INCREMENT, more(1)),
        (&query, more(1)),
        (without_slash, more(1)),
    ] {
        let answer = c.post_once(path, "k", &items).await;
        assert_eq!(answer.status, 409, "{path} {answer:?}");
        let sentence = "Idempotency key 'k' was used for another request.";
        assert_eq!(answer.detail(), sentence);
    }
    assert_eq!(values(&c, "steps").await[0].1, 1);
    assert_eq!(p.values.numbers(RECORDS).await, [1]);
}

async fn a_key_that_is_none_is_400(t: Tenure) {
    let (p, c) = owner(t).await;
    let none = "k".repeat(256);
    for path in [UPDATE, INCREMENT] {
        for key in ["", " ", "a b", &none] {
            let answer = c.post_once(path, key, &more(1)).await;
            assert_eq!(answer.status, 400, "{key:?} {answer:?}");
            assert!(answer.detail().contains("Idempotency-Key"), "{answer:?}");
        }
    }
    // Who is asking comes before that, and that before the body.
    let stranger = p.with_token("junk").post_once(UPDATE, "", &more(1)).await;
    assert_eq!(stranger.status, 401);
    let answer = c.post_once(UPDATE, "", &json!({})).await;
    assert!(answer.detail().contains("Idempotency-Key"), "{answer:?}");
    let answer = c.post_once(UPDATE, "k", &json!({})).await;
    assert_eq!(answer.detail(), "Expected a list of objects.");
    let longest = "k".repeat(255);
    c.post_once(UPDATE, &longest, &more(1)).await.succeeded();
}

async fn a_key_is_of_its_user_and_service(t: Tenure) {
    let (p, ada) = owner(t).await;
    ada.post_once(INCREMENT, "k", &more(1)).await.succeeded();
    let scopes = "activity_read activity_write";
    p.t.connect("bob", "oura", scopes).await;
    let bob = p.with_token(&p.t.issue("bob", "oura", None).await);
    acquire(&bob).await;
    let items = more(20);
    let of_bob = bob.post_once(INCREMENT, "k", &items).await.succeeded();
    assert_eq!(of_bob[0]["current"], 20);
    let withings = p.client("withings").await;
    acquire(&withings).await;
    let taken = withings.post_once(INCREMENT, "k", &more(3)).await;
    assert_eq!(taken.succeeded()[0]["current"], 4);
    // Another token of the same service is the same service.
    let another = p.with_token(&p.t.issue("ada", "oura", None).await);
    let again = another.post_once(INCREMENT, "k", &more(1)).await;
    assert_eq!(again.succeeded()[0]["current"], 1);
    assert_eq!(p.values.numbers(RECORDS).await, [3]);
}

async fn an_expired_key_is_forgotten(t: Tenure) {
    let (p, c) = owner(t).await;
    for key in ["k", "other"] {
        c.post_once(INCREMENT, key, &more(1)).await.succeeded();
    }
    let earlier = "update idempotency_record set expires_at = expires_at -";
    p.values.run(&format!("{earlier} {}", 24 * 3600 - 60)).await;
    let again = c.post_once(INCREMENT, "k", &more(1)).await.succeeded();
    assert_eq!(again[0]["current"], 1);
    p.values.run(&format!("{earlier} 60")).await;
    let anew = c.post_once(INCREMENT, "k", &more(7)).await.succeeded();
    assert_eq!(anew[0]["current"], 9);
    assert_eq!(p.values.numbers(RECORDS).await, [1]);
}

async fn what_was_not_answered_is_not_kept(t: Tenure) {
    let (p, c) = owner(t).await;
    let lock = p.values.lock_table("stored").await;
    let out_of_reach = c.post_once(INCREMENT, "k", &more(5)).await;
    assert_eq!(out_of_reach.status, 503, "{out_of_reach:?}");
    lock.end().await;
    let done = c.post_once(INCREMENT, "k", &more(5)).await.succeeded();
    assert_eq!(done[0]["current"], 5);
}

//! Answers that are kept.

use super::{at, conformance, connection, empty};
use crate::harness::{id, name};
use std::sync::Arc;
use tenure::{
    domain::{
        change::Change,
        record::{IdempotencyKey, Record},
    },
    storage::{Error, Store},
};

conformance!(
    an_answer_is_kept_with_its_change_or_not_at_all,
    a_later_answer_takes_the_place_of_one,
    expired_answers_are_forgotten,
);

fn record(service: &str, key: &str, answer: &[u8], expires: i64) -> Record {
    Record {
        service: name(service),
        key: IdempotencyKey::parse(key).unwrap(),
        fingerprint: vec![0, 255, 39],
        answer: answer.to_vec(),
        expires_at: at(expires),
    }
}

fn keeping(revision: i64, record: Record) -> Change {
    Change {
        record: Some(record),
        ..empty(revision)
    }
}

/// The answer that is kept for ada.
async fn kept(store: &Arc<dyn Store>, service: &str, key: &str) -> Option<Record> {
    let key = IdempotencyKey::parse(key).unwrap();
    let kept = store.kept(&id("ada"), &name(service), &key).await;
    kept.unwrap()
}

async fn an_answer_is_kept_with_its_change_or_not_at_all(store: Arc<dyn Store>) {
    let first = record("oura", "k", b"\0first\xff", 60);
    let change = Change {
        connections: vec![connection("oura", "mood_write")],
        ..keeping(0, first.clone())
    };
    store.commit(&id("ada"), change.clone()).await.unwrap();
    let stale = store.commit(&id("ada"), change).await;
    assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    let stale = keeping(0, record("oura", "other", b"x", 60));
    assert!(store.commit(&id("ada"), stale).await.is_err());

    assert_eq!(kept(&store, "oura", "k").await, Some(first));
    assert_eq!(kept(&store, "oura", "other").await, None);
    assert_eq!(kept(&store, "oura", "K").await, None);
    assert_eq!(kept(&store, "withings", "k").await, None);
}

async fn a_later_answer_takes_the_place_of_one(store: Arc<dyn Store>) {
    for (revision, answer) in [(0, "old"), (1, "new")] {
        let record = record("oura", "k", answer.as_bytes(), 60 + revision);
        let kept = store.commit(&id("ada"), keeping(revision, record)).await;
        kept.unwrap();
    }
    let expected = record("oura", "k", b"new", 61);
    assert_eq!(kept(&store, "oura", "k").await, Some(expected));
}

async fn expired_answers_are_forgotten(store: Arc<dyn Store>) {
    for (revision, key, expires) in [(0, "a", 10), (1, "b", 20), (2, "c", 30)] {
        let record = record("oura", key, b"x", expires);
        let kept = store.commit(&id("ada"), keeping(revision, record)).await;
        kept.unwrap();
    }
    assert_eq!(store.forget_records(at(20), 10).await.unwrap(), 1);
    assert_eq!(store.forget_records(at(40), 1).await.unwrap(), 1);
    assert_eq!(kept(&store, "oura", "a").await, None);
    assert_eq!(kept(&store, "oura", "b").await, None);
    assert!(kept(&store, "oura", "c").await.is_some());
}

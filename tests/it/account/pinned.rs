//! The user pins attributes to their owners.

use super::{ada, facts, owner, refused};
use crate::harness::{Tenure, on_both_engines};
use serde_json::json;
use tenure::proto::Cause;
use tonic::Code;

on_both_engines! {
    nobody_takes_what_is_pinned,
    what_is_pinned_and_off_is_not_switched_on_by_its_owner,
    a_release_of_the_owner_unpins,
    a_disconnection_of_the_owner_unpins,
    pinning_is_told_once,
    what_nobody_owns_cannot_be_pinned,
}

async fn nobody_takes_what_is_pinned(t: Tenure) {
    let (user, c) = ada(&t).await;
    let (seen, _) = user.pins("steps", true, "").await.unwrap();
    assert_eq!(facts(&seen), (1, true, false, true));
    let oura = t.usual("ada", "oura").await;
    for item in [json!({"name":"steps"}), json!({"template":"steps"})] {
        let answer = oura.acquire(json!([item])).await;
        let owner = answer.json()["failed"][0]["owner"].clone();
        assert_eq!(owner, json!({"name":"test500","label":"My Test Client"}));
        let (code, text) = answer.failure();
        assert_eq!(code, "pinned");
        assert!(text.contains("test500"), "{text}");
    }
    // Its owner may go on with it, and the user may move it.
    c.acquire(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(user.sees("steps").await, seen);
    user.gives("steps", "withings").await.unwrap();
    let (code, _) = oura.acquire(json!([{"name":"steps"}])).await.failure();
    assert_eq!(code, "pinned");
    user.pins("steps", false, "").await.unwrap();
    oura.acquire(json!([{"name":"steps"}])).await.succeeded();
}

async fn what_is_pinned_and_off_is_not_switched_on_by_its_owner(t: Tenure) {
    let (user, c) = ada(&t).await;
    user.pins("steps", true, "").await.unwrap();
    let (seen, _) = user.switches("steps", false, "").await.unwrap();
    let (code, _) = c.acquire(json!([{"name":"steps"}])).await.failure();
    assert_eq!(code, "pinned");
    assert_eq!(user.sees("steps").await, seen);
    user.switches("steps", true, "").await.unwrap();
    c.acquire(json!([{"name":"steps"}])).await.succeeded();
}

async fn a_release_of_the_owner_unpins(t: Tenure) {
    let (user, c) = ada(&t).await;
    user.pins("steps", true, "").await.unwrap();
    c.release(json!([{"name":"steps"}])).await.succeeded();
    let seen = user.sees("steps").await;
    assert_eq!(owner(&seen), "oura");
    assert_eq!(facts(&seen), (2, true, false, false));
}

async fn a_disconnection_of_the_owner_unpins(t: Tenure) {
    let (user, _) = ada(&t).await;
    user.pins("steps", true, "").await.unwrap();
    t.disconnect("ada", "test500").await;
    let seen = user.sees("steps").await;
    assert_eq!((owner(&seen), facts(&seen).3), ("oura", false));
}

async fn pinning_is_told_once(t: Tenure) {
    let (user, _) = ada(&t).await;
    let before = user.revision().await;
    for pinned in [true, true, false, false] {
        let (seen, _) = user.pins("steps", pinned, "").await.unwrap();
        assert_eq!(facts(&seen), (1, true, false, pinned));
    }
    assert_eq!(user.revision().await, before + 2);
    let events = t.inside().await.all_events("ada").await;
    let last: Vec<_> = events[events.len() - 2..]
        .iter()
        .map(|event| (event.cause(), event.pinned, &*event.actor))
        .collect();
    assert_eq!(
        last,
        [
            (Cause::Pinned, true, "user"),
            (Cause::Unpinned, false, "user")
        ]
    );
}

async fn what_nobody_owns_cannot_be_pinned(t: Tenure) {
    let (user, _) = ada(&t).await;
    user.gives("steps", "").await.unwrap();
    let before = (t.snapshot("ada").await, user.revision().await);
    let pinned = user.pins("steps", true, "").await;
    refused(pinned, Code::FailedPrecondition, "NOT_OWNED");
    let pinned = user.pins("coffee", true, "").await;
    refused(pinned, Code::NotFound, "NO_SUCH_ATTRIBUTE");
    user.pins("steps", false, "").await.unwrap();
    assert_eq!((t.snapshot("ada").await, user.revision().await), before);
}

//! A watch ends with the token with which it began.

use super::metadata;
use crate::{
    check::reason,
    harness::{Inside, Tenure, on_both_engines},
};
use serde_json::json;
use std::time::Duration;
use tenure::domain::internal::Role;
use tonic::Code;

on_both_engines! {
    a_watch_ends_soon_after_its_token_is_revoked,
    a_watch_ends_when_its_token_expires,
}

/// Watches until the watch ends for the token's sake, and goes on with another from where it was.
async fn ends(t: &Tenure, inside: &Inside, end: impl Future<Output = ()>) {
    let oura = t.usual("ada", "oura").await;
    let mut watch = inside.watch_all().await;
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    watch.events(2).await;
    end.await;
    // A watch that went on would give heartbeats for ever.
    let status = tokio::time::timeout(Duration::from_secs(20), watch.end());
    let status = status.await.unwrap();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(reason(&status), "TOKEN_INVALID");
    assert!(inside.watch_from(&watch.cursor).await.is_err());
    oura.acquire(json!([{"template":"mood"}])).await.succeeded();
    let cursor = metadata(&status, "cursor");
    let mut resumed = t.inside().await.watch_from(&cursor).await.unwrap();
    assert_eq!(resumed.event().await.attribute, "mood");
}

async fn a_watch_ends_soon_after_its_token_is_revoked(t: Tenure) {
    let inside = t.inside().await;
    let revoke = async {
        t.registry.revoke_token(&inside.token).await.unwrap();
    };
    ends(&t, &inside, revoke).await;
}

async fn a_watch_ends_when_its_token_expires(t: Tenure) {
    let short = time::Duration::seconds(5);
    let inside = t.internal_for(Role::Reader, short).await;
    let inside = t.inside_with(inside).await;
    ends(&t, &inside, std::future::ready(())).await;
}

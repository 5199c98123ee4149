//! Connections are made, widened, narrowed and ended, and what is no longer covered is released with succession.

use super::{Insider, reason, texts};
use crate::harness::{Client, Tenure, on_both_engines};
use serde_json::json;
use tenure::{
    domain::internal::Role,
    proto::{Cause, PutConnectionRequest, RemoveConnectionRequest},
};
use tonic::{Code, Status};

on_both_engines! {
    a_connection_that_is_put_is_as_it_was_asked_for,
    what_a_narrowed_connection_no_longer_covers_passes_on_in_one_transaction,
    a_removed_connection_ends_tokens_and_passes_on_in_one_transaction,
    what_cannot_be_connected_is_refused_and_changes_nothing,
}

pub async fn put(by: &mut Insider, service: &str, scopes: &[&str]) -> Result<Vec<String>, Status> {
    let request = by.request(PutConnectionRequest {
        user: "ada".to_owned(),
        service: service.to_owned(),
        scopes: texts(scopes),
    });
    let put = by.stub.put_connection(request).await?.into_inner();
    let connection = put.connection.unwrap();
    assert_eq!(connection.service, service);
    assert!(connection.connect_time.is_some());
    Ok(connection.scopes)
}

pub async fn remove(by: &mut Insider, service: &str) -> Result<(), Status> {
    let request = by.request(RemoveConnectionRequest {
        user: "ada".to_owned(),
        service: service.to_owned(),
    });
    by.stub.remove_connection(request).await.map(drop)
}

async fn a_connection_that_is_put_is_as_it_was_asked_for(t: Tenure) {
    let mut by = Insider::of(&t, Role::Writer).await;
    for scopes in [
        &[][..],
        &["mood_write", "mood_read", "mood_read"],
        &["manual_write"],
        &["activity_write", "manual_write"],
    ] {
        let mut expected = texts(scopes);
        expected.sort();
        expected.dedup();
        assert_eq!(put(&mut by, "oura", scopes).await.unwrap(), expected);
        let all = by.connections("ada").await;
        assert_eq!((all.len(), &all[0].scopes), (1, &expected));
    }
    put(&mut by, "withings", &[]).await.unwrap();
    let names = by.connections("ada").await.into_iter().map(|c| c.service);
    assert_eq!(names.collect::<Vec<_>>(), ["oura", "withings"]);
    assert_eq!(by.connections("grace").await, []);
}

/// Oura owns steps and mood, and Withings would take over steps.
async fn owned(t: &Tenure) -> Client {
    t.usual("ada", "withings").await;
    let oura = t.usual("ada", "oura").await;
    let items = json!([{"template":"steps","manual":false},{"template":"mood","manual":false}]);
    oura.acquire(items).await.succeeded();
    oura
}

/// The events of the last change: why, and who owns the attribute now. They have one revision, and tell who asked.
async fn last_change(t: &Tenure) -> Vec<(String, Cause, Option<String>)> {
    let events = t.inside().await.all_events("ada").await;
    let revision = events.last().unwrap().revision;
    let last = events
        .into_iter()
        .filter(|event| event.revision == revision);
    let told = last.map(|event| {
        assert_eq!(
            (&*event.actor, &*event.request_id),
            ("operator", "over-registry")
        );
        (event.attribute.clone(), event.cause(), event.to)
    });
    told.collect()
}

fn passed_on(cause: Cause) -> Vec<(String, Cause, Option<String>)> {
    let heir = Some("withings".to_owned());
    vec![
        ("mood".to_owned(), cause, None),
        ("steps".to_owned(), Cause::Inherited, heir),
    ]
}

async fn what_a_narrowed_connection_no_longer_covers_passes_on_in_one_transaction(t: Tenure) {
    let oura = owned(&t).await;
    let mut by = Insider::of(&t, Role::Writer).await;
    put(&mut by, "oura", &["sleep_write"]).await.unwrap();
    assert_eq!(last_change(&t).await, passed_on(Cause::ScopeNarrowed));
    let (code, _) = oura.acquire(json!([{"name":"steps"}])).await.failure();
    assert_eq!(code, "not_allowed");
    put(&mut by, "oura", &["activity_write"]).await.unwrap();
    oura.acquire(json!([{"name":"steps"}])).await.succeeded();
}

async fn a_removed_connection_ends_tokens_and_passes_on_in_one_transaction(t: Tenure) {
    let oura = owned(&t).await;
    let mut by = Insider::of(&t, Role::Writer).await;
    remove(&mut by, "oura").await.unwrap();
    assert_eq!(last_change(&t).await, passed_on(Cause::Disconnected));
    assert_eq!(oura.owned("").await.status, 401);
    put(&mut by, "oura", &["activity_write"]).await.unwrap();
    assert_eq!(oura.owned("").await.status, 401, "its token has ended");
}

async fn what_cannot_be_connected_is_refused_and_changes_nothing(t: Tenure) {
    let mut by = Insider::of(&t, Role::Writer).await;
    put(&mut by, "oura", &["mood_write"]).await.unwrap();
    let before = by.connections("ada").await;
    for (refused, part) in [
        (put(&mut by, "nobody", &[]).await.map(drop), "'nobody'"),
        (
            put(&mut by, "oura", &["openid"]).await.map(drop),
            "'openid'",
        ),
        (
            put(&mut by, "oura", &["nope_write"]).await.map(drop),
            "'nope_write'",
        ),
        (remove(&mut by, "withings").await, "'withings'"),
    ] {
        let status = refused.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
        assert_eq!(reason(&status), "REFUSED");
        assert!(status.message().contains(part), "{status:?}");
    }
    assert_eq!(by.connections("ada").await, before);
}

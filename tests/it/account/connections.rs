//! The user's connections, and ending them.

use super::{User, ada, owner, refused};
use crate::harness::{Tenure, on_both_engines};
use serde_json::json;
use tenure::proto::{
    Cause, DisconnectRequest, DisconnectResponse, UserAttributesListConnectionsRequest,
    UserConnection,
};
use tonic::{Code, Status};

on_both_engines! {
    connections_are_listed_by_label,
    a_disconnection_passes_on_what_the_service_owned_and_ends_its_tokens,
    a_preview_tells_what_then_happens_and_changes_nothing,
    a_disconnection_that_was_decided_on_something_else_changes_nothing,
    what_is_not_connected_cannot_be_disconnected,
    what_it_had_said_is_forgotten_and_the_ranking_stays,
}

async fn connections(user: &User) -> (Vec<UserConnection>, i64) {
    let request = user.request(UserAttributesListConnectionsRequest {});
    let listed = user.stub.clone().list_connections(request).await.unwrap();
    let listed = listed.into_inner();
    (listed.connections, listed.revision)
}

async fn disconnect(
    user: &User,
    service: &str,
    revision: Option<i64>,
    validate_only: bool,
) -> Result<DisconnectResponse, Status> {
    let request = user.request(DisconnectRequest {
        service: service.to_owned(),
        validate_only,
        revision,
    });
    Ok(user.stub.clone().disconnect(request).await?.into_inner())
}

/// What passes, and to whom.
fn passing(answer: &DisconnectResponse) -> Vec<(&str, &str, &str)> {
    let passing = answer.passing.iter();
    passing
        .map(|passing| {
            let to = passing.to.as_ref().map_or("", |to| &to.name);
            (&*passing.attribute, &*passing.label, to)
        })
        .collect()
}

async fn connections_are_listed_by_label(t: Tenure) {
    let (user, c) = ada(&t).await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    t.connect("ada", "zz_first", "sleep_write manual_read activity_read")
        .await;
    t.connect("grace", "oura", "mood_write").await;
    let (listed, revision) = connections(&user).await;
    let shown = listed.iter().map(|connection| {
        let service = connection.service.as_ref().unwrap();
        (&*service.label, &*service.name, connection.owned)
    });
    let expected = [
        ("A label that sorts first", "zz_first", 0),
        ("My Test Client", "test500", 2),
        ("Oura", "oura", 0),
        ("Withings", "withings", 0),
    ];
    assert_eq!(shown.collect::<Vec<_>>(), expected);
    assert_eq!(
        listed[0].scopes,
        ["activity_read", "manual_read", "sleep_write"]
    );
    let seconds = |of: &UserConnection| of.connect_time.unwrap().seconds;
    assert!(seconds(&listed[0]) >= seconds(&listed[1]));
    assert!(seconds(&listed[1]) > 0);
    assert_eq!(revision, user.revision().await);
    let (none, _) = connections(&User::of(&t, "alan").await).await;
    assert_eq!(none, []);
}

async fn a_disconnection_passes_on_what_the_service_owned_and_ends_its_tokens(t: Tenure) {
    let (user, c) = ada(&t).await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let answer = disconnect(&user, "test500", None, false).await.unwrap();
    let expected = [("steps", "Steps", "oura"), ("mood", "Mood", "")];
    assert_eq!(passing(&answer), expected);
    assert_eq!(owner(&user.sees("steps").await), "oura");
    assert_eq!(owner(&user.sees("mood").await), "");
    assert_eq!(answer.revision, user.revision().await);
    let left = connections(&user).await.0.into_iter();
    let left: Vec<_> = left.map(|c| c.service.unwrap().name).collect();
    assert_eq!(left, ["oura", "withings"]);
    assert_eq!(c.owned("").await.status, 401);
    t.connect("ada", "test500", "mood_write").await;
    assert_eq!(c.owned("").await.status, 401, "its token has ended");
    let events = t.inside().await.all_events("ada").await.into_iter();
    let told = events.filter(|event| event.revision == answer.revision);
    let told = told.map(|event| {
        assert_eq!((&*event.actor, &*event.request_id), ("user", "of-the-user"));
        (event.attribute.clone(), event.cause())
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    let expected = [("mood", Cause::Disconnected), ("steps", Cause::Inherited)];
    assert_eq!(told, expected.map(|(name, cause)| (name.to_owned(), cause)));
}

async fn a_preview_tells_what_then_happens_and_changes_nothing(t: Tenure) {
    let (user, c) = ada(&t).await;
    let more = json!([{"template":"mood"}, {"template":"weight","manual":false}]);
    c.acquire(more).await.succeeded();
    user.ranks("weight", &["withings"], "").await.unwrap();
    let (before, listed) = (t.snapshot("ada").await, connections(&user).await);
    let preview = disconnect(&user, "test500", None, true).await.unwrap();
    assert_eq!(
        passing(&preview),
        [
            ("steps", "Steps", "oura"),
            ("mood", "Mood", ""),
            ("weight", "Weight", "withings")
        ]
    );
    assert_eq!(preview.revision, user.revision().await);
    assert_eq!(t.snapshot("ada").await, before);
    assert_eq!(connections(&user).await, listed);
    assert_eq!(c.owned("").await.status, 200);
    let revision = Some(preview.revision);
    let done = disconnect(&user, "test500", revision, false).await.unwrap();
    assert_eq!(done.passing, preview.passing);
    assert_eq!(done.revision, preview.revision + 1);
    for (name, _, to) in passing(&done) {
        assert_eq!(owner(&user.sees(name).await), to);
    }
}

async fn a_disconnection_that_was_decided_on_something_else_changes_nothing(t: Tenure) {
    let (user, c) = ada(&t).await;
    let preview = disconnect(&user, "oura", None, true).await.unwrap();
    assert_eq!(preview.passing, []);
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let before = (t.snapshot("ada").await, connections(&user).await);
    for revision in [preview.revision, 0, i64::MAX] {
        for validate_only in [false, true] {
            let answer = disconnect(&user, "oura", Some(revision), validate_only).await;
            refused(answer, Code::Aborted, "CHANGED_MEANWHILE");
        }
    }
    assert_eq!((t.snapshot("ada").await, connections(&user).await), before);
    let revision = Some(user.revision().await);
    disconnect(&user, "oura", revision, false).await.unwrap();
}

async fn what_is_not_connected_cannot_be_disconnected(t: Tenure) {
    let (user, _) = ada(&t).await;
    t.usual("grace", "zz_first").await;
    let before = (t.snapshot("ada").await, connections(&user).await);
    for service in ["zz_first", "nowhere"] {
        for validate_only in [false, true] {
            let answer = disconnect(&user, service, None, validate_only).await;
            let text = refused(answer, Code::NotFound, "NOT_CONNECTED");
            assert!(text.contains(service), "{text}");
        }
    }
    assert_eq!((t.snapshot("ada").await, connections(&user).await), before);
    let (hers, _) = connections(&User::of(&t, "grace").await).await;
    assert_eq!(hers.len(), 1);
}

async fn what_it_had_said_is_forgotten_and_the_ranking_stays(t: Tenure) {
    let (user, c) = ada(&t).await;
    c.acquire(json!([{"template":"mood","manual":false}]))
        .await
        .succeeded();
    user.ranks("mood", &["test500"], "").await.unwrap();
    disconnect(&user, "test500", None, false).await.unwrap();
    t.usual("ada", "test500").await;
    let seen = user.sees("mood").await;
    assert_eq!(seen.succession, ["test500"]);
    assert_eq!(seen.successors, []);
    let answer = user.gives("mood", "test500").await;
    refused(answer, Code::FailedPrecondition, "NOT_QUALIFIED");
}

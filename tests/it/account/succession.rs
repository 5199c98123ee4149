//! The user says who comes next.

use super::{ada, facts, owner, refused, service_names};
use crate::harness::{SCOPES, Tenure, name, on_both_engines};
use serde_json::json;
use tonic::Code;

on_both_engines! {
    a_release_passes_by_the_ranking,
    a_ranking_changes_no_owner_and_has_no_event,
    a_ranking_is_replaced_as_a_whole,
    a_ranking_outlives_a_disconnection,
    a_service_that_has_left_the_catalog_has_no_place,
    only_services_of_the_catalog_can_be_ranked,
}

async fn a_release_passes_by_the_ranking(t: Tenure) {
    let (user, c) = ada(&t).await;
    let (seen, _) = user.ranks("steps", &["withings"], "").await.unwrap();
    assert_eq!(service_names(&seen.successors), ["withings", "oura"]);
    c.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(owner(&user.sees("steps").await), "withings");
    // On narrowing and disconnection too, and whoever is first but does not qualify is passed over.
    let ranked = ["test500", "oura", "withings"];
    user.ranks("steps", &ranked, "").await.unwrap();
    t.connect("ada", "withings", "mood_write").await;
    assert_eq!(owner(&user.sees("steps").await), "oura");
    c.acquire(json!([{"name":"steps"}])).await.succeeded();
    t.disconnect("ada", "test500").await;
    assert_eq!(owner(&user.sees("steps").await), "oura");
}

async fn a_ranking_changes_no_owner_and_has_no_event(t: Tenure) {
    let (user, _) = ada(&t).await;
    let before = user.sees("steps").await;
    let revision = user.revision().await;
    let events = t.inside().await.all_events("ada").await.len();
    let ranked = user
        .ranks("steps", &["withings", "oura"], &before.etag)
        .await;
    let (seen, now) = ranked.unwrap();
    assert_eq!(now, revision + 1);
    assert_eq!(seen.attribute, before.attribute);
    assert_eq!(facts(&seen), facts(&before));
    assert_eq!(t.inside().await.all_events("ada").await.len(), events);
    let again = user.ranks("steps", &["withings", "oura"], "").await;
    assert_eq!(again.unwrap(), (seen, now), "the same is nothing new");
}

async fn a_ranking_is_replaced_as_a_whole(t: Tenure) {
    let (user, _) = ada(&t).await;
    for ranked in [
        &["oura", "test500", "zz_first"][..],
        &["zz_first"],
        &["oura", "zz_first"],
        &[],
    ] {
        let (seen, _) = user.ranks("steps", ranked, "").await.unwrap();
        assert_eq!(seen.succession, ranked);
        assert_eq!(user.sees("steps").await, seen);
    }
}

async fn a_ranking_outlives_a_disconnection(t: Tenure) {
    let (user, c) = ada(&t).await;
    user.ranks("steps", &["withings", "test500"], "")
        .await
        .unwrap();
    t.disconnect("ada", "withings").await;
    let seen = user.sees("steps").await;
    assert_eq!(seen.succession, ["withings", "test500"]);
    assert_eq!(service_names(&seen.successors), ["oura"]);
    t.connect("ada", "withings", SCOPES).await;
    c.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(owner(&user.sees("steps").await), "withings");
}

async fn a_service_that_has_left_the_catalog_has_no_place(t: Tenure) {
    let (user, _) = ada(&t).await;
    user.ranks("steps", &["zz_first", "oura"], "")
        .await
        .unwrap();
    t.registry.remove_service(&name("zz_first")).await.unwrap();
    let seen = user.sees("steps").await;
    assert_eq!(seen.succession, ["oura"]);
    // So what is shown can be sent back.
    let etag = &seen.etag;
    let ranked = user.ranks("steps", &["oura", "withings"], etag).await;
    assert_eq!(ranked.unwrap().0.succession, ["oura", "withings"]);
}

async fn only_services_of_the_catalog_can_be_ranked(t: Tenure) {
    let (user, _) = ada(&t).await;
    user.ranks("steps", &["withings"], "").await.unwrap();
    let before = (user.sees("steps").await, user.revision().await);
    let answer = user
        .ranks("steps", &["oura", "nowhere", "neither"], "")
        .await;
    let status = answer.as_ref().unwrap_err();
    assert_eq!(crate::registry::fields(status), ["services[1]"]);
    let text = refused(answer, Code::InvalidArgument, "INVALID_REQUEST");
    assert!(text.contains("'nowhere'"), "{text}");
    let answer = user.ranks("coffee", &["oura"], "").await;
    refused(answer, Code::NotFound, "NO_SUCH_ATTRIBUTE");
    assert_eq!((user.sees("steps").await, user.revision().await), before);
}

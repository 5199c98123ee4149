//! The user chooses who owns an attribute.

use super::{User, ada, facts, owner, refused};
use crate::harness::{Tenure, cached, item, on_both_engines};
use serde_json::json;
use std::time::Duration;
use tenure::proto::{
    AtLeast, Cause, ListOwnershipEventsRequest, OwnershipEvent, Verdict,
    check_ownership_request::Freshness,
};
use tonic::Code;

on_both_engines! {
    who_is_chosen_owns_it_and_it_is_told_as_the_users_choice,
    nobody_can_be_chosen,
    the_same_owner_stays_at_its_generation,
    what_was_switched_off_stays_off,
    manual_is_what_the_service_last_asked_for,
    pinning_moves_along_unless_told_otherwise,
    who_cannot_own_it_is_refused_and_told_why,
    the_owner_qualifies_whatever_it_has_said,
    a_choice_for_what_is_not_so_any_more_changes_nothing,
    the_owner_before_may_not_write_from_then_on,
    what_a_service_has_said_stays_as_it_is,
}

/// The last event.
async fn last(t: &Tenure) -> OwnershipEvent {
    let request = ListOwnershipEventsRequest {
        user: "ada".to_owned(),
        newest_first: true,
        page_size: 1,
        ..ListOwnershipEventsRequest::default()
    };
    let page = t.inside().await.events(request).await.unwrap();
    page.events.into_iter().next().unwrap()
}

async fn who_is_chosen_owns_it_and_it_is_told_as_the_users_choice(t: Tenure) {
    let (user, _) = ada(&t).await;
    let etag = user.sees("steps").await.etag;
    let before = user.revision().await;
    let chosen = user.set_owner("steps", "oura", None, &etag).await;
    let (seen, revision) = chosen.unwrap();
    assert_eq!(owner(&seen), "oura");
    assert_eq!(facts(&seen), (2, true, false, false));
    assert_eq!(seen, user.sees("steps").await);
    assert_eq!((revision, user.revision().await), (before + 1, before + 1));
    let event = last(&t).await;
    assert_eq!(event.cause(), Cause::UserChoice);
    assert_eq!((&*event.actor, &*event.request_id), ("user", "of-the-user"));
    assert_eq!(
        (event.from.as_deref(), event.to.as_deref()),
        (Some("test500"), Some("oura"))
    );
    assert_eq!((event.generation, event.revision), (2, revision));
}

async fn nobody_can_be_chosen(t: Tenure) {
    let (user, c) = ada(&t).await;
    user.pins("steps", true, "").await.unwrap();
    let (seen, revision) = user.gives("steps", "").await.unwrap();
    assert_eq!(owner(&seen), "");
    assert_eq!(facts(&seen), (2, false, false, false));
    let event = last(&t).await;
    assert_eq!((event.cause(), event.to), (Cause::UserChoice, None));
    // Once more is nothing new.
    assert_eq!(user.gives("steps", "").await.unwrap(), (seen, revision));
    c.acquire(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.1, 3);
}

async fn the_same_owner_stays_at_its_generation(t: Tenure) {
    let (user, _) = ada(&t).await;
    let (before, revision) = (user.sees("steps").await, user.revision().await);
    let chosen = user.gives("steps", "test500").await.unwrap();
    assert_eq!(chosen, (before.clone(), revision));
    let chosen = user.set_owner("steps", "test500", Some(false), "").await;
    assert_eq!(chosen.unwrap(), (before, revision));
    for pinned in [true, false] {
        let chosen = user.set_owner("steps", "test500", Some(pinned), "").await;
        let (seen, _) = chosen.unwrap();
        assert_eq!(facts(&seen), (1, true, false, pinned));
        let cause = [Cause::Unpinned, Cause::Pinned][usize::from(pinned)];
        assert_eq!(last(&t).await.cause(), cause);
    }
    assert_eq!(user.revision().await, revision + 2);
}

async fn what_was_switched_off_stays_off(t: Tenure) {
    let (user, _) = ada(&t).await;
    user.switches("steps", false, "").await.unwrap();
    let (seen, _) = user.gives("steps", "oura").await.unwrap();
    assert_eq!(facts(&seen), (2, false, false, false));
    // What nobody owns is inactive, and nobody had switched it off.
    user.gives("steps", "").await.unwrap();
    let (seen, _) = user.gives("steps", "withings").await.unwrap();
    assert_eq!(facts(&seen), (4, true, false, false));
}

async fn manual_is_what_the_service_last_asked_for(t: Tenure) {
    let (user, c) = ada(&t).await;
    let oura = t.usual("ada", "oura").await;
    let manual = json!([{"name":"steps","manual":true}]);
    oura.acquire(manual.clone()).await.succeeded();
    let (seen, _) = user.gives("steps", "withings").await.unwrap();
    assert_eq!(facts(&seen), (3, true, false, false));
    let (seen, _) = user.gives("steps", "oura").await.unwrap();
    assert_eq!(facts(&seen), (4, true, true, false));
    c.acquire(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(facts(&user.sees("steps").await), (5, true, true, false));
    // It asked for false when it created the attribute.
    user.gives("steps", "oura").await.unwrap();
    let (seen, _) = user.gives("steps", "test500").await.unwrap();
    assert_eq!(facts(&seen), (7, true, false, false));
}

async fn pinning_moves_along_unless_told_otherwise(t: Tenure) {
    let (user, _) = ada(&t).await;
    for (service, asked, pinned) in [
        ("oura", Some(true), true),
        ("withings", None, true),
        ("test500", Some(false), false),
        ("oura", None, false),
    ] {
        let chosen = user.set_owner("steps", service, asked, "").await;
        let (seen, _) = chosen.unwrap();
        assert_eq!((owner(&seen), facts(&seen).3), (service, pinned));
        let event = last(&t).await;
        assert_eq!((event.cause(), event.pinned), (Cause::UserChoice, pinned));
    }
}

async fn who_cannot_own_it_is_refused_and_told_why(t: Tenure) {
    let (user, _) = ada(&t).await;
    let withings = t.usual("ada", "withings").await;
    let steps = json!([{"name":"steps"}]);
    withings.acquire(steps.clone()).await.succeeded();
    withings.release(steps).await.succeeded();
    t.connect("ada", "oura", "mood_write").await;
    t.usual("ada", "zz_first").await;
    t.disconnect("ada", "test500").await;
    let before = t.snapshot("ada").await;
    for (service, why) in [
        ("test500", "it is not connected"),
        ("nowhere", "it is not connected"),
        ("zz_first", "it has not indicated that it can handle it"),
        (
            "withings",
            "it has released it, and has not acquired it since",
        ),
        (
            "oura",
            "it has no permission to write to attributes in group 'activity'",
        ),
    ] {
        let answer = user.gives("steps", service).await;
        let text = refused(answer, Code::FailedPrecondition, "NOT_QUALIFIED");
        let expected = format!("service '{service}' cannot own 'steps': {why}");
        assert_eq!(text, expected);
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn the_owner_qualifies_whatever_it_has_said(t: Tenure) {
    let (user, _) = ada(&t).await;
    let other = t.usual("ada", "zz_first").await;
    let manual = json!([{"name":"steps","manual":true}]);
    other.acquire(manual).await.succeeded();
    let chosen = user.set_owner("steps", "zz_first", Some(true), "").await;
    assert_eq!(facts(&chosen.unwrap().0), (2, true, true, true));
    user.gives("steps", "oura").await.unwrap();
    let answer = user.gives("steps", "zz_first").await;
    refused(answer, Code::FailedPrecondition, "NOT_QUALIFIED");
}

async fn a_choice_for_what_is_not_so_any_more_changes_nothing(t: Tenure) {
    let (user, _) = ada(&t).await;
    let etag = user.sees("steps").await.etag;
    let oura = t.usual("ada", "oura").await;
    oura.acquire(json!([{"name":"steps"}])).await.succeeded();
    let (before, revision) = (t.snapshot("ada").await, user.revision().await);
    for answer in [
        user.set_owner("steps", "withings", None, &etag).await,
        user.set_owner("steps", "oura", None, &etag).await,
        // What it is for comes before what it asks.
        user.set_owner("steps", "nowhere", None, "x").await,
        user.switches("steps", false, &etag).await,
        user.pins("steps", true, &etag).await,
        user.ranks("steps", &["oura"], &etag).await,
    ] {
        let text = refused(answer, Code::Aborted, "CHANGED_MEANWHILE");
        assert!(text.contains("'steps'"), "{text}");
    }
    assert_eq!(t.snapshot("ada").await, before);
    assert_eq!(user.revision().await, revision);
    let etag = user.sees("steps").await.etag;
    let chosen = user.set_owner("steps", "withings", None, &etag).await;
    assert_eq!(owner(&chosen.unwrap().0), "withings");
}

async fn the_owner_before_may_not_write_from_then_on(t: Tenure) {
    let (user, _) = ada(&t).await;
    let inside = t.inside().await;
    let (of_before, of_now) = (
        item("ada", "steps", "test500"),
        item("ada", "steps", "oura"),
    );
    let before = inside.check_one(of_before.clone(), None).await;
    assert_eq!((before.verdict(), before.generation), (Verdict::Owned, 1));
    let (_, revision) = user.gives("steps", "oura").await.unwrap();
    let at_least = Freshness::AtLeast(AtLeast { revision });
    for freshness in [None, Some(at_least), Some(cached(Duration::ZERO))] {
        let before = inside.check_one(of_before.clone(), freshness).await;
        assert_eq!(before.verdict(), Verdict::NotOwner);
        let now = inside.check_one(of_now.clone(), freshness).await;
        assert_eq!((now.verdict(), now.generation), (Verdict::Owned, 2));
    }
    // Even if it owns it again: what it began before is behind the fence.
    user.gives("steps", "test500").await.unwrap();
    let mut late = of_before;
    late.generation = Some(1);
    let late = inside.check_one(late, None).await;
    assert_eq!(late.verdict(), Verdict::StaleGeneration);
}

async fn what_a_service_has_said_stays_as_it_is(t: Tenure) {
    let (user, c) = ada(&t).await;
    user.gives("steps", "oura").await.unwrap();
    // It did not release it, so it is the first to take over again.
    let oura = t.usual("ada", "oura").await;
    oura.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.0.as_deref(), Some("test500"));
    c.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.0.as_deref(), Some("withings"));
    let grace = User::of(&t, "grace").await;
    let answer = grace.gives("steps", "oura").await;
    refused(answer, Code::NotFound, "NO_SUCH_ATTRIBUTE");
}

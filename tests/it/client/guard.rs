//! What a guard goes by, whom it refuses, and what it acquires.

use super::{Case, GuardOptions, Outcome, always_asking, not_owner, refusal, steps, write};
use crate::{
    grpc::channel,
    harness::{Tenure, on_both_engines},
};
use std::time::Duration;
use tenure::client::{
    Client, Error, Freshness, OwnerClient, Reacquire, Refusal, Take, Target, Verdict, WriteError,
    WriteGuard,
};

on_both_engines! {
    a_refusal_is_over_as_soon_as_the_service_acquires,
    a_permission_is_remembered_as_long_as_it_may_be,
    an_attribute_that_is_switched_off_or_unknown_is_refused,
    what_nobody_owns_is_acquired,
    what_another_owns_is_not_taken_unless_told_so,
    a_service_that_was_disconnected_acquires_nothing,
    a_token_that_is_no_internal_one_is_refused,
    a_time_limit_may_be_as_long_as_one_likes,
}

/// Tenure's memory is behind for a moment, one way or the other: it neither lets the former owner write nor refuses the
/// new one.
async fn a_refusal_is_over_as_soon_as_the_service_acquires(t: Tenure) {
    let case = Case::new(t).await;
    let client = case.client().await;
    for round in 0..20 {
        // One that remembers nothing yet.
        let guard = WriteGuard::new(client.clone(), GuardOptions::default());
        case.acquire("withings").await;
        let written = case.write(&guard, "withings", 9000).await;
        assert_eq!(written.unwrap().generation, 2 * round + 1);
        let refused = case.write(&guard, "oura", 1000).await;
        assert_eq!(refusal(refused), not_owner(Some("withings")));
        case.acquire("oura").await;
        let written = case.write(&guard, "oura", 1000).await;
        assert_eq!(written.unwrap().generation, 2 * round + 2);
    }
}

/// Tenure need not be there for what a guard remembers.
async fn a_permission_is_remembered_as_long_as_it_may_be(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("oura").await;
    let minute = GuardOptions {
        max_age: Duration::from_mins(1),
        ..GuardOptions::default()
    };
    let (long, never) = (case.guard(minute).await, case.guard(always_asking()).await);
    for guard in [&long, &never] {
        case.write(guard, "oura", 1).await.unwrap();
    }
    let Case { t, values } = case;
    t.stop().await.unwrap();
    let written = write(&values, &long, "oura", 2).await.unwrap();
    assert_eq!(written.generation, 1);
    for (guard, service) in [(&never, "oura"), (&long, "withings")] {
        let outcome = write(&values, guard, service, 3).await;
        let unavailable = matches!(
            outcome,
            Err(WriteError::Unchecked(Error::Unavailable { .. }))
        );
        assert!(unavailable, "{outcome:?}");
    }
    assert_eq!(values.value().await, Some(2));
}

async fn an_attribute_that_is_switched_off_or_unknown_is_refused(t: Tenure) {
    let case = Case::new(t).await;
    let guard = case.guard(GuardOptions::default()).await;
    let unknown = case.write(&guard, "oura", 1).await;
    assert_eq!(refusal(unknown), Refusal::NoSuchAttribute);
    case.acquire("oura").await;
    case.t.switch("ada", "steps", false).await;
    let off = case.write(&guard, "oura", 1).await;
    assert_eq!(refusal(off), Refusal::Inactive);
}

/// A guard that acquires with a token of oura's for ada.
async fn acquiring(case: &Case, take: Take) -> WriteGuard {
    let token = case.t.issue("ada", "oura", None).await;
    let owner = OwnerClient::new(channel(&case.t).await, &token).unwrap();
    let clients = move |target: Target| {
        let oura = (&*target.service == "oura").then(|| owner.clone());
        async move { oura }
    };
    let options = GuardOptions {
        reacquire: Some(Reacquire::new(clients).taking(take)),
        ..GuardOptions::default()
    };
    case.guard(options).await
}

async fn what_nobody_owns_is_acquired(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("oura").await;
    case.t.disconnect("ada", "withings").await;
    let token = case.t.issue("ada", "oura", None).await;
    let oura = OwnerClient::new(channel(&case.t).await, &token).unwrap();
    let released = oura.release(["steps", "mood"]).await.unwrap();
    let (given_up, unknown) = (released[0].as_ref().unwrap(), &released[1]);
    assert_eq!((given_up.owner.as_deref(), given_up.generation), (None, 2));
    assert!(unknown.is_err(), "{unknown:?}");

    let refused = case.guard(GuardOptions::default()).await;
    let refused = case.write(&refused, "oura", 1).await;
    assert_eq!(refusal(refused), not_owner(None));
    let guard = acquiring(&case, Take::IfAvailable).await;
    assert_eq!(case.write(&guard, "oura", 2).await.unwrap().generation, 3);
    // There is no token of another service.
    let other = case.write(&guard, "test500", 3).await;
    assert_eq!(refusal(other), not_owner(Some("oura")));
}

async fn what_another_owns_is_not_taken_unless_told_so(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("withings").await;
    let guard = acquiring(&case, Take::IfAvailable).await;
    let refused = case.write(&guard, "oura", 1).await;
    assert_eq!(named(refused), "withings");
    assert_eq!(case.owner().await.as_deref(), Some("withings"));

    let guard = acquiring(&case, Take::FromOthers).await;
    assert_eq!(case.write(&guard, "oura", 2).await.unwrap().generation, 2);
    assert_eq!(case.owner().await.as_deref(), Some("oura"));
}

async fn a_service_that_was_disconnected_acquires_nothing(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("withings").await;
    let guard = acquiring(&case, Take::FromOthers).await;
    case.t.disconnect("ada", "oura").await;
    let refused = case.write(&guard, "oura", 1).await;
    assert_eq!(named(refused), "withings");
}

/// Who owns it, where acquiring was tried.
#[track_caller]
fn named(outcome: Outcome) -> String {
    match refusal(outcome) {
        Refusal::NotOwner {
            owner: Some(owner),
            not_acquired: Some(_),
        } => owner,
        other => panic!("{other:?}"),
    }
}

async fn a_token_that_is_no_internal_one_is_refused(t: Tenure) {
    let case = Case::new(t).await;
    let of_a_service = case.t.issue("ada", "oura", None).await;
    for token in ["unknown", &of_a_service] {
        let client = Client::new(channel(&case.t).await, token).unwrap();
        let guard = WriteGuard::new(client, GuardOptions::default());
        let outcome = case.write(&guard, "oura", 1).await;
        let refused = matches!(outcome, Err(WriteError::Unchecked(Error::Credentials(_))));
        assert!(refused, "{outcome:?}");
    }
    let no_header = Client::new(channel(&case.t).await, "a\nb");
    assert!(matches!(no_header, Err(Error::Credentials(_))));
}

async fn a_time_limit_may_be_as_long_as_one_likes(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("oura").await;
    let client = case.client().await.with_deadline(Duration::MAX);
    let checked = client.check_one(steps("oura"), Freshness::Latest).await;
    assert_eq!(checked.unwrap().verdict, Verdict::Owned);
}

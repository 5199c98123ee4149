//! The user switches attributes on and off.

use super::{ada, facts, owner, refused};
use crate::harness::{Tenure, item, on_both_engines};
use serde_json::json;
use tenure::proto::{Cause, Verdict};
use tonic::Code;

on_both_engines! {
    the_owner_stays_the_owner_of_what_is_switched_off,
    a_service_switches_its_own_on_again_by_acquiring_it,
    what_nobody_owns_cannot_be_switched_on,
    what_passes_on_stays_off,
}

async fn the_owner_stays_the_owner_of_what_is_switched_off(t: Tenure) {
    let (user, c) = ada(&t).await;
    let before = user.revision().await;
    for (active, revision) in [(false, 1), (false, 1), (true, 2), (true, 2)] {
        let (seen, now) = user.switches("steps", active, "").await.unwrap();
        assert_eq!(owner(&seen), "test500");
        assert_eq!(facts(&seen), (1, active, false, false));
        assert_eq!(seen, user.sees("steps").await);
        assert_eq!(now, before + revision, "nothing new is nothing");
        let shown = c.owned("").await.json()["count"].as_i64();
        assert_eq!(shown, Some(i64::from(active)));
        let check = t.inside().await;
        let check = check.check_one(item("ada", "steps", "test500"), None).await;
        let verdict = [Verdict::Inactive, Verdict::Owned][usize::from(active)];
        assert_eq!(check.verdict(), verdict);
    }
    let events = t.inside().await.all_events("ada").await;
    let last = events.iter().rev().take(2).map(|event| {
        assert_eq!((&*event.actor, &*event.request_id), ("user", "of-the-user"));
        event.cause()
    });
    let expected = [Cause::Activated, Cause::Deactivated];
    assert_eq!(last.collect::<Vec<_>>(), expected);
}

async fn a_service_switches_its_own_on_again_by_acquiring_it(t: Tenure) {
    let (user, c) = ada(&t).await;
    user.switches("steps", false, "").await.unwrap();
    c.acquire(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(facts(&user.sees("steps").await), (1, true, false, false));
}

async fn what_nobody_owns_cannot_be_switched_on(t: Tenure) {
    let (user, _) = ada(&t).await;
    let tea = t.custom("ada", "Tea", "custom").await;
    let before = (t.snapshot("ada").await, user.revision().await);
    let text = refused(
        user.switches(&tea, true, "").await,
        Code::FailedPrecondition,
        "NOT_OWNED",
    );
    assert!(text.contains("'tea'"), "{text}");
    // It is off.
    user.switches(&tea, false, "").await.unwrap();
    refused(
        user.switches("coffee", false, "").await,
        Code::NotFound,
        "NO_SUCH_ATTRIBUTE",
    );
    assert_eq!((t.snapshot("ada").await, user.revision().await), before);
}

async fn what_passes_on_stays_off(t: Tenure) {
    let (user, c) = ada(&t).await;
    user.switches("steps", false, "").await.unwrap();
    c.release(json!([{"name":"steps"}])).await.succeeded();
    let seen = user.sees("steps").await;
    assert_eq!((owner(&seen), facts(&seen).1), ("oura", false));
}

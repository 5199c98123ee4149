//! Checks that are answered from memory.

use crate::harness::{Tenure, cached, http_get, item, on_both_engines};
use serde_json::json;
use std::time::Duration;
use tenure::proto::{AtLeast, CheckItem, Verdict, check_ownership_request::Freshness};

on_both_engines! {
    memory_answers_and_follows_what_happens,
    memory_is_never_older_than_asked_for,
    memory_that_knows_less_than_the_caller_is_not_asked,
    at_least_a_revision_is_read_where_memory_is_behind,
    what_no_attribute_can_be_called_is_not_remembered,
    memory_is_bounded_and_tells_how_it_serves,
}

const LONG: Duration = Duration::from_mins(1);

async fn memory_answers_and_follows_what_happens(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    let steps = || item("ada", "steps", "oura");
    // The first check wakes the feed, so memory has nothing; one of the next is answered by it.
    loop {
        let answer = inside.check(vec![steps()], cached(LONG)).await.unwrap();
        assert_eq!(answer.results[0].verdict(), Verdict::Owned);
        if let Some(age) = answer.age {
            assert!(age.seconds < 60, "{age:?}");
            break;
        }
    }
    withings
        .acquire(json!([{"name":"steps"}]))
        .await
        .succeeded();
    loop {
        let answer = inside.check(vec![steps()], cached(LONG)).await.unwrap();
        assert!(answer.age.is_some(), "it is answered from memory");
        let result = &answer.results[0];
        if result.verdict() == Verdict::NotOwner {
            assert_eq!(
                (result.owner.as_deref(), result.generation),
                (Some("withings"), 2)
            );
            break;
        }
        assert_eq!((result.verdict(), result.generation), (Verdict::Owned, 1));
    }
}

async fn memory_is_never_older_than_asked_for(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let steps = || item("ada", "steps", "oura");
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    for _ in 0..50 {
        inside.check_one(steps(), cached(LONG)).await;
        withings
            .acquire(json!([{"name":"steps"}]))
            .await
            .succeeded();
        // Nothing that was true before the call is true enough.
        let now = inside.check_one(steps(), cached(Duration::ZERO)).await;
        assert_eq!(now.verdict(), Verdict::NotOwner);
        oura.acquire(json!([{"name":"steps"}])).await.succeeded();
        let now = inside.check_one(steps(), cached(Duration::ZERO)).await;
        assert_eq!(now.verdict(), Verdict::Owned);
    }
}

async fn memory_that_knows_less_than_the_caller_is_not_asked(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    for round in 0..50 {
        inside
            .check_one(item("ada", "steps", "oura"), cached(LONG))
            .await;
        withings
            .acquire(json!([{"name":"steps"}]))
            .await
            .succeeded();
        oura.acquire(json!([{"name":"steps"}])).await.succeeded();
        let asked = CheckItem {
            generation: Some(2 * round + 3),
            ..item("ada", "steps", "oura")
        };
        let answer = inside.check_one(asked, cached(LONG)).await;
        assert_eq!(answer.verdict(), Verdict::Owned, "{round}");
    }
}

async fn at_least_a_revision_is_read_where_memory_is_behind(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    let at_least = |revision| Freshness::AtLeast(AtLeast { revision });
    for n in 0..50 {
        let client = if n % 2 == 0 { &withings } else { &oura };
        let acquired = client.acquire(json!([{"name":"steps"}])).await;
        let revision = acquired.headers["x-ownership-revision"].to_str().unwrap();
        let revision: i64 = revision.parse().unwrap();
        let service = if n % 2 == 0 { "withings" } else { "oura" };
        let asked = item("ada", "steps", service);
        let answer = inside.check_one(asked.clone(), at_least(revision)).await;
        assert_eq!(answer.verdict(), Verdict::Owned, "{n}");
        assert!(answer.revision >= revision);
        // The item's own counts.
        let item = CheckItem {
            at_least_revision: Some(revision),
            ..asked
        };
        let answer = inside.check_one(item, at_least(0)).await;
        assert_eq!(answer.verdict(), Verdict::Owned, "{n}");
    }
    // What has been told since is known to be of a later revision.
    loop {
        let answer = inside
            .check(vec![item("ada", "steps", "oura")], at_least(1))
            .await;
        if answer.unwrap().age.is_some() {
            break;
        }
    }
}

async fn what_no_attribute_can_be_called_is_not_remembered(t: Tenure) {
    let inside = t.inside().await;
    let age = async |attribute: &str| {
        let asked = vec![item("ada", attribute, "oura")];
        inside.check(asked, cached(LONG)).await.unwrap().age
    };
    // Memory is at work.
    while age("steps").await.is_none() {}
    for _ in 0..3 {
        for junk in ["Steps", "no such thing", "steps\0"] {
            assert_eq!(age(junk).await, None, "{junk:?}");
        }
    }
}

async fn memory_is_bounded_and_tells_how_it_serves(t: Tenure) {
    let inside = t.inside().await;
    for round in 0..60 {
        let items = (0..500).map(|n| item(&format!("user{round}-{n}"), "steps", "oura"));
        inside.check(items.collect(), cached(LONG)).await.unwrap();
    }
    loop {
        inside
            .check_one(item("ada", "steps", "oura"), cached(LONG))
            .await;
        let metrics = http_get(t.addresses.metrics, "/metrics").await;
        let value = |name: &str| {
            let line = metrics.lines().find(|line| line.starts_with(name));
            let value = line.and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
            value.unwrap_or_default()
        };
        if value("tenure_checks_total{source=\"memory\"}") > 0.0
            && value("tenure_check_age_seconds_count") > 0.0
            && value("tenure_check_evictions_total") > 0.0
        {
            assert!(value("tenure_checks_total{source=\"database\"}") >= 30_000.0);
            break;
        }
    }
}

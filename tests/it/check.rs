//! Checks before a write, and what a token stands for.

mod memory;

use crate::harness::{Tenure, item, on_both_engines};
use serde_json::json;
use tenure::{
    domain::internal::Role,
    proto::{
        AtLeast, Cached, CheckItem, CheckResult, IntrospectTokenResponse, TokenKind, Verdict,
        WatchOwnershipRequest, check_ownership_request::Freshness,
    },
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

on_both_engines! {
    a_check_says_who_may_write_and_names_the_first_reason_why_not,
    what_cannot_be_a_name_names_nothing,
    a_check_is_about_any_users_and_keeps_their_order,
    what_is_wrong_with_a_check_is_told_field_by_field,
    only_internal_services_may_ask,
    a_token_is_introspected,
    an_internal_token_is_listed_and_revoked,
}

pub fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

fn under(generation: i64, item: CheckItem) -> CheckItem {
    CheckItem {
        generation: Some(generation),
        ..item
    }
}

fn result(verdict: Verdict, owner: Option<&str>, generation: i64, revision: i64) -> CheckResult {
    CheckResult {
        verdict: verdict.into(),
        owner: owner.map(str::to_owned),
        generation,
        revision,
    }
}

async fn a_check_says_who_may_write_and_names_the_first_reason_why_not(t: Tenure) {
    let inside = t.inside().await;
    let oura = t.usual("ada", "oura").await;
    let steps = || item("ada", "steps", "oura");
    let unknown = inside.check_one(steps(), None).await;
    assert_eq!(unknown, result(Verdict::NoSuchAttribute, None, 0, 2));

    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    let owned = result(Verdict::Owned, Some("oura"), 1, 3);
    assert_eq!(inside.check_one(steps(), None).await, owned);
    assert_eq!(inside.check_one(under(1, steps()), None).await, owned);
    for generation in [0, 2] {
        let stale = inside.check_one(under(generation, steps()), None).await;
        assert_eq!(stale, result(Verdict::StaleGeneration, Some("oura"), 1, 3));
    }
    for service in ["withings", "OURA", "", "nobody knows"] {
        let asked = under(7, item("ada", "steps", service));
        let other = inside.check_one(asked, None).await;
        assert_eq!(other, result(Verdict::NotOwner, Some("oura"), 1, 3));
    }

    t.switch("ada", "steps", false).await;
    let inactive = inside.check_one(under(1, steps()), None).await;
    assert_eq!(inactive, result(Verdict::Inactive, Some("oura"), 1, 4));
    let stale = inside.check_one(under(7, steps()), None).await;
    assert_eq!(stale, result(Verdict::StaleGeneration, Some("oura"), 1, 4));

    oura.release(json!([{"name":"steps"}])).await.succeeded();
    let released = inside.check_one(under(2, steps()), None).await;
    assert_eq!(released, result(Verdict::NotOwner, None, 2, 5));
}

async fn what_cannot_be_a_name_names_nothing(t: Tenure) {
    let inside = t.inside().await;
    let long = "x".repeat(100_000);
    for attribute in [
        "",
        "Steps",
        "a\0b",
        "日本",
        "'; drop table attribute",
        &long,
    ] {
        let asked = item("nobody", attribute, "a\0b");
        let answer = inside.check_one(asked, None).await;
        assert_eq!(answer, result(Verdict::NoSuchAttribute, None, 0, 0));
    }
}

async fn a_check_is_about_any_users_and_keeps_their_order(t: Tenure) {
    let inside = t.inside().await;
    for user in ["ada", "grace"] {
        let c = t.usual(user, "oura").await;
        c.acquire(json!([{"template":"steps"}])).await.succeeded();
    }
    let items: Vec<_> = (0..500)
        .map(|n| match n % 3 {
            0 => item("ada", "steps", "oura"),
            1 => item("grace", "steps", "withings"),
            _ => item("alan", "steps", "oura"),
        })
        .collect();
    let answer = inside.check(items, None).await.unwrap();
    assert_eq!(answer.age, None);
    assert_eq!(answer.results.len(), 500);
    for (n, result) in answer.results.iter().enumerate() {
        let expected = [Verdict::Owned, Verdict::NotOwner, Verdict::NoSuchAttribute][n % 3];
        assert_eq!(result.verdict(), expected, "{n}");
    }
    assert!(
        inside
            .check(Vec::new(), None)
            .await
            .unwrap()
            .results
            .is_empty()
    );
}

async fn what_is_wrong_with_a_check_is_told_field_by_field(t: Tenure) {
    let inside = t.inside().await;
    let fields = |status: &Status| {
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        let details = status.get_details_bad_request().unwrap();
        let violations = details.field_violations.into_iter();
        violations.map(|v| v.field).collect::<Vec<_>>()
    };
    let items = vec![
        item("", "steps", "oura"),
        under(-1, item("a\nb", "steps", "oura")),
        CheckItem {
            at_least_revision: Some(-1),
            ..item("ada", "steps", "oura")
        },
    ];
    let wrong = inside.check(items, None).await.unwrap_err();
    assert_eq!(
        fields(&wrong),
        [
            "items[0].user",
            "items[1].generation",
            "items[1].user",
            "items[2].at_least_revision"
        ]
    );
    let many = vec![item("ada", "steps", "oura"); 501];
    assert_eq!(
        fields(&inside.check(many, None).await.unwrap_err()),
        ["items"]
    );
    let negative = prost_types::Duration {
        seconds: -1,
        nanos: 0,
    };
    for (freshness, field) in [
        (
            Freshness::AtLeast(AtLeast { revision: -1 }),
            "at_least.revision",
        ),
        (
            Freshness::Cached(Cached { max_age: None }),
            "cached.max_age",
        ),
        (
            Freshness::Cached(Cached {
                max_age: Some(negative),
            }),
            "cached.max_age",
        ),
    ] {
        let wrong = inside.check(Vec::new(), Some(freshness)).await.unwrap_err();
        assert_eq!(fields(&wrong), [field]);
    }
}

async fn only_internal_services_may_ask(t: Tenure) {
    let client = t.usual("ada", "oura").await;
    let as_client = t.inside_with(client.token.clone()).await;
    let refused = [
        as_client.check(Vec::new(), None).await.unwrap_err(),
        as_client.introspect("x").await.unwrap_err(),
        as_client
            .watch(WatchOwnershipRequest::default())
            .await
            .err()
            .unwrap(),
    ];
    for status in refused {
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(reason(&status), "NOT_INTERNAL");
    }
    for token in [t.own("ada").await, "tni_unknown".to_owned(), String::new()] {
        let other = t.inside_with(token).await;
        let status = other.check(Vec::new(), None).await.unwrap_err();
        let expected = ["NOT_A_CLIENT", "TOKEN_INVALID", "CREDENTIALS_MISSING"];
        assert!(expected.contains(&reason(&status).as_str()), "{status:?}");
    }
    for role in [Role::Reader, Role::Writer, Role::Operator] {
        let inside = t.inside_with(t.internal(role).await).await;
        inside.check(Vec::new(), None).await.unwrap();
        // It acts for no user, so it can change nothing in a client's name.
        let client = t.with_token(&inside.token);
        let before = t.snapshot("ada").await;
        let acquired = client.acquire(json!([{"template":"steps"}])).await;
        assert!([401, 403].contains(&acquired.status), "{acquired:?}");
        assert_eq!(t.snapshot("ada").await, before);
    }
}

async fn a_token_is_introspected(t: Tenure) {
    let inside = t.inside().await;
    t.connect("ada", "oura", "activity_write sleep_write mood_read")
        .await;
    let token = t
        .issue("ada", "oura", Some("activity_write mood_read"))
        .await;
    let active = inside.introspect(&token).await.unwrap();
    assert!(active.active);
    assert_eq!(
        (active.sub.as_str(), active.client_id.as_str()),
        ("ada", "oura")
    );
    assert_eq!(active.scopes, ["activity_write", "mood_read"]);
    assert_eq!(active.kind(), TokenKind::Client);
    let (issued, expires) = (active.issue_time.unwrap(), active.expire_time.unwrap());
    assert_eq!(expires.seconds - issued.seconds, 3600);

    t.connect("ada", "oura", "mood_read").await;
    let narrowed = inside.introspect(&token).await.unwrap();
    assert_eq!(narrowed.scopes, ["mood_read"]);

    let own = inside.introspect(&t.own("ada").await).await.unwrap();
    assert_eq!((own.kind(), own.sub.as_str()), (TokenKind::User, "ada"));
    assert_eq!(own.client_id, "");
    let internal = inside.introspect(&inside.token).await.unwrap();
    assert_eq!(
        (internal.kind(), internal.sub.as_str()),
        (TokenKind::Internal, "values")
    );

    let over = t.expired("ada", "oura").await;
    t.disconnect("ada", "oura").await;
    for good_for_nothing in [&token, &over, "", "x", "tni_x", "a\0b"] {
        let inactive = inside.introspect(good_for_nothing).await.unwrap();
        assert_eq!(
            inactive,
            IntrospectTokenResponse::default(),
            "{good_for_nothing}"
        );
    }
}

async fn an_internal_token_is_listed_and_revoked(t: Tenure) {
    let inside = t.inside().await;
    inside.check(Vec::new(), None).await.unwrap();
    let listed = t.registry.internal_tokens().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        (listed[0].name.as_str(), listed[0].role),
        ("values", Role::Reader)
    );
    t.registry.revoke_token(&listed[0].hash.id()).await.unwrap();
    // It may be remembered for a second.
    let status = loop {
        if let Err(status) = inside.check(Vec::new(), None).await {
            break status;
        }
    };
    assert_eq!(reason(&status), "TOKEN_INVALID");
    assert!(
        t.registry.internal_tokens().await.unwrap()[0]
            .revoked_at
            .is_some()
    );
}

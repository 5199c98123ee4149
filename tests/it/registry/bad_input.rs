//! Every field of every message, wrong: all wrong fields are named at once, and nothing is changed.

use super::{Insider, fields, reason, texts};
use crate::harness::{Tenure, id, on_both_engines};
use prost_types::{Duration, Timestamp};
use tenure::{
    domain::internal::Role,
    proto::{
        CreateCustomAttributeRequest, IssueInternalTokenRequest, IssueTokenRequest,
        ListConnectionsRequest, ListTokensRequest, NotifyRevocationRequest, PutConnectionRequest,
        RemoveConnectionRequest, RevokeTokenRequest, RevokedGrant, RevokedToken,
        SetAttributeActiveRequest, notify_revocation_request::Revoked,
    },
};
use tonic::{Code, Status};

on_both_engines! {
    every_wrong_field_is_named_at_once_and_nothing_changes,
    a_time_to_live_is_a_second_to_a_hundred_years,
    scopes_are_single_words_and_not_too_many,
}

fn wrong(answer: Result<(), Status>, expected: &[&str]) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert_eq!(reason(&status), "INVALID_REQUEST");
    assert_eq!(fields(&status), expected);
}

fn revoked(revoked: Revoked) -> NotifyRevocationRequest {
    NotifyRevocationRequest {
        revoked: Some(revoked),
    }
}

async fn every_wrong_field_is_named_at_once_and_nothing_changes(t: Tenure) {
    t.connect("ada", "oura", "mood_write").await;
    let before = t.registry.connections(&id("ada")).await.unwrap();
    let mut by = Insider::of(&t, Role::Operator).await;
    macro_rules! row {
        ($method:ident $message:expr => $($field:literal),*) => {
            let request = by.request($message);
            let answer = by.stub.$method(request).await;
            wrong(answer.map(drop), &[$($field),*]);
        };
    }
    for user in [
        String::new(),
        "a\u{7}".to_owned(),
        "a\0".to_owned(),
        "é".repeat(128),
    ] {
        let (service, name) = ("no service".to_owned(), "No Name".to_owned());
        row!(list_connections ListConnectionsRequest { user: user.clone() } => "user");
        row!(list_tokens ListTokensRequest { user: user.clone() } => "user");
        row!(put_connection PutConnectionRequest {
            user: user.clone(), service: service.clone(), scopes: texts(&["mood_write", ""]),
        } => "user", "service", "scopes[1]");
        row!(remove_connection RemoveConnectionRequest {
            user: user.clone(), service: service.clone(),
        } => "user", "service");
        row!(notify_revocation revoked(Revoked::Grant(RevokedGrant {
            user: user.clone(), service: service.clone(), remaining_scopes: texts(&["a b"]),
        })) => "grant.user", "grant.service", "grant.remaining_scopes[0]");
        row!(issue_token IssueTokenRequest {
            user: user.clone(), service, scopes: texts(&["\""]), ttl: None,
        } => "user", "service", "scopes[0]", "ttl");
        row!(create_custom_attribute CreateCustomAttributeRequest {
            user: user.clone(), value_type: 10, ..CreateCustomAttributeRequest::default()
        } => "user", "label", "group", "value_type");
        row!(set_attribute_active SetAttributeActiveRequest {
            user, name, active: true,
        } => "user", "name");
    }
    row!(notify_revocation NotifyRevocationRequest { revoked: None } => "revoked");
    let never = Timestamp {
        seconds: i64::MAX,
        nanos: -1,
    };
    row!(notify_revocation revoked(Revoked::Token(RevokedToken {
        token: String::new(), expire_time: Some(never),
    })) => "token.token", "token.expire_time");
    row!(issue_token IssueTokenRequest {
        user: "ada".to_owned(), service: String::new(), scopes: texts(&["mood_write"]), ttl: None,
    } => "scopes", "ttl");
    row!(issue_internal_token IssueInternalTokenRequest {
        name: String::new(), role: 7, ttl: None,
    } => "name", "role", "ttl");
    row!(revoke_token RevokeTokenRequest { token: String::new() } => "token");
    assert_eq!(t.registry.connections(&id("ada")).await.unwrap(), before);
    assert_eq!(t.registry.tokens(&id("ada")).await.unwrap(), []);
}

async fn a_time_to_live_is_a_second_to_a_hundred_years(t: Tenure) {
    let mut by = Insider::of(&t, Role::Operator).await;
    let longest = 36_500 * 86_400;
    for (seconds, nanos, good) in [
        (0, 0, false),
        (-1, 0, false),
        (0, 999_999_999, false),
        (1, 0, true),
        (1, 999_999_999, true),
        (longest, 0, true),
        (longest, 1, false),
        (i64::MAX, 0, false),
        (i64::MIN, i32::MIN, false),
    ] {
        let request = by.request(IssueTokenRequest {
            user: "ada".to_owned(),
            ttl: Some(Duration { seconds, nanos }),
            ..IssueTokenRequest::default()
        });
        let answer = by.stub.issue_token(request).await;
        assert_eq!(answer.is_ok(), good, "{seconds} {nanos}: {answer:?}");
        if !good {
            wrong(answer.map(drop), &["ttl"]);
        }
    }
    assert_eq!(t.registry.tokens(&id("ada")).await.unwrap().len(), 3);
}

async fn scopes_are_single_words_and_not_too_many(t: Tenure) {
    let mut by = Insider::of(&t, Role::Writer).await;
    let long = "x".repeat(129);
    for (scopes, field) in [
        (texts(&["mood_write "]), "scopes[0]"),
        (texts(&["mood_write", "mood\u{a0}write"]), "scopes[1]"),
        (texts(&["mood_write", &long, ""]), "scopes[1]"),
        (texts(&["mood\\write"]), "scopes[0]"),
        (vec!["mood_write".to_owned(); 1_001], "scopes"),
    ] {
        let request = by.request(PutConnectionRequest {
            user: "ada".to_owned(),
            service: "oura".to_owned(),
            scopes,
        });
        let answer = by.stub.put_connection(request).await;
        wrong(answer.map(drop), &[field]);
    }
    assert_eq!(by.connections("ada").await, []);

    // As many and as long as they may be: what is told of them fits.
    t.connect("ada", "oura", "").await;
    let mut by = Insider::of(&t, Role::Operator).await;
    let scopes = (0..1_000).map(|n| format!("{n:x>128}")).collect();
    let request = by.request(IssueTokenRequest {
        user: "ada".to_owned(),
        service: "oura".to_owned(),
        scopes,
        ttl: Some(Duration {
            seconds: 1,
            nanos: 0,
        }),
    });
    let status = by.stub.issue_token(request).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
    assert_eq!(reason(&status), "REFUSED");
}

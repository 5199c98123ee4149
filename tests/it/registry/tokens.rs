//! Tokens and attributes, as the commands have them.

use super::{Insider, reason, texts};
use crate::harness::{Tenure, on_both_engines};
use prost_types::Duration;
use serde_json::json;
use tenure::{
    domain::internal::Role,
    proto::{
        self, CreateCustomAttributeRequest, IssueInternalTokenRequest, IssueTokenRequest,
        ListInternalTokensRequest, ListTokensRequest, RevokeTokenRequest,
        SetAttributeActiveRequest, ValueType,
    },
};
use tonic::{Code, Status};

on_both_engines! {
    an_issued_token_is_good_until_it_is_revoked,
    an_internal_token_has_the_role_that_was_asked_for,
    a_token_beyond_the_connection_is_refused,
    an_attribute_is_created_and_switched,
}

const HOUR: Duration = Duration {
    seconds: 3600,
    nanos: 0,
};

async fn issue(
    by: &mut Insider,
    service: &str,
    scopes: &[&str],
) -> Result<(String, proto::Token), Status> {
    let request = by.request(IssueTokenRequest {
        user: "ada".to_owned(),
        service: service.to_owned(),
        scopes: texts(scopes),
        ttl: Some(HOUR),
    });
    let issued = by.stub.issue_token(request).await?.into_inner();
    Ok((issued.secret, issued.token.unwrap()))
}

async fn revoke(by: &mut Insider, token: &str) -> Result<(), Status> {
    let token = token.to_owned();
    let request = by.request(RevokeTokenRequest { token });
    by.stub.revoke_token(request).await.map(drop)
}

async fn an_issued_token_is_good_until_it_is_revoked(t: Tenure) {
    t.connect("ada", "oura", "activity_write mood_write").await;
    let mut by = Insider::of(&t, Role::Operator).await;
    let (all, of_all) = issue(&mut by, "oura", &[]).await.unwrap();
    assert_eq!(of_all.scopes, ["activity_write", "mood_write"]);
    let (some, of_some) = issue(&mut by, "oura", &["mood_write"]).await.unwrap();
    assert_eq!(of_some.scopes, ["mood_write"]);
    let (own, of_own) = issue(&mut by, "", &[]).await.unwrap();
    assert_eq!((&*of_own.service, of_own.revoke_time), ("", None));
    assert_eq!(t.with_token(&own).owned("").await.status, 403);

    // By itself, and by its id.
    revoke(&mut by, &all).await.unwrap();
    revoke(&mut by, &of_some.id).await.unwrap();
    for ended in [&all, &some] {
        assert_eq!(t.with_token(ended).owned("").await.status, 401);
    }
    let status = revoke(&mut by, &all).await.unwrap_err();
    assert_eq!(
        (status.code(), &*reason(&status)),
        (Code::FailedPrecondition, "REFUSED")
    );

    let user = "ada".to_owned();
    let request = by.request(ListTokensRequest { user });
    let listed = by.stub.list_tokens(request).await.unwrap().into_inner();
    let listed = listed.tokens.into_iter();
    let listed: Vec<_> = listed
        .map(|token| (token.id, token.revoke_time.is_some()))
        .collect();
    assert_eq!(
        listed,
        [(of_own.id, false), (of_some.id, true), (of_all.id, true)]
    );
}

async fn an_internal_token_has_the_role_that_was_asked_for(t: Tenure) {
    let mut by = Insider::of(&t, Role::Operator).await;
    let request = by.request(IssueInternalTokenRequest {
        name: "auth".to_owned(),
        role: proto::Role::Writer.into(),
        ttl: Some(HOUR),
    });
    let issued = by.stub.issue_internal_token(request).await.unwrap();
    let issued = issued.into_inner();
    let request = by.request(ListInternalTokensRequest {});
    let listed = by.stub.list_internal_tokens(request).await.unwrap();
    let token = issued.token.unwrap();
    assert_eq!((&*token.name, token.role()), ("auth", proto::Role::Writer));
    assert_eq!(listed.into_inner().tokens[0], token);

    let mut writer = Insider::with(&t, issued.secret).await;
    assert_eq!(writer.connections("ada").await, []);
    let status = revoke(&mut writer, &token.id).await.unwrap_err();
    assert_eq!(reason(&status), "ROLE_TOO_SMALL");
    revoke(&mut by, &token.id).await.unwrap();
}

async fn a_token_beyond_the_connection_is_refused(t: Tenure) {
    t.connect("ada", "oura", "activity_write").await;
    let mut by = Insider::of(&t, Role::Operator).await;
    for (service, scopes) in [
        ("oura", &["activity_write", "mood_write"][..]),
        ("withings", &[]),
        ("nobody", &[]),
    ] {
        let status = issue(&mut by, service, scopes).await.unwrap_err();
        assert_eq!(status.code(), Code::FailedPrecondition, "{status:?}");
        assert_eq!(reason(&status), "REFUSED");
    }
    let request = by.request(ListTokensRequest {
        user: "ada".to_owned(),
    });
    let listed = by.stub.list_tokens(request).await.unwrap();
    assert_eq!(listed.into_inner().tokens, []);
}

async fn an_attribute_is_created_and_switched(t: Tenure) {
    let oura = t.usual("ada", "oura").await;
    let mut by = Insider::of(&t, Role::Operator).await;
    let create = CreateCustomAttributeRequest {
        user: "ada".to_owned(),
        label: "Pages read".to_owned(),
        group: "media".to_owned(),
        value_type: ValueType::Integer.into(),
        manual: false,
    };
    let request = by.request(create.clone());
    let created = by.stub.create_custom_attribute(request).await.unwrap();
    assert_eq!(created.into_inner().name, "pages_read");
    let switch = |active| SetAttributeActiveRequest {
        user: "ada".to_owned(),
        name: "pages_read".to_owned(),
        active,
    };
    let request = by.request(switch(true));
    let nobodys = by.stub.set_attribute_active(request).await.unwrap_err();
    assert_eq!(reason(&nobodys), "REFUSED");
    oura.acquire(json!([{"name":"pages_read"}]))
        .await
        .succeeded();
    let request = by.request(switch(false));
    by.stub.set_attribute_active(request).await.unwrap();
    assert_eq!(oura.owned("").await.json()["count"], 0);
    for (label, group, value_type) in [
        ("Mood", "nope", ValueType::Integer),
        ("Mood", "media", ValueType::TimeFromMidday),
        ("Pages read", "media", ValueType::Integer),
    ] {
        let request = by.request(CreateCustomAttributeRequest {
            label: label.to_owned(),
            group: group.to_owned(),
            value_type: value_type.into(),
            ..create.clone()
        });
        let status = by.stub.create_custom_attribute(request).await;
        // The last is not refused: it becomes another name.
        match status {
            Ok(created) => assert_eq!(created.into_inner().name, "pages_read_2"),
            Err(status) => assert_eq!(reason(&status), "REFUSED"),
        }
    }
}

//! Nobody but the user decides for the user.

use super::{User, ada, refused};
use crate::harness::{Tenure, on_both_engines};
use tenure::{
    domain::internal::Role,
    proto::{
        DisconnectRequest, ListEventsRequest, ListUserAttributesRequest, SetActiveRequest,
        SetOwnerRequest, SetPinnedRequest, SetSuccessionRequest,
        UserAttributesListConnectionsRequest,
    },
};
use tonic::{Code, Status};

on_both_engines! {
    who_is_no_user_may_nothing,
    a_token_that_has_ended_is_good_for_nothing,
    a_users_own_token_is_good_for_nothing_else,
}

/// Calls each method with an empty message: who asks comes before what is asked.
async fn every_method(by: &User) -> Vec<(&'static str, Result<(), Status>)> {
    let mut called = Vec::new();
    macro_rules! call {
        ($($method:ident $message:ident),* $(,)?) => { $(
            let request = by.request($message::default());
            let answer = by.stub.clone().$method(request).await;
            called.push((stringify!($method), answer.map(drop)));
        )* };
    }
    call! {
        list_user_attributes ListUserAttributesRequest,
        set_owner SetOwnerRequest,
        set_active SetActiveRequest,
        set_pinned SetPinnedRequest,
        set_succession SetSuccessionRequest,
        list_connections UserAttributesListConnectionsRequest,
        disconnect DisconnectRequest,
        list_events ListEventsRequest,
    }
    called
}

async fn who_is_no_user_may_nothing(t: Tenure) {
    let (_, client) = ada(&t).await;
    let mut tokens = vec![client.token];
    for role in [Role::Reader, Role::Writer, Role::Operator] {
        tokens.push(t.internal(role).await);
    }
    for token in tokens {
        let by = User::with(&t, token).await;
        for (method, answer) in every_method(&by).await {
            let text = refused(answer, Code::PermissionDenied, "NOT_A_USER");
            assert!(text.contains("user's own"), "{method}: {text}");
        }
    }
}

async fn a_token_that_has_ended_is_good_for_nothing(t: Tenure) {
    let user = User::of(&t, "ada").await;
    t.registry.revoke_token(&user.token).await.unwrap();
    for by in [user, User::with(&t, "junk".to_owned()).await] {
        for (_, answer) in every_method(&by).await {
            refused(answer, Code::Unauthenticated, "TOKEN_INVALID");
        }
    }
}

async fn a_users_own_token_is_good_for_nothing_else(t: Tenure) {
    let (user, _) = ada(&t).await;
    let before = t.snapshot("ada").await;
    let as_client = t.with_token(&user.token);
    for answer in [
        as_client.owned("").await,
        as_client
            .acquire(serde_json::json!([{"template":"steps"}]))
            .await,
        as_client
            .release(serde_json::json!([{"name":"steps"}]))
            .await,
    ] {
        assert_eq!(answer.status, 403, "{answer:?}");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

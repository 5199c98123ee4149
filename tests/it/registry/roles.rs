//! Each role may do what those before it may, and no more.

use super::{Insider, reason};
use crate::harness::{Tenure, on_both_engines};
use tenure::{
    domain::internal::Role,
    proto::{
        CreateCustomAttributeRequest, IssueInternalTokenRequest, IssueTokenRequest,
        ListConnectionsRequest, ListInternalTokensRequest, ListTokensRequest,
        NotifyRevocationRequest, PutConnectionRequest, RemoveConnectionRequest, RevokeTokenRequest,
        SetAttributeActiveRequest,
    },
};
use tonic::{Code, Status};

on_both_engines! {
    a_role_that_is_too_small_is_told_which_is_needed,
    whoever_is_no_internal_service_may_nothing,
}

type Called = (&'static str, Role, Result<(), Status>);

/// Calls each method with an empty message, for which the role that it needs is told first of all.
async fn every_method(by: &mut Insider) -> Vec<Called> {
    let mut called = Vec::new();
    macro_rules! call {
        ($($method:ident: $role:ident $message:ident),* $(,)?) => { $(
            let request = by.request($message::default());
            let answer = by.stub.$method(request).await;
            called.push((stringify!($method), Role::$role, answer.map(drop)));
        )* };
    }
    call! {
        list_connections: Reader ListConnectionsRequest,
        put_connection: Writer PutConnectionRequest,
        remove_connection: Writer RemoveConnectionRequest,
        notify_revocation: Writer NotifyRevocationRequest,
        issue_token: Operator IssueTokenRequest,
        issue_internal_token: Operator IssueInternalTokenRequest,
        list_tokens: Operator ListTokensRequest,
        list_internal_tokens: Operator ListInternalTokensRequest,
        revoke_token: Operator RevokeTokenRequest,
        create_custom_attribute: Operator CreateCustomAttributeRequest,
        set_attribute_active: Operator SetAttributeActiveRequest,
    }
    called
}

async fn a_role_that_is_too_small_is_told_which_is_needed(t: Tenure) {
    for role in [Role::Reader, Role::Writer, Role::Operator] {
        let mut by = Insider::of(&t, role).await;
        for (method, needed, answer) in every_method(&mut by).await {
            if role < needed {
                let status = answer.unwrap_err();
                assert_eq!(status.code(), Code::PermissionDenied, "{method}");
                assert_eq!(reason(&status), "ROLE_TOO_SMALL", "{method}");
                let sentence = format!(
                    "This needs an internal service of role {needed}; the token's is {role}."
                );
                assert_eq!(status.message(), sentence, "{method}");
            } else if let Err(status) = answer {
                assert_eq!(status.code(), Code::InvalidArgument, "{method}: {status:?}");
            }
        }
    }
}

async fn whoever_is_no_internal_service_may_nothing(t: Tenure) {
    let client = t.usual("ada", "oura").await.token;
    for (token, code, why) in [
        (client, Code::PermissionDenied, "NOT_INTERNAL"),
        (t.own("ada").await, Code::PermissionDenied, "NOT_A_CLIENT"),
        ("junk".to_owned(), Code::Unauthenticated, "TOKEN_INVALID"),
    ] {
        let mut by = Insider::with(&t, token).await;
        for (method, _, answer) in every_method(&mut by).await {
            let status = answer.unwrap_err();
            assert_eq!((status.code(), &*reason(&status)), (code, why), "{method}");
        }
    }
}

//! ID tokens that nobody should believe: each row by itself, and what it is like when it is right.

use super::world::{World, in_a_world};
use crate::issuer::merged;
use serde_json::{Value, json};
use tenure::ambient::{Clock as _, System};
use tonic::Code;
use tonic_types::StatusExt as _;

in_a_world! {
    what_is_right_begins_a_session,
    what_is_wrong_begins_none,
    a_header_that_is_wrong_begins_none,
    a_stranger_signs_nobody_in,
    an_access_token_signs_nobody_in,
    keys_that_cannot_be_read_are_503,
}

async fn forged(world: &World, header: Value, claims: Value) -> String {
    let header = merged(world.header().await, header).to_string();
    let claims = merged(world.claims(), claims).to_string();
    world.provider.sign(&header, &claims, "itself").await
}

async fn refused(world: &World, token: &str, nonce: &str) {
    let status = world.session(token, nonce).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, "TOKEN_INVALID");
    let user = crate::harness::id("corp:ada");
    assert_eq!(world.t.registry.tokens(&user).await.unwrap(), []);
}

#[tokio::test]
async fn where_nobody_can_sign_in_no_token_helps() {
    let t = crate::harness::Tenure::start(crate::harness::Database::sqlite()).await;
    let endpoint = format!("http://{}", t.addresses.grpc);
    let endpoint: tonic::transport::Endpoint = endpoint.parse().unwrap();
    let channel = endpoint.connect().await.unwrap();
    let mut stub = tenure::proto::sessions_client::SessionsClient::new(channel);
    let request = tenure::proto::StartSessionRequest {
        id_token: "x".to_owned(),
        nonce: "n".to_owned(),
    };
    let status = stub.start_session(request).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    let info = status.get_details_error_info().unwrap();
    assert_eq!(info.reason, "SIGN_IN_DISABLED");
    // The one call that needs no token: to end a session does.
    let request = tenure::proto::EndSessionRequest {};
    let status = stub.end_session(request).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn the_token_of_a_service_is_no_session() {
    let t = crate::harness::Tenure::start(crate::harness::Database::sqlite()).await;
    let service = t.usual("ada", "oura").await;
    let endpoint = format!("http://{}", t.addresses.grpc);
    let endpoint: tonic::transport::Endpoint = endpoint.parse().unwrap();
    let channel = endpoint.connect().await.unwrap();
    let mut stub = tenure::proto::sessions_client::SessionsClient::new(channel);
    let request = crate::grpc::with(&service, tenure::proto::EndSessionRequest {});
    let status = stub.end_session(request).await.unwrap_err();
    let info = status.get_details_error_info().unwrap();
    assert_eq!(
        (status.code(), &*info.reason),
        (Code::PermissionDenied, "NOT_A_USER")
    );
    assert_eq!(service.owned("").await.status, 200);
}

async fn what_is_right_begins_a_session(world: World) {
    let now = System.now().unix_timestamp();
    for (header, claims) in [
        (json!({}), json!({})),
        (json!({"typ": null}), json!({})),
        (json!({"typ": "jwt"}), json!({"azp": "page"})),
        (json!({}), json!({"aud": ["else", "page"], "azp": "page"})),
        (json!({}), json!({"iat": now - 300, "nbf": now - 300})),
        (json!({}), json!({"iat": now + 3})),
    ] {
        let token = forged(&world, header, claims.clone()).await;
        let session = world.session(&token, "n").await.unwrap();
        assert_eq!(session.user, "corp:ada", "{claims}");
        let client = world.t.with_token(&session.token);
        assert_eq!(client.get("/api/2/account/attributes/").await.status, 200);
    }
}

async fn what_is_wrong_begins_none(world: World) {
    let now = System.now().unix_timestamp();
    for claims in [
        json!({"iss": "https://else.example"}),
        json!({"iss": format!("{}/", world.provider.url)}),
        json!({"iss": null}),
        json!({"aud": "public-page"}),
        json!({"aud": []}),
        json!({"aud": null}),
        json!({"aud": ["page", "else"]}),
        json!({"aud": ["page", "else"], "azp": "else"}),
        json!({"azp": "else"}),
        json!({"exp": now}),
        json!({"exp": now - 1}),
        json!({"exp": null}),
        json!({"iat": null}),
        json!({"iat": now - 310}),
        json!({"iat": now + 60}),
        json!({"nbf": now + 60}),
        json!({"nonce": null}),
        json!({"nonce": "other"}),
        json!({"nonce": ""}),
        json!({"nonce": ["n"]}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": "page"}),
        json!({"sub": 7}),
        json!({"sub": "a\u{0}b"}),
    ] {
        let token = forged(&world, json!({}), claims).await;
        refused(&world, &token, "n").await;
    }
    let token = forged(&world, json!({}), json!({})).await;
    refused(&world, &token, "N").await;
    for token in ["x", "a.b.c", "tnr_x", &"x".repeat(10_000)] {
        refused(&world, token, "n").await;
    }
    for (token, nonce, field) in [("", "n", "id_token"), (&*token, "", "nonce")] {
        let status = world.session(token, nonce).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
        let violations = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(violations[0].field, field);
    }
    assert_eq!(world.session(&token, "n").await.unwrap().user, "corp:ada");
}

async fn a_header_that_is_wrong_begins_none(world: World) {
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "PS256"}),
        json!({"alg": "ES256"}),
        json!({"kid": "unknown"}),
        json!({"crit": ["exp"]}),
        json!({"typ": "at+jwt"}),
        json!({"typ": "application/at+jwt"}),
        json!({"typ": "logout+jwt"}),
    ] {
        let token = forged(&world, header, json!({})).await;
        refused(&world, &token, "n").await;
    }
}

async fn a_stranger_signs_nobody_in(world: World) {
    let (header, claims) = (world.header().await, world.claims());
    let (header, claims) = (header.to_string(), claims.to_string());
    let token = world.provider.sign(&header, &claims, "stranger").await;
    refused(&world, &token, "n").await;
    let good = world.provider.sign(&header, &claims, "itself").await;
    let (signed, _) = good.rsplit_once('.').unwrap();
    refused(&world, signed, "n").await;
    refused(&world, &format!("{signed}."), "n").await;
}

async fn an_access_token_signs_nobody_in(world: World) {
    for format in ["jwt", "opaque"] {
        let token = world.provider.token("oura", "ada", format).await;
        refused(&world, &token, "n").await;
    }
    // And an ID token is no access token.
    let token = forged(&world, json!({}), json!({})).await;
    let client = world.t.with_token(&token);
    for path in ["/api/2/attributes/owned/", "/api/2/account/attributes/"] {
        assert_eq!(client.get(path).await.status, 401);
    }
}

async fn keys_that_cannot_be_read_are_503(mut world: World) {
    let token = forged(&world, json!({}), json!({})).await;
    world.provider.stop();
    let status = world.session(&token, "n").await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable, "{status:?}");
    assert!(status.get_details_retry_info().is_some());
}

//! Services of the platform itself that come with the issuer's tokens.

use super::{INTERNAL, World, in_a_world};
use crate::{check::reason, harness::item};
use serde_json::json;
use tenure::proto::Verdict;
use tonic::Code;

in_a_world! { on both engines:
    an_internal_service_comes_with_a_token_of_its_own_audience,
}
in_a_world! {
    an_internal_service_whose_token_is_revoked_by_a_notice_is_refused,
    no_other_client_is_internal_whatever_its_audience,
}

async fn an_internal_service_comes_with_a_token_of_its_own_audience(world: World) {
    let form = [("grant_type", "client_credentials"), ("resource", INTERNAL)];
    let tokens = world
        .provider
        .post("/oauth2/access_token", "client-of-values", &form);
    let token = super::provider::text(&tokens.await["access_token"]);
    let oura = world.client("oura", "jwt").await;
    oura.acquire(json!([{"template": "mood"}]))
        .await
        .succeeded();

    let inside = world.t.inside_with(token.clone()).await;
    let checked = inside.check_one(item("ada", "mood", "oura"), None).await;
    assert_eq!(checked.verdict(), Verdict::Owned);
    let told = inside.introspect(&oura.token).await.unwrap();
    assert!(told.active, "{told:?}");
    // It acts for no user.
    let answer = world.t.with_token(&token).acquire(json!([])).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    // And who acts for a user is not internal.
    let outside = world.t.inside_with(oura.token).await;
    let status = outside.check(Vec::new(), None).await.unwrap_err();
    assert_eq!(
        (status.code(), &*reason(&status)),
        (Code::PermissionDenied, "NOT_INTERNAL")
    );
}

async fn an_internal_service_whose_token_is_revoked_by_a_notice_is_refused(world: World) {
    let form = [("grant_type", "client_credentials"), ("resource", INTERNAL)];
    let tokens = world
        .provider
        .post("/oauth2/access_token", "client-of-values", &form);
    let token = super::provider::text(&tokens.await["access_token"]);
    let inside = world.t.inside_with(token.clone()).await;
    let check = || inside.check(vec![item("ada", "mood", "oura")], None);
    check().await.unwrap();
    let notice = tenure::service::Notice::Token {
        token,
        expires_at: None,
    };
    world.t.registry.take_notice(&notice).await.unwrap();
    // That it stood is remembered for a second.
    let status = loop {
        if let Err(status) = check().await {
            break status;
        }
    };
    assert_eq!(status.code(), Code::Unauthenticated);
}

async fn no_other_client_is_internal_whatever_its_audience(world: World) {
    let form = [("grant_type", "client_credentials"), ("resource", INTERNAL)];
    let tokens = world
        .provider
        .post("/oauth2/access_token", "oura", &form)
        .await;
    world
        .refused(tokens["access_token"].as_str().unwrap())
        .await;
    for audience in [json!(INTERNAL), json!([super::AUDIENCE, INTERNAL])] {
        world
            .refused(&world.forged(json!({"aud": audience})).await)
            .await;
    }
    // The audience makes it internal, and not the client alone.
    let claims = json!({"client_id": "client-of-values", "sub": "client-of-values"});
    world.refused(&world.forged(claims).await).await;
}

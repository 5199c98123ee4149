//! Opaque tokens: asked about once, remembered for a short time, revoked.

use super::{World, in_a_world, issuer, provider::Provider};
use crate::harness::Database;
use serde_json::json;
use std::time::Duration;
use tonic::Code;

in_a_world! {
    a_token_is_asked_about_once_for_as_long_as_its_answer_counts,
    a_revoked_token_is_refused_once_the_answer_counts_no_more,
    what_is_remembered_ends_with_the_token,
    junk_is_asked_about_once_and_pushes_nothing_out,
    callers_who_come_together_share_an_answer,
    what_cannot_be_a_token_is_asked_nobody,
    a_watch_does_not_hammer_the_issuer_and_ends_with_the_token,
}

const ENDPOINT: &str = "/token/introspection";

async fn asked(world: &World) -> u64 {
    world.provider.asked(ENDPOINT).await
}

async fn a_token_is_asked_about_once_for_as_long_as_its_answer_counts(world: World) {
    let client = world.client("withings", "opaque").await;
    let (begun, mut calls) = (std::time::Instant::now(), 0);
    while asked(&world).await < 3 {
        assert_eq!(client.owned("").await.status, 200);
        calls += 1;
    }
    // The second and the third came each two seconds after the one before, or later.
    assert!(
        begun.elapsed() >= Duration::from_secs(4) && calls > 3,
        "{calls}"
    );
}

async fn a_revoked_token_is_refused_once_the_answer_counts_no_more(world: World) {
    let client = world.client("withings", "opaque").await;
    client
        .acquire(json!([{"template": "mood"}]))
        .await
        .succeeded();
    world.provider.revoke("withings", &client.token).await;
    loop {
        let before = asked(&world).await;
        let answer = client.owned("").await;
        if answer.status == 401 {
            break;
        }
        assert_eq!(answer.status, 200, "{answer:?}");
        // It was let in by what was said before.
        assert_eq!(asked(&world).await, before);
    }
    world.refused(&client.token).await;
}

async fn what_is_remembered_ends_with_the_token(world: World) {
    let token = world.provider.token_for("withings", "ada", "opaque", 1);
    let client = world.t.with_token(&token.await);
    let first = client.owned("").await.status;
    let remembered = std::time::Instant::now();
    while client.owned("").await.status == 200 {}
    assert_eq!(client.owned("").await.status, 401);
    // Unless this machine is very slow, the answer, which counts for two seconds, was not asked for again.
    if first == 200 && remembered.elapsed() < Duration::from_secs(2) {
        assert_eq!(asked(&world).await, 1);
    }
}

async fn junk_is_asked_about_once_and_pushes_nothing_out(world: World) {
    let client = world.client("withings", "opaque").await;
    assert_eq!(client.owned("").await.status, 200);
    let before = asked(&world).await;
    for _ in 0..3 {
        world.t.with_token("junk").owned("").await;
    }
    assert!(asked(&world).await <= before + 2);
    world.refused("junk").await;
}

async fn callers_who_come_together_share_an_answer(world: World) {
    let client = world.client("withings", "opaque").await;
    let calls = (0..8).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.owned("").await.status })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap(), 200);
    }
    assert_eq!(asked(&world).await, 1);
}

async fn what_cannot_be_a_token_is_asked_nobody(world: World) {
    let long = "x".repeat(8 * 1024 + 1);
    for text in ["a b", "a,b", "=", "\u{e9}", "tnr_junk", "tni_junk", &long] {
        let answer = world.t.with_token(text).owned("").await;
        assert_eq!(answer.status, 401, "{text}");
    }
    assert_eq!(asked(&world).await, 0);
}

async fn a_watch_does_not_hammer_the_issuer_and_ends_with_the_token(world: World) {
    let token = world
        .provider
        .token("client-of-values", "client-of-values", "internal");
    let inside = world.t.inside_with(token.await).await;
    let mut watches = Vec::new();
    let begun = std::time::Instant::now();
    for _ in 0..5 {
        watches.push(inside.watch_all().await);
    }
    // Each looks at its token again every two seconds.
    while asked(&world).await < 3 {
        watches[0].message().await.unwrap();
    }
    world
        .provider
        .revoke("client-of-values", &inside.token)
        .await;
    for mut watch in watches {
        assert_eq!(watch.end().await.code(), Code::Unauthenticated);
    }
    let most = 1 + begun.elapsed().as_secs() / 2;
    let asked = asked(&world).await;
    assert!(asked <= most, "{asked} in {:?}", begun.elapsed());
}

#[tokio::test]
async fn a_forged_signature_is_not_let_in_by_what_is_remembered_of_the_right_one() {
    let Some(provider) = Provider::start() else {
        return;
    };
    let endpoint = format!("endpoint = '{}/test/introspect'\n", provider.url);
    let file = issuer(&provider.url)
        .replace(
            "[issuer.introspection]",
            "jwt = false\n[issuer.introspection]",
        )
        .replace("cache = \"2s\"", &format!("cache = \"1m\"\n{endpoint}"));
    let world = World::with(Database::sqlite(), provider, &file).await;
    let good = world.provider.token("oura", "ada", "jwt").await;
    world.accepted(&good).await;
    let asked = || world.provider.asked("/test/introspect");
    assert_eq!(asked().await, 1);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let other = world.forged(json!({"jti": "2"})).await;
    let (_, anothers) = other.rsplit_once('.').unwrap();
    for forged in [anothers, &signature[..signature.len() / 2], ""] {
        world.refused(&format!("{signed}.{forged}")).await;
    }
    let before = asked().await;
    world.accepted(&good).await;
    assert_eq!(asked().await, before, "it is remembered all the while");
}

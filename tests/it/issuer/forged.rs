//! JWTs that nobody should believe: each row by itself, and what it is like when it is right.

use super::{World, in_a_world};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::{Value, json};
use std::time::Instant;
use tenure::ambient::{Clock as _, System};

in_a_world! {
    what_is_right_is_let_in,
    no_algorithm,
    a_secret_that_is_the_public_key,
    an_algorithm_that_the_key_is_not_for,
    a_signature_of_another_key,
    a_key_that_the_token_brings_along,
    no_signature_or_a_changed_payload,
    a_flood_of_unknown_key_ids,
    a_wrong_issuer,
    a_wrong_audience,
    expired_by_a_second,
    not_good_yet,
    no_expiry_or_no_time_of_issue,
    claims_that_come_twice,
    claims_of_another_type,
    a_type_that_is_not_an_access_tokens,
    what_must_be_understood_and_is_not,
    a_token_that_is_bound_to_a_key,
    a_text_that_is_too_long,
}

fn now() -> i64 {
    System.now().unix_timestamp()
}

async fn what_is_right_is_let_in(world: World) {
    world.accepted(&world.forged(json!({})).await).await;
    for right in [
        json!({"aud": ["https://else.example", super::AUDIENCE]}),
        json!({"scope": ["mood_write", "mood_read"]}),
        json!({"nbf": now() + 2, "iat": now() + 2}),
        json!({"client_id": null, "azp": "oura"}),
    ] {
        world.accepted(&world.forged(right).await).await;
    }
    for right in [json!({"typ": "application/AT+JWT"}), json!({"kid": null})] {
        world.accepted(&world.headed(right).await).await;
    }
}

/// A token with this header and a signature that `sign` makes of what is signed.
fn signed(world: &World, header: &Value, sign: impl Fn(&str) -> String) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(&world.claims()));
    format!("{message}.{}", sign(&message))
}

async fn no_algorithm(world: World) {
    for none in ["none", "None", "NONE", ""] {
        let header = super::merged(world.header().await, json!({"alg": none}));
        world
            .refused(&signed(&world, &header, |_| String::new()))
            .await;
        world
            .refused(&world.headed(json!({"alg": none})).await)
            .await;
    }
    world
        .refused(&world.headed(json!({"alg": null})).await)
        .await;
}

async fn a_secret_that_is_the_public_key(world: World) {
    let header = super::merged(world.header().await, json!({"alg": "HS256"}));
    let keys = world.provider.tell("keys", &Value::Null).await;
    let public = json!({"kty": "RSA", "n": keys[0]["n"], "e": keys[0]["e"]});
    let modulus = URL_SAFE_NO_PAD
        .decode(keys[0]["n"].as_str().unwrap())
        .unwrap();
    for secret in [public.to_string().into_bytes(), modulus] {
        let key = EncodingKey::from_secret(&secret);
        let sign =
            |message: &str| crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        world.refused(&signed(&world, &header, sign)).await;
    }
}

async fn an_algorithm_that_the_key_is_not_for(world: World) {
    for algorithm in ["PS256", "RS384", "ES256", "EdDSA", "HS256"] {
        world
            .refused(&world.headed(json!({"alg": algorithm})).await)
            .await;
    }
}

async fn a_signature_of_another_key(world: World) {
    let (header, claims) = (world.header().await.to_string(), world.claims().to_string());
    let token = world.provider.sign(&header, &claims, "stranger").await;
    world.refused(&token).await;
}

async fn a_key_that_the_token_brings_along(world: World) {
    let keys = world.provider.tell("keys", &Value::Null).await;
    for brought in [
        json!({"jwk": {"kty": "RSA", "n": keys[0]["n"], "e": keys[0]["e"]}}),
        json!({"jku": format!("{}/jwks", world.provider.url)}),
        json!({"x5u": format!("{}/jwks", world.provider.url)}),
    ] {
        let header = super::merged(world.header().await, brought);
        let header = super::merged(header, json!({"kid": "mine"})).to_string();
        let claims = world.claims().to_string();
        world
            .refused(&world.provider.sign(&header, &claims, "stranger").await)
            .await;
    }
}

async fn no_signature_or_a_changed_payload(world: World) {
    let token = world.forged(json!({})).await;
    let parts: Vec<_> = token.split('.').collect();
    let other = world.forged(json!({"sub": "eve"})).await;
    let payload = other.split('.').nth(1).unwrap();
    for token in [
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}", parts[0], parts[1]),
        format!("{}.{payload}.{}", parts[0], parts[2]),
        format!("{}.{}.{}=", parts[0], parts[1], parts[2]),
        format!("{}.{}.{}.", parts[0], parts[1], parts[2]),
        format!("{}.e30.{}", parts[0], parts[2]),
        format!("{}.!.{}", parts[0], parts[2]),
    ] {
        world.refused(&token).await;
    }
}

async fn a_flood_of_unknown_key_ids(world: World) {
    let good = world.forged(json!({})).await;
    world.accepted(&good).await;
    let before = world.provider.asked("/jwks").await;
    let begun = Instant::now();
    for number in 0..100 {
        let junk = world.headed(json!({"kid": format!("junk-{number}")})).await;
        let answer = world.t.with_token(&junk).owned("").await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
    // Three in a row, and one each five seconds.
    let allowed = 3 + begun.elapsed().as_secs() / 5;
    let asked = world.provider.asked("/jwks").await - before;
    assert!(asked <= allowed, "{asked} in {:?}", begun.elapsed());
    world.accepted(&good).await;
}

async fn a_wrong_issuer(world: World) {
    let url = &world.provider.url;
    for issuer in [
        json!(null),
        json!(""),
        json!(format!("{url}/")),
        json!(url.to_uppercase()),
        json!("https://else.example"),
        json!([url]),
    ] {
        world
            .refused(&world.forged(json!({"iss": issuer})).await)
            .await;
    }
    // Nobody is asked about what another issuer signed, or says it did.
    assert_eq!(world.provider.asked("/token/introspection").await, 0);
}

async fn a_wrong_audience(world: World) {
    for audience in [
        json!(null),
        json!("oura"),
        json!([]),
        json!(["https://else.example"]),
        json!("https://api.tenure.example/"),
        json!({"https://api.tenure.example": true}),
        json!([super::AUDIENCE, 1]),
    ] {
        world
            .refused(&world.forged(json!({"aud": audience})).await)
            .await;
    }
}

async fn expired_by_a_second(world: World) {
    for passed in [1, 2, 3600] {
        world
            .refused(&world.forged(json!({"exp": now() - passed})).await)
            .await;
    }
}

async fn not_good_yet(world: World) {
    for early in [json!({"nbf": now() + 60}), json!({"iat": now() + 60})] {
        world.refused(&world.forged(early).await).await;
    }
}

async fn no_expiry_or_no_time_of_issue(world: World) {
    for absent in ["exp", "iat"] {
        world
            .refused(&world.forged(json!({absent: null})).await)
            .await;
    }
}

async fn claims_that_come_twice(world: World) {
    let (header, claims) = (world.header().await.to_string(), world.claims().to_string());
    let twice = |more: &str| format!("{},{more}}}", claims.strip_suffix('}').unwrap());
    for more in [
        r#""sub":"eve""#,
        r#""sub":"ada""#,
        r#""exp":99999999999"#,
        r#""s\u0075b":"eve""#,
        r#""jti":"2""#,
    ] {
        world
            .refused(&world.provider.sign(&header, &twice(more), "itself").await)
            .await;
    }
    let header = header.replace(r#""alg":"#, r#""alg":"RS256","alg":"#);
    world
        .refused(&world.provider.sign(&header, &claims, "itself").await)
        .await;
}

async fn claims_of_another_type(world: World) {
    for wrong in [
        json!({"exp": "99999999999"}),
        json!({"exp": 1e300}),
        json!({"exp": true}),
        json!({"iat": []}),
        json!({"nbf": "soon"}),
        json!({"sub": 1}),
        json!({"sub": ""}),
        json!({"sub": "a\u{0}b"}),
        json!({"sub": ["ada"]}),
        json!({"client_id": 1}),
        json!({"client_id": "no service's name"}),
        json!({"scope": {"mood_write": true}}),
        json!({"scope": "mood_write \u{7}"}),
    ] {
        world.refused(&world.forged(wrong).await).await;
    }
}

async fn a_type_that_is_not_an_access_tokens(world: World) {
    for typ in [
        json!(null),
        json!("JWT"),
        json!("logout+jwt"),
        json!("at+jwt "),
    ] {
        world
            .refused(&world.headed(json!({"typ": typ})).await)
            .await;
    }
}

async fn what_must_be_understood_and_is_not(world: World) {
    for header in [
        json!({"crit": ["exp"], "exp": 99_999_999_999_u64}),
        json!({"crit": ["b64"], "b64": false}),
        json!({"crit": []}),
    ] {
        world.refused(&world.headed(header).await).await;
    }
}

async fn a_token_that_is_bound_to_a_key(world: World) {
    let bound = json!({"cnf": {"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"}});
    world.refused(&world.forged(bound).await).await;
}

async fn a_text_that_is_too_long(world: World) {
    let long = json!({"more": "x".repeat(8 * 1024)});
    world.refused(&world.forged(long).await).await;
    let fits = json!({"more": "x".repeat(4 * 1024)});
    world.accepted(&world.forged(fits).await).await;
}

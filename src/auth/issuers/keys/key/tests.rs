use super::*;
use serde_json::{Value, json};

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";

/// A key on P-256 with this in it.
fn ec(more: &Value) -> Value {
    let mut key = json!({"kty": "EC", "crv": "P-256", "x": X, "y": X});
    for (name, value) in more.as_object().unwrap() {
        key[name] = value.clone();
    }
    key
}

fn set(keys: &[Value]) -> KeySet {
    serde_json::from_value(json!({ "keys": keys })).unwrap()
}

#[test]
fn a_key_is_found_by_its_id_for_what_it_is_for() {
    let keys = set(&[
        ec(&json!({"kid": "a"})),
        ec(&json!({"kid": "b", "alg": "ES256", "use": "sig"})),
    ]);
    for id in ["a", "b"] {
        assert!(keys.find(Some(id), Algorithm::ES256).is_some());
        for other in [Algorithm::ES384, Algorithm::RS256, Algorithm::HS256] {
            assert!(keys.find(Some(id), other).is_none());
        }
    }
    assert!(keys.find(Some("c"), Algorithm::ES256).is_none());
    // Without an id there must be no choice.
    assert!(keys.find(None, Algorithm::ES256).is_none());
    let one = set(&[ec(&json!({}))]);
    assert!(one.find(None, Algorithm::ES256).is_some());
    assert!(one.find(Some("a"), Algorithm::ES256).is_none());
}

#[test]
fn what_cannot_verify_a_signature_is_left_out_and_spoils_nothing() {
    let keys = set(&[
        json!({"kty": "oct", "kid": "secret", "k": "c2VjcmV0"}),
        json!({"kty": "oct", "kid": "secret", "alg": "HS256", "k": "c2VjcmV0"}),
        ec(&json!({"kid": "enc", "use": "enc"})),
        ec(&json!({"kid": "sign", "key_ops": ["sign"]})),
        ec(&json!({"kid": "other", "alg": "ES384"})),
        ec(&json!({"kid": "exchange", "alg": "ECDH-ES"})),
        ec(&json!({"kid": "curve", "crv": "secp256k1"})),
        json!({"kty": "AKP", "kid": "later", "alg": "ML-DSA-44", "pub": "AA"}),
        json!({"kid": "nothing"}),
        json!("nonsense"),
        ec(&json!({"kid": "good"})),
    ]);
    assert_eq!(keys.0.len(), 1);
    assert!(keys.find(Some("good"), Algorithm::ES256).is_some());
}

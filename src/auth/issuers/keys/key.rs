//! One key, and what it may be used for.

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use std::sync::Arc;

/// A key that verifies signatures.
pub(super) struct Key {
    id: Option<String>,
    algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

/// The keys of an issuer (RFC 7517, section 5). Those that cannot be used here are left out, and spoil none.
#[derive(Clone, Default, Deserialize)]
#[serde(from = "Document")]
pub(super) struct KeySet(Arc<[Key]>);

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

impl From<Document> for KeySet {
    fn from(document: Document) -> Self {
        let keys = document.keys.into_iter();
        let keys = keys.filter_map(|key| serde_json::from_value(key).ok());
        Self(keys.filter_map(|key| Key::of(&key)).collect())
    }
}

impl KeySet {
    /// The key of this id for this algorithm; without an id, the only one for it.
    pub(super) fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Option<&Key> {
        let mut fitting = self.0.iter().filter(|key| {
            key.algorithms.contains(&algorithm) && (id.is_none() || key.id.as_deref() == id)
        });
        let first = fitting.next();
        first.filter(|_| id.is_some() || fitting.next().is_none())
    }
}

impl Key {
    fn of(jwk: &Jwk) -> Option<Self> {
        let signs = matches!(
            jwk.common.public_key_use,
            None | Some(PublicKeyUse::Signature)
        );
        let operations = jwk.common.key_operations.as_ref();
        let verifies = operations.is_none_or(|may| may.contains(&KeyOperations::Verify));
        let mut algorithms = of_type(&jwk.algorithm);
        if let Some(only) = jwk.common.key_algorithm {
            algorithms.retain(|algorithm| KeyAlgorithm::from(*algorithm) == only);
        }
        let usable = signs && verifies && !algorithms.is_empty();
        let decoding = usable.then(|| DecodingKey::from_jwk(jwk).ok()).flatten()?;
        Some(Self {
            id: jwk.common.key_id.clone(),
            algorithms,
            decoding,
        })
    }
}

/// What a key of this type can sign with. A secret that both sides have is nobody's signature.
fn of_type(parameters: &AlgorithmParameters) -> Vec<Algorithm> {
    use Algorithm::{ES256, ES384, EdDSA, PS256, PS384, PS512, RS256, RS384, RS512};
    match parameters {
        AlgorithmParameters::RSA(_) => vec![RS256, RS384, RS512, PS256, PS384, PS512],
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => vec![ES256],
            EllipticCurve::P384 => vec![ES384],
            _ => Vec::new(),
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            vec![EdDSA]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

//! JWT access tokens (RFC 9068).

use super::{IssuerSettings, claims::Claims, holder::Validity, keys::Keys};
use crate::{auth::Error, domain::Instant};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What a text looks like, before anything in it is believed.
pub(super) enum Shape {
    /// A JWT that says that this issuer made it.
    Jwt { issuer: String },
    /// A JWT that nobody can have made.
    Broken,
    /// Anything else.
    Opaque,
}

pub(super) fn shape(token: &str) -> Shape {
    let parts: Vec<_> = token.split('.').collect();
    let [header, payload, _] = parts[..] else {
        return Shape::Opaque;
    };
    if decoded::<Map<String, Value>>(header).is_none() {
        return Shape::Opaque;
    }
    let claims = decoded::<Claims>(payload);
    match claims.as_ref().map(|claims| claims.text("iss")) {
        Some(Ok(Some(issuer))) => Shape::Jwt {
            issuer: issuer.to_owned(),
        },
        _ => Shape::Broken,
    }
}

fn decoded<T: serde::de::DeserializeOwned>(part: &str) -> Option<T> {
    let json = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}

/// What an access token says, if the issuer signed it.
pub(super) async fn signed(
    token: &str,
    settings: &IssuerSettings,
    keys: &Arc<Keys>,
) -> Result<Claims, Error> {
    signed_as(token, settings, keys, is_access_token).await
}

/// What a token says, if the issuer signed it and its header says that it is what it should be.
pub(super) async fn signed_as(
    token: &str,
    settings: &IssuerSettings,
    keys: &Arc<Keys>,
    is_right: impl Fn(&Header, &IssuerSettings) -> bool,
) -> Result<Claims, Error> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Error::Invalid)?;
    if !acceptable(&header, settings) || !is_right(&header, settings) {
        return Err(Error::Invalid);
    }
    let key = keys.find(header.kid.as_deref(), header.alg).await?;
    let token = jsonwebtoken::decode(token, &key, &signature_alone(header.alg));
    Ok(token.map_err(|_| Error::Invalid)?.claims)
}

/// The algorithm is the issuer's and not the token's to choose; what must be understood is not (RFC 7515, section
/// 4.1.11).
fn acceptable(header: &Header, settings: &IssuerSettings) -> bool {
    let algorithm = settings.algorithms.iter().any(|a| a.0 == header.alg);
    algorithm && header.crit.is_none()
}

/// An ID token calls itself something else (RFC 9068, section 4).
fn is_access_token(header: &Header, settings: &IssuerSettings) -> bool {
    let named = header.typ.clone().map(super::TokenType::from);
    named.is_some_and(|named| settings.types.contains(&named))
}

/// The library looks at the signature. The claims are looked at here, by the clock that is passed in.
fn signature_alone(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

/// From when until when the token is good; invalid if that is not now. Both ends must be there.
pub(super) fn validity(
    claims: &Claims,
    settings: &IssuerSettings,
    now: Instant,
) -> Result<Validity, Error> {
    let issued_at = claims.moment("iat")?.ok_or(Error::Invalid)?;
    let expires_at = claims.moment("exp")?.ok_or(Error::Invalid)?;
    let validity = Validity {
        issued_at,
        expires_at,
    };
    validity.check(claims.moment("nbf")?, now, settings.skew)?;
    Ok(validity)
}

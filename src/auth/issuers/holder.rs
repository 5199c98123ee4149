//! From claims that are believed to a principal.

use super::{IssuerSettings, claims::Claims};
use crate::{
    auth::{Client, Error, Internal, Issuer, Principal},
    domain::{
        Instant,
        name::{ServiceName, UserId},
        token::TokenHash,
    },
};
use std::time::Duration;

/// From when until when a token is good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Validity {
    pub(super) issued_at: Instant,
    pub(super) expires_at: Instant,
}

impl Validity {
    /// Whether that is now. The issuer's clock may be ahead by the skew, so a token may be from as far in the future;
    /// none is good after its end.
    pub(super) fn check(
        &self,
        not_before: Option<Instant>,
        now: Instant,
        skew: Duration,
    ) -> Result<(), Error> {
        let soonest = now + skew;
        let begun = self.issued_at <= soonest && not_before.is_none_or(|from| from <= soonest);
        if begun && now < self.expires_at {
            Ok(())
        } else {
            Err(Error::Invalid)
        }
    }
}

/// Whose token it is that says this.
pub(super) fn principal(
    claims: &Claims,
    validity: Validity,
    token: TokenHash,
    settings: &IssuerSettings,
) -> Result<Principal, Error> {
    // Whoever calls must prove that it has the key that such a token is bound to (RFC 8705, RFC 9449); a bearer does not.
    if claims.has("cnf") {
        return Err(Error::Invalid);
    }
    let client = client(claims, settings)?;
    let audiences = claims.audiences()?;
    let internal = settings.internal.as_ref();
    if let Some(internal) = internal.filter(|of| audiences.contains(&&*of.audience)) {
        let service = internal.services.get(client).ok_or(Error::Invalid)?;
        return Ok(Principal::Internal(Internal {
            name: service.name.clone(),
            role: service.role,
            issued_at: validity.issued_at,
            expires_at: validity.expires_at,
        }));
    }
    Ok(Principal::Client(Client {
        user: user(claims, client, settings)?,
        service: service(client, settings)?,
        scopes: claims.scopes(&settings.scope_claim)?,
        issued_at: validity.issued_at,
        expires_at: validity.expires_at,
        token,
        issuer: Issuer::Outside,
    }))
}

fn client<'c>(claims: &'c Claims, settings: &IssuerSettings) -> Result<&'c str, Error> {
    let mut names = settings.service_claims.iter();
    let name = names.find(|name| claims.has(name)).ok_or(Error::Invalid)?;
    claims.text(name)?.ok_or(Error::Invalid)
}

/// A client that has a token for itself is no user (RFC 9068, section 2.2).
pub(super) fn user(
    claims: &Claims,
    client: &str,
    settings: &IssuerSettings,
) -> Result<UserId, Error> {
    let user = claims.text(&settings.user_claim)?;
    let user = user.filter(|user| !user.is_empty() && *user != client);
    let user = user.ok_or(Error::Invalid)?;
    if claims.text("sub")? == Some(client) {
        return Err(Error::Invalid);
    }
    let prefix = settings.user_prefix.as_deref().unwrap_or_default();
    UserId::parse(format!("{prefix}{user}")).map_err(|_| Error::Invalid)
}

fn service(client: &str, settings: &IssuerSettings) -> Result<ServiceName, Error> {
    match &settings.services {
        Some(services) => services.get(client).cloned().ok_or(Error::Invalid),
        None => ServiceName::parse(client).map_err(|_| Error::Invalid),
    }
}

//! One authorization server, and all that it takes to believe its tokens.

use super::{
    IssuerSettings, IssuerUrl,
    claims::Claims,
    discovery::Discovery,
    holder::{self, Validity},
    http::{Failure, Http, Unbuildable},
    introspection::Introspection,
    jwt,
    keys::Keys,
};
use crate::{
    ambient::Clock,
    auth::{Error, Principal, TokenSecret},
    domain::{Instant, token::TokenHash},
};
use std::sync::Arc;

/// How long a token is said to be good whose issuer does not say. It is asked again and again meanwhile.
const UNTOLD_LIFE: time::Duration = time::Duration::days(1);

/// An authorization server whose tokens let callers in.
pub(super) struct AuthorizationServer {
    settings: Arc<IssuerSettings>,
    clock: Arc<dyn Clock>,
    keys: Option<Arc<Keys>>,
    introspection: Option<Introspection>,
}

/// What is wrong with which server.
#[derive(Debug, thiserror::Error)]
#[error("issuer '{url}'")]
struct Trouble {
    url: IssuerUrl,
    source: Arc<Failure>,
}

/// The error of one who cannot be told whether a token is good.
pub(super) fn unavailable(url: &IssuerUrl, source: Arc<Failure>) -> Error {
    let url = url.clone();
    Error::Unavailable(Box::new(Trouble { url, source }))
}

impl AuthorizationServer {
    pub(super) fn new(
        settings: IssuerSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Unbuildable> {
        let settings = Arc::new(settings);
        let http = Arc::new(Http::new(&settings)?);
        let discovery = Arc::new(Discovery::new(Arc::clone(&http), settings.url.clone()));
        let keys = || {
            Keys::new(
                Arc::clone(&http),
                Arc::clone(&discovery),
                Arc::clone(&settings),
            )
        };
        let keys = settings.jwt.then(|| Arc::new(keys()));
        let introspection = settings.introspection.as_ref().map(|introspection| {
            let issuer = Arc::clone(&settings);
            Introspection::new(
                Arc::clone(&http),
                Arc::clone(&discovery),
                issuer,
                introspection,
            )
        });
        let introspection = introspection.transpose()?;
        Ok(Self {
            settings,
            clock,
            keys,
            introspection,
        })
    }

    /// Whether this is the server of that name.
    pub(super) fn is(&self, issuer: &str) -> bool {
        self.settings.url.as_str() == issuer
    }

    /// Whether this opaque token is one to ask this server about.
    pub(super) fn may_know(&self, token: &str) -> bool {
        let introspection = self.settings.introspection.as_ref();
        introspection.is_some_and(|of| token.starts_with(&of.token_prefix))
    }

    /// Whose a JWT is that says that it is from here.
    pub(super) async fn verify_jwt(&self, token: &str) -> Result<Principal, Error> {
        let Some(keys) = &self.keys else {
            return self.introspect(token).await;
        };
        let claims = jwt::signed(token, &self.settings, keys).await?;
        let validity = jwt::validity(&claims, &self.settings, self.clock.now())?;
        let audiences = claims.audiences()?;
        if !self.is_issuer_of(&claims)? || !self.is_meant(&audiences) {
            return Err(Error::Invalid);
        }
        let identity = TokenSecret::identity_of(token);
        holder::principal(&claims, validity, identity, &self.settings)
    }

    /// Whose a token is, as this server says.
    pub(super) async fn introspect(&self, token: &str) -> Result<Principal, Error> {
        let Some(introspection) = &self.introspection else {
            return Err(Error::Invalid);
        };
        let (hash, identity) = (TokenSecret::hash_of(token), TokenSecret::identity_of(token));
        let judge = |claims: &Claims| self.judge(claims, identity);
        let principal = introspection.principal(token, hash, judge).await?;
        // What is remembered is remembered no longer than it is true.
        if self.clock.now() >= principal.expires_at() {
            return Err(Error::Invalid);
        }
        Ok(principal)
    }

    /// Whose an active token is. What the server says is for Tenure, because Tenure asked; so what it leaves out counts
    /// as right, and what it says must be.
    fn judge(&self, claims: &Claims, identity: TokenHash) -> Result<Principal, Error> {
        let now = self.clock.now();
        let validity = Validity {
            issued_at: claims.moment("iat")?.unwrap_or(Instant::UNIX_EPOCH),
            expires_at: claims.moment("exp")?.unwrap_or(now + UNTOLD_LIFE),
        };
        validity.check(claims.moment("nbf")?, now, self.settings.skew)?;
        let audiences = claims.audiences()?;
        let from_here = !claims.has("iss") || self.is_issuer_of(claims)?;
        let for_us = audiences.is_empty() || self.is_meant(&audiences);
        if !from_here || !for_us || !self.is_bearer(claims)? {
            return Err(Error::Invalid);
        }
        holder::principal(claims, validity, identity, &self.settings)
    }

    fn is_issuer_of(&self, claims: &Claims) -> Result<bool, Error> {
        Ok(claims.text("iss")? == Some(self.settings.url.as_str()))
    }

    fn is_meant(&self, audiences: &[&str]) -> bool {
        let internal = self.settings.internal.as_ref().map(|of| &of.audience);
        let ours = |audience: &str| {
            audience == self.settings.audience || internal.is_some_and(|of| of == audience)
        };
        audiences.iter().any(|audience| ours(audience))
    }

    /// Whether it is an access token, and one that whoever bears it may use.
    fn is_bearer(&self, claims: &Claims) -> Result<bool, Error> {
        let introspection = self.settings.introspection.as_ref();
        let untyped = introspection.is_some_and(|of| of.untyped);
        let named = claims.text("token_type")?;
        Ok(named.map_or(untyped, |named| named.eq_ignore_ascii_case("bearer")))
    }
}

//! ID tokens (OpenID Connect Core 1.0, section 2): who has just signed in at an issuer, for one client.

use super::{
    IssuerSettings, TokenType,
    claims::Claims,
    discovery::Discovery,
    holder,
    http::{Http, Unbuildable},
    jwt,
    keys::Keys,
};
use crate::{ambient::Clock, auth::Error, domain::name::UserId};
use jsonwebtoken::Header;
use std::sync::Arc;

/// The longest ID token that is looked at, in bytes; as with access tokens.
const LONGEST: usize = super::LONGEST;

/// How long ago a token may have been issued: whoever signs in does so now.
const OLDEST: time::Duration = time::Duration::minutes(5);

/// What the ID tokens of people who sign in here must be.
pub struct IdTokens {
    settings: Arc<IssuerSettings>,
    client_id: String,
    keys: Arc<Keys>,
    clock: Arc<dyn Clock>,
}

impl IdTokens {
    /// Those of this issuer for this client, judged by `clock`.
    pub(super) fn new(
        settings: IssuerSettings,
        client_id: String,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Unbuildable> {
        let settings = Arc::new(settings);
        let http = Arc::new(Http::new(&settings)?);
        let discovery = Arc::new(Discovery::new(Arc::clone(&http), settings.url.clone()));
        Ok(Self {
            keys: Arc::new(Keys::new(http, discovery, Arc::clone(&settings))),
            settings,
            client_id,
            clock,
        })
    }

    /// Who has signed in: the same user that access tokens of the issuer name. The order of the checks is that of section
    /// 3.1.3.7.
    ///
    /// # Errors
    /// [`Error::Invalid`], or [`Error::Unavailable`] if that cannot be told.
    pub async fn user(&self, token: &str, nonce: &str) -> Result<UserId, Error> {
        if token.len() > LONGEST || nonce.is_empty() {
            return Err(Error::Invalid);
        }
        let claims = jwt::signed_as(token, &self.settings, &self.keys, is_id_token).await?;
        if claims.text("iss")? != Some(self.settings.url.as_str()) || !self.is_meant(&claims)? {
            return Err(Error::Invalid);
        }
        let now = self.clock.now();
        let validity = jwt::validity(&claims, &self.settings, now)?;
        let oldest = now - OLDEST - self.settings.skew;
        if validity.issued_at < oldest || claims.text("nonce")? != Some(nonce) {
            return Err(Error::Invalid);
        }
        holder::user(&claims, &self.client_id, &self.settings)
    }

    /// Whether the token is for the client: among its audiences, and if it says which client asked for it, that one. Of
    /// several audiences it must say so.
    fn is_meant(&self, claims: &Claims) -> Result<bool, Error> {
        let (audiences, party) = (claims.audiences()?, claims.text("azp")?);
        let is_asked = match party {
            Some(party) => party == self.client_id,
            None => audiences.len() == 1,
        };
        Ok(is_asked && audiences.contains(&self.client_id.as_str()))
    }
}

/// An access token calls itself something else (RFC 9068, section 4); an ID token need not call itself anything.
fn is_id_token(header: &Header, _: &IssuerSettings) -> bool {
    let named = header.typ.clone().map(TokenType::from);
    named.is_none_or(|named| named == TokenType::from("JWT".to_owned()))
}

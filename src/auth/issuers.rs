//! Tokens of outside authorization servers: whose it is, and by what that is found out.

mod authorization_server;
mod claims;
mod discovery;
mod holder;
mod http;
mod id_token;
mod introspection;
mod jwt;
mod keys;
mod settings;
mod sign_in;

use super::{Error, Principal, TokenKind, Verifier};
use crate::ambient::Clock;
use authorization_server::AuthorizationServer;
pub use id_token::IdTokens;
use jwt::Shape;
pub use settings::{
    EndpointUrl, InternalService, InternalSettings, IntrospectionSettings, InvalidSetting,
    IssuerSettings, IssuerUrl, Secret, SigningAlgorithm, TokenType, prepare,
};
pub use sign_in::SignInSettings;
use std::{sync::Arc, time::Duration};

/// A longer text is no token (`contract.md`, Everywhere).
const LONGEST: usize = 8 * 1024;

/// Verifies Tenure's own tokens and those of outside authorization servers.
pub struct Issuers {
    own: Arc<dyn Verifier>,
    servers: Vec<AuthorizationServer>,
}

/// An authorization server that cannot be asked, whatever its state: its certificate authority is none, say.
#[derive(Debug, thiserror::Error)]
#[error("issuer '{url}': {error}")]
pub struct Unusable {
    url: String,
    error: http::Unbuildable,
}

/// What judges the ID tokens of people who sign in; none where they are to do so at none of these issuers. Asks nobody
/// anything yet.
///
/// # Errors
/// [`Unusable`].
pub fn id_tokens(
    issuers: &[IssuerSettings],
    sign_in: &SignInSettings,
    clock: &Arc<dyn Clock>,
) -> Result<Option<IdTokens>, Unusable> {
    let issuer = issuers.iter().find(|issuer| issuer.url == sign_in.issuer);
    let tokens = issuer.map(|issuer| {
        let tokens = IdTokens::new(issuer.clone(), sign_in.client_id.clone(), Arc::clone(clock));
        let url = issuer.url.to_string();
        tokens.map_err(|error| Unusable { url, error })
    });
    tokens.transpose()
}

impl Issuers {
    /// Hands Tenure's own tokens to `own`, and judges the others by `clock`. Asks nobody anything yet.
    ///
    /// # Errors
    /// [`Unusable`].
    pub fn new(
        own: Arc<dyn Verifier>,
        issuers: Vec<IssuerSettings>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Unusable> {
        let server = |settings: IssuerSettings| {
            let url = settings.url.to_string();
            let server = AuthorizationServer::new(settings, Arc::clone(clock));
            server.map_err(|error| Unusable { url, error })
        };
        let servers = issuers.into_iter().map(server).collect::<Result<_, _>>()?;
        Ok(Self { own, servers })
    }

    /// Asks one server after the other, until one knows the token. If none does, and one could not be asked, nobody
    /// can tell.
    async fn introspect(&self, token: &str) -> Result<Principal, Error> {
        let mut outcome = Error::Invalid;
        for server in self.servers.iter().filter(|server| server.may_know(token)) {
            match server.introspect(token).await {
                Err(Error::Invalid) => {}
                Err(error) => outcome = error,
                found => return found,
            }
        }
        Err(outcome)
    }
}

#[async_trait::async_trait]
impl Verifier for Issuers {
    async fn verify(&self, token: &str) -> Result<Principal, Error> {
        if TokenKind::told_by(token).is_some() {
            return self.own.verify(token).await;
        }
        if token.len() > LONGEST || !is_b64token(token) {
            return Err(Error::Invalid);
        }
        match jwt::shape(token) {
            Shape::Opaque => self.introspect(token).await,
            Shape::Broken => Err(Error::Invalid),
            Shape::Jwt { issuer } => {
                let mut servers = self.servers.iter();
                let server = servers.find(|server| server.is(&issuer));
                let server = server.ok_or(Error::Invalid)?;
                server.verify_jwt(token).await
            }
        }
    }

    fn remaining(&self, principal: &Principal) -> Duration {
        self.own.remaining(principal)
    }
}

/// Whether a bearer token can look like this (RFC 6750, section 2.1).
fn is_b64token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b);
    !body.is_empty() && body.bytes().all(allowed)
}

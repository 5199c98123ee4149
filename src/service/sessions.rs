//! What people do who sign in and out. A session is a token of the user's own.

use super::{Error, NewToken, Registry, Transactor, audit, transactor::Origin};
use crate::{
    auth::{self, IdTokens, TokenSecret, User},
    domain::{event::Actor, token::TokenRecord},
};
use std::{sync::Arc, time::Duration};

/// The use cases of signing in and out.
#[derive(Clone)]
pub struct Sessions {
    transactor: Arc<Transactor>,
    registry: Registry,
    sign_in: Option<SignIn>,
}

/// How people sign in.
#[derive(Clone)]
pub struct SignIn {
    /// What judges their ID tokens.
    pub tokens: Arc<IdTokens>,
    /// How long a session lasts at most.
    pub lifetime: Duration,
}

impl Sessions {
    /// Tokens are issued by `registry` and revoked in the store of `transactor`. Without a `sign_in` none begins here.
    #[must_use]
    pub fn new(transactor: Arc<Transactor>, registry: Registry, sign_in: Option<SignIn>) -> Self {
        Self {
            transactor,
            registry,
            sign_in,
        }
    }

    /// Begins a session for whoever the ID token names, in a request of this id.
    ///
    /// # Errors
    /// [`Error::SignInDisabled`]; [`Error::TokenInvalid`] where the token is not as it must be; [`Error::Unverifiable`] if that
    /// cannot be told now.
    pub async fn start(
        &self,
        id_token: &str,
        nonce: &str,
        request_id: &str,
    ) -> Result<(TokenSecret, TokenRecord), Error> {
        let sign_in = self.sign_in.as_ref().ok_or(Error::SignInDisabled)?;
        let user = sign_in.tokens.user(id_token, nonce).await;
        let user = user.map_err(|error| match error {
            auth::Error::Unavailable(error) => Error::Unverifiable(error),
            auth::Error::Internal(error) => Error::Internal(error),
            _ => Error::TokenInvalid,
        })?;
        let lifetime = time::Duration::try_from(sign_in.lifetime);
        let new = NewToken {
            user,
            service: None,
            scopes: None,
            expires_in: lifetime.unwrap_or(time::Duration::MAX),
        };
        self.registry.for_user(request_id).issue_token(&new).await
    }

    /// Ends the user's session: the token that they call with.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn end(&self, user: &User, request_id: &str) -> Result<(), Error> {
        let (store, token) = (&self.transactor.store, &user.token);
        let now = self.transactor.clock.now();
        // That it is revoked already is no matter: somebody was quicker.
        store.revoke(token, token, now).await?;
        let origin = Origin {
            actor: Actor::User,
            internal: None,
            request_id: request_id.to_owned(),
        };
        audit::done_for(&origin, &user.user, "a session was ended");
        Ok(())
    }
}

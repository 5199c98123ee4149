//! What an authorization server tells when it, or a user, has taken something back.

use super::Registry;
use crate::{
    auth::{TokenKind, TokenSecret},
    domain::{
        Instant,
        change::Draft,
        decide,
        name::{ServiceName, UserId},
        scope::Scopes,
        withdrawal::RevokedToken,
    },
    service::{Error, audit},
};
use std::fmt;

/// For how long a revoked token of others is remembered where the notice does not tell when it expires.
pub const KEPT_UNTOLD: time::Duration = time::Duration::days(366);

/// What is taken back.
#[derive(Clone, PartialEq, Eq)]
pub enum Notice {
    /// A token, whoever issued it.
    Token {
        /// The token itself.
        token: String,
        /// From when on it is refused anyway, if that is told.
        expires_at: Option<Instant>,
    },
    /// What a user has granted to a service.
    Grant {
        /// The user.
        user: UserId,
        /// The service.
        service: ServiceName,
        /// What is left of it; if that is nothing, the service is disconnected.
        remaining: Scopes,
    },
}

impl fmt::Debug for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token { .. } => f.write_str("Token(..)"),
            Self::Grant { user, service, .. } => write!(f, "Grant({user}, {service})"),
        }
    }
}

impl Registry {
    /// Takes note: the token is refused from the next request on, over all instances; what the grant does not cover any more
    /// is released, with succession, and tokens that were issued before bring none of it back. It is no error that there
    /// is nothing to be taken back (RFC 7009, section 2.2), and so it can be told again.
    ///
    /// # Errors
    /// What the store says.
    pub async fn take_notice(&self, notice: &Notice) -> Result<(), Error> {
        match notice {
            Notice::Token { token, expires_at } => self.end_token(token, *expires_at).await,
            Notice::Grant {
                user,
                service,
                remaining,
            } => {
                let decide = |draft: &mut Draft<'_>| {
                    decide::withdraw(draft, service, remaining);
                    Ok(())
                };
                self.change(user, decide).await.map(drop)
            }
        }
    }

    /// Ends a token of Tenure itself, if it is one; else remembers that it has ended.
    async fn end_token(&self, token: &str, expires_at: Option<Instant>) -> Result<(), Error> {
        let revoked_at = self.transactor.clock.now();
        let store = &self.transactor.store;
        if TokenKind::told_by(token).is_some() {
            let hash = TokenSecret::hash_of(token);
            store.revoke(&hash, &hash, revoked_at).await?;
            store.revoke_internal(&hash, &hash, revoked_at).await?;
            audit::done(&self.origin, "a token was revoked", "");
            return Ok(());
        }
        let untold = revoked_at.saturating_add(KEPT_UNTOLD);
        let revoked = RevokedToken {
            hash: TokenSecret::identity_of(token),
            revoked_at,
            expires_at: expires_at.unwrap_or(untold),
        };
        store.add_revoked(&revoked).await?;
        audit::done(&self.origin, "a token was revoked", "");
        Ok(())
    }
}

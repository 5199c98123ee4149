//! Tokens that Tenure issued itself, looked up by their hash.

use super::{Client, Error, Internal, Issuer, Principal, TokenKind, TokenSecret, User, Verifier};
use crate::{
    ambient::Clock,
    domain::token::TokenHash,
    storage::{self, InternalTokens, Tokens},
};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};

/// For how long it is remembered what an internal service's token stands for: those are few, and each makes many
/// calls. A revocation takes so long.
const REMEMBERED: Duration = Duration::from_secs(1);

/// So many are remembered.
const MOST: u64 = 1_000;

/// Verifies opaque tokens against the store.
pub struct OpaqueTokens<S: ?Sized> {
    tokens: Arc<S>,
    clock: Arc<dyn Clock>,
    remembered: Cache<TokenHash, Internal>,
}

impl<S: ?Sized> OpaqueTokens<S> {
    /// Looks tokens up in `tokens`, and judges their expiry by `clock`.
    pub fn new(tokens: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self {
            tokens,
            clock,
            remembered: Cache::builder()
                .max_capacity(MOST)
                .time_to_live(REMEMBERED)
                .build(),
        }
    }
}

#[async_trait::async_trait]
impl<S: Tokens + InternalTokens + ?Sized> Verifier for OpaqueTokens<S> {
    async fn verify(&self, token: &str) -> Result<Principal, Error> {
        let hash = TokenSecret::hash_of(token);
        match TokenKind::of(token) {
            TokenKind::OfUser => self.of_user(hash).await,
            TokenKind::Internal => self.internal(hash).await,
        }
    }

    fn remaining(&self, principal: &Principal) -> Duration {
        let remaining = principal.expires_at() - self.clock.now();
        Duration::try_from(remaining).unwrap_or_default()
    }
}

impl<S: Tokens + InternalTokens + ?Sized> OpaqueTokens<S> {
    async fn of_user(&self, hash: TokenHash) -> Result<Principal, Error> {
        let found = self.tokens.find(&hash).await;
        let record = found
            .map_err(failed)?
            .filter(|record| record.is_valid(self.clock.now()))
            .ok_or(Error::Invalid)?;
        Ok(match record.service {
            None => Principal::User(User {
                user: record.user,
                issued_at: record.issued_at,
                expires_at: record.expires_at,
                token: hash,
            }),
            Some(service) => Principal::Client(Client {
                user: record.user,
                service,
                scopes: record.scopes,
                issued_at: record.issued_at,
                expires_at: record.expires_at,
                token: hash,
                issuer: Issuer::Tenure,
            }),
        })
    }

    /// Those who call with a token that is not in memory wait for one look-up of it.
    async fn internal(&self, hash: TokenHash) -> Result<Principal, Error> {
        let found = self.remembered.try_get_with(hash, self.find_internal(hash));
        let internal = found.await.map_err(|none| match &*none {
            Some(error) => failed(error.clone()),
            None => Error::Invalid,
        })?;
        if self.clock.now() >= internal.expires_at {
            return Err(Error::Invalid);
        }
        Ok(Principal::Internal(internal))
    }

    /// What the store knows of an internal service's token; no error if that is nothing, or that it is revoked. Only
    /// what is found is remembered: anybody can make up tokens that are not.
    async fn find_internal(&self, hash: TokenHash) -> Result<Internal, Option<storage::Error>> {
        let found = self.tokens.find_internal(&hash).await.map_err(Some)?;
        let token = found.filter(|token| token.is_valid(self.clock.now()));
        let token = token.ok_or(None)?;
        Ok(Internal {
            name: token.name,
            role: token.role,
            issued_at: token.issued_at,
            expires_at: token.expires_at,
        })
    }
}

fn failed(error: storage::Error) -> Error {
    match error {
        storage::Error::Unavailable(_) | storage::Error::Stale => Error::Unavailable(error.into()),
        _ => Error::Internal(error.into()),
    }
}

#[cfg(test)]
mod tests;

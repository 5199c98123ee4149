//! Tokens that Tenure issued itself, looked up by their hash.

use super::{Client, Error, Principal, TokenSecret, Verifier};
use crate::{
    ambient::Clock,
    storage::{self, Tokens},
};
use std::sync::Arc;

/// Verifies opaque tokens against the store.
pub struct OpaqueTokens<S: ?Sized> {
    tokens: Arc<S>,
    clock: Arc<dyn Clock>,
}

impl<S: ?Sized> OpaqueTokens<S> {
    /// Looks tokens up in `tokens`, and judges their expiry by `clock`.
    pub fn new(tokens: Arc<S>, clock: Arc<dyn Clock>) -> Self {
        Self { tokens, clock }
    }
}

#[async_trait::async_trait]
impl<S: Tokens + ?Sized> Verifier for OpaqueTokens<S> {
    async fn verify(&self, token: &str) -> Result<Principal, Error> {
        let hash = TokenSecret::hash_of(token);
        let found = self.tokens.find(&hash).await;
        let record = found
            .map_err(failed)?
            .filter(|record| record.is_valid(self.clock.now()))
            .ok_or(Error::Invalid)?;
        Ok(match record.service {
            None => Principal::User(record.user),
            Some(service) => Principal::Client(Client {
                user: record.user,
                service,
                scopes: record.scopes,
                expires_at: record.expires_at,
                token: hash,
            }),
        })
    }
}

fn failed(error: storage::Error) -> Error {
    match error {
        storage::Error::Unavailable(_) | storage::Error::Stale => Error::Unavailable(error.into()),
        _ => Error::Internal(error.into()),
    }
}

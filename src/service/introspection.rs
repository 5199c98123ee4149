//! What a bearer token stands for (RFC 7662).

use super::{Error, Transactor, ownership::connection};
use crate::{
    auth::{self, Client, Issuer, Principal, Verifier},
    domain::scope::Scopes,
    storage::Selection,
};
use std::sync::Arc;

/// Tells what tokens stand for.
#[derive(Clone)]
pub struct Introspection {
    transactor: Arc<Transactor>,
    verifier: Arc<dyn Verifier>,
}

impl Introspection {
    /// Tokens are verified by `verifier`, and connections looked up in the store of `transactor`.
    #[must_use]
    pub fn new(transactor: Arc<Transactor>, verifier: Arc<dyn Verifier>) -> Self {
        Self {
            transactor,
            verifier,
        }
    }

    /// Who the token belongs to, with the scopes that it grants now: no more than the connection does. None if it is
    /// good for nothing: unknown, expired, revoked, or its service is not connected.
    ///
    /// # Errors
    /// When that cannot be told now.
    pub async fn introspect(&self, token: &str) -> Result<Option<Principal>, Error> {
        let principal = match self.verifier.verify(token).await {
            Ok(principal) => principal,
            Err(auth::Error::Unavailable(error)) => return Err(Error::Unverifiable(error)),
            Err(auth::Error::Internal(error)) => return Err(Error::Internal(error)),
            Err(_) => return Ok(None),
        };
        let Principal::Client(mut client) = principal else {
            return Ok(Some(principal));
        };
        match self.granted(&client).await {
            Ok(scopes) => {
                client.scopes = scopes;
                Ok(Some(Principal::Client(client)))
            }
            Err(Error::Disconnected) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Fails for a caller who is let in by an outside authorization server and not by what the user has connected. Whoever
    /// does more than tell who calls finds that by itself; and with a connection the tokens of Tenure itself end.
    ///
    /// # Errors
    /// [`Error::Disconnected`]; what the store says.
    pub async fn is_connected(&self, principal: &Principal) -> Result<(), Error> {
        match principal {
            Principal::Client(client) if client.issuer == Issuer::Outside => {
                self.granted(client).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    /// What both the token and the connection grant.
    async fn granted(&self, client: &Client) -> Result<Scopes, Error> {
        let nothing = Selection::Named(Vec::new());
        let (state, catalog) = self.transactor.read(&client.user, &nothing).await?;
        let connection = connection(&state, &catalog.catalog, client)?;
        Ok(client.scopes.intersection(&connection.scopes))
    }
}

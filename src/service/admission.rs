//! What has to be known of a token of an outside authorization server before it is let in: that no notice has revoked it,
//! and, where connections follow the tokens, that its connection is there.

use super::{Error, Transactor, transactor::Origin};
use crate::{
    auth::{self, Client, Issuer, Principal, Verifier},
    domain::{change::Draft, decide, event::Actor, state::Connections, token::TokenHash},
    storage::Selection,
};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};

/// For how long a connection is not looked at again for the same token.
const REMEMBERED: Duration = Duration::from_secs(10);

/// So many tokens are remembered.
const MOST: u64 = 100_000;

/// Verifies as another verifier does, and admits what that takes for an OAuth2 client's token of an outside authorization
/// server. Tokens of Tenure itself, which are issued within a connection, go through as they are.
pub struct Admission {
    inner: Arc<dyn Verifier>,
    transactor: Arc<Transactor>,
    connections: Connections,
    /// Tokens that their connections have followed. It saves a look at the connection and decides nothing: each use case
    /// looks at the connection by itself, as it is then.
    followed: Cache<TokenHash, ()>,
}

impl Admission {
    /// Admits what `inner` verifies, with the connections in the store of `transactor`.
    #[must_use]
    pub fn new(
        inner: Arc<dyn Verifier>,
        transactor: Arc<Transactor>,
        connections: Connections,
    ) -> Self {
        Self {
            inner,
            transactor,
            connections,
            followed: Cache::builder()
                .max_capacity(MOST)
                .time_to_live(REMEMBERED)
                .build(),
        }
    }

    async fn admit(&self, client: &Client) -> Result<(), Error> {
        let hash = client.token;
        if self.transactor.store.is_revoked(&hash).await? {
            return Err(Error::Disconnected);
        }
        let follows = self.connections == Connections::FromTokens;
        if follows && self.followed.get(&hash).await.is_none() {
            self.follow(client).await?;
            self.followed.insert(hash, ()).await;
        }
        Ok(())
    }

    /// Lets the connection follow the client's token: makes or widens it, if it has to be.
    ///
    /// # Errors
    /// [`Error::Disconnected`] if the token is of a grant that the user has withdrawn, or its service is unknown; what the
    /// store says.
    pub async fn follow(&self, client: &Client) -> Result<(), Error> {
        // It is the service that brings what the user granted it.
        let origin = Origin {
            actor: Actor::Service(client.service.clone()),
            internal: None,
            request_id: "admission".to_owned(),
        };
        let decide = |draft: &mut Draft<'_>| {
            let Client {
                service,
                scopes,
                issued_at,
                ..
            } = client;
            let followed = decide::follow(draft, service, scopes, *issued_at);
            followed.map_err(|decide::Withdrawn| Error::Disconnected)
        };
        // More scopes release nothing, so no attribute is looked at.
        let nothing = Selection::Named(Vec::new());
        let followed = self
            .transactor
            .change(&client.user, &nothing, &origin, decide);
        followed.await.map(drop)
    }
}

#[async_trait::async_trait]
impl Verifier for Admission {
    async fn verify(&self, token: &str) -> Result<Principal, auth::Error> {
        let principal = self.inner.verify(token).await?;
        if let Principal::Client(client) = &principal
            && client.issuer == Issuer::Outside
        {
            self.admit(client).await.map_err(|error| match error {
                Error::Disconnected => auth::Error::Invalid,
                Error::Internal(_) => auth::Error::Internal(error.into()),
                _ => auth::Error::Unavailable(error.into()),
            })?;
        }
        Ok(principal)
    }

    fn remaining(&self, principal: &Principal) -> Duration {
        self.inner.remaining(principal)
    }
}

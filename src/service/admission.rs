//! What has to be known of a token of an outside authorization server before it is let in: that no notice has revoked it,
//! and, where connections follow the tokens, that its connection is there.

use super::{Error, Transactor, transactor::Origin};
use crate::{
    auth::{self, Client, Issuer, Principal, TokenKind, TokenSecret, Verifier},
    domain::{change::Draft, decide, event::Actor, state::Connections, token::TokenHash},
    storage::Selection,
};
use moka::future::Cache;
use std::{sync::Arc, time::Duration};

/// For how long a connection is not looked at again for the same token.
const REMEMBERED: Duration = Duration::from_secs(10);

/// So many tokens are remembered.
const MOST: u64 = 100_000;

/// For how long it is remembered that no notice has revoked an internal service's token, as with those of Tenure itself:
/// they are few, and each makes many calls.
const STANDS: Duration = Duration::from_secs(1);

/// Verifies as another verifier does, and admits what that takes for a token of an outside authorization server. Tokens of
/// Tenure itself, which are issued within a connection, go through as they are.
pub struct Admission {
    inner: Arc<dyn Verifier>,
    transactor: Arc<Transactor>,
    connections: Connections,
    /// Tokens that their connections have followed. It saves a look at the connection and decides nothing: each use case
    /// looks at the connection by itself, as it is then.
    followed: Cache<TokenHash, ()>,
    /// Tokens of internal services that no notice has revoked.
    standing: Cache<TokenHash, ()>,
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
            followed: remembered(REMEMBERED),
            standing: remembered(STANDS),
        }
    }

    async fn stands(&self, token: &str) -> Result<(), Error> {
        let hash = TokenSecret::identity_of(token);
        if self.standing.get(&hash).await.is_none() {
            self.not_revoked(&hash).await?;
            self.standing.insert(hash, ()).await;
        }
        Ok(())
    }

    async fn not_revoked(&self, hash: &TokenHash) -> Result<(), Error> {
        let revoked = self.transactor.store.is_revoked(hash).await?;
        if revoked {
            Err(Error::Disconnected)
        } else {
            Ok(())
        }
    }

    async fn admit(&self, client: &Client) -> Result<(), Error> {
        let hash = client.token;
        self.not_revoked(&hash).await?;
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
        let admitted = match &principal {
            Principal::Client(client) if client.issuer == Issuer::Outside => {
                self.admit(client).await
            }
            Principal::Internal(_) if TokenKind::told_by(token).is_none() => {
                self.stands(token).await
            }
            _ => Ok(()),
        };
        admitted.map_err(|error| match error {
            Error::Disconnected => auth::Error::Invalid,
            Error::Internal(_) => auth::Error::Internal(error.into()),
            _ => auth::Error::Unavailable(error.into()),
        })?;
        Ok(principal)
    }

    fn remaining(&self, principal: &Principal) -> Duration {
        self.inner.remaining(principal)
    }
}

fn remembered(time: Duration) -> Cache<TokenHash, ()> {
    Cache::builder()
        .max_capacity(MOST)
        .time_to_live(time)
        .build()
}

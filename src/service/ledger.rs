//! Reading the ledger: who owned what, since when, and why that changed.

use super::{Error, Transactor, ownership::connection};
use crate::{
    auth::{Client, Internal},
    domain::{
        event::Actor,
        ledger::{Events, Query},
        name::UserId,
    },
    storage::Selection,
};
use std::sync::Arc;

/// Who reads the ledger.
#[derive(Debug, Clone)]
pub enum Reader {
    /// An OAuth2 client: of its own user, the entries in which it is the owner before or after.
    Client(Client),
    /// An internal service: everything.
    Internal(Internal),
}

/// Reads the ledger.
#[derive(Clone)]
pub struct LedgerReader {
    transactor: Arc<Transactor>,
}

impl LedgerReader {
    /// Reads from the store of `transactor`.
    #[must_use]
    pub fn new(transactor: Arc<Transactor>) -> Self {
        Self { transactor }
    }

    /// A page of the user's events, of which there is one more than `query.limit` if there is another page.
    ///
    /// # Errors
    /// [`Error::Disconnected`] if the client is not connected any more; what the store says.
    pub async fn events(
        &self,
        reader: &Reader,
        user: &UserId,
        query: Query,
    ) -> Result<Events, Error> {
        let store = &self.transactor.store;
        match reader {
            Reader::Internal(_) => Ok(store.events(user, &query).await?),
            Reader::Client(client) => {
                let nothing = Selection::Named(Vec::new());
                let (state, catalog) = self.transactor.read(user, &nothing).await?;
                connection(&state, &catalog.catalog, client)?;
                let query = Query {
                    concerning: Some(client.service.clone()),
                    ..query
                };
                let mut events = store.events(user, &query).await?;
                let its_own = Actor::Service(client.service.clone());
                for entry in &mut events.entries {
                    // The id of another's request is that other's.
                    if entry.stamp.actor != its_own {
                        entry.stamp.request_id.clear();
                    }
                }
                Ok(events)
            }
        }
    }
}

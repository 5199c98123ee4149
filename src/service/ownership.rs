//! What services do with their token: acquire, release, list.

use super::{
    Error, Transactor, Violation,
    transactor::{Committed, Origin},
};
use crate::{
    auth::Client,
    domain::{
        catalog::Catalog,
        change::Draft,
        decide::{self, AcquireItem, Caller, ReleaseItem},
        event::Actor,
        failure::Failure,
        listing::{self, Filter, Listing, Page},
        name::{AttributeName, ServiceName},
        state::{Connection, UserState},
        view::AttributeView,
    },
    storage::Selection,
};
use std::sync::Arc;

/// The most items of a batch (`contract.md`, Everywhere).
pub const MAX_ITEMS: usize = 35;

/// The use cases of an OAuth2 client.
#[derive(Clone)]
pub struct Ownership {
    transactor: Arc<Transactor>,
}

/// What became of a batch.
#[derive(Debug)]
pub struct BatchAnswer {
    /// One an item, in order; a success is the attribute as it stands after the whole batch.
    pub results: Vec<Result<AttributeView, Failure>>,
    /// The user's revision after it.
    pub revision: i64,
}

/// A page of what the caller owns.
#[derive(Debug)]
pub struct OwnedPage {
    /// The attributes.
    pub listing: Listing,
    /// The user's revision that the page shows.
    pub revision: i64,
}

impl Ownership {
    /// Changes go through `transactor`.
    #[must_use]
    pub fn new(transactor: Arc<Transactor>) -> Self {
        Self { transactor }
    }

    /// Whether a batch may have so many items: at most [`MAX_ITEMS`]. It is asked before any is looked at.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] if not.
    pub fn admits(items: usize) -> Result<(), Error> {
        if items <= MAX_ITEMS {
            return Ok(());
        }
        Err(Error::InvalidRequest(vec![Violation {
            field: "items".to_owned(),
            description: format!("Maximum is {MAX_ITEMS} objects, got {items}."),
        }]))
    }

    /// Makes the client the owner of each attribute.
    ///
    /// # Errors
    /// As [`Error`] says; nothing has changed then.
    pub async fn acquire(
        &self,
        client: &Client,
        request_id: &str,
        items: &[AcquireItem],
    ) -> Result<BatchAnswer, Error> {
        let names = items.iter().flat_map(|item| [&item.name, &item.template]);
        let selection = named(names.flatten());
        let batch = |draft: &mut Draft<'_>, caller: &Caller| {
            decide::batch(draft, caller, items, decide::acquire)
        };
        self.decide(client, request_id, items.len(), &selection, batch)
            .await
    }

    /// Takes each attribute from the client, and gives it to its successor if there is one.
    ///
    /// # Errors
    /// As [`Error`] says; nothing has changed then.
    pub async fn release(
        &self,
        client: &Client,
        request_id: &str,
        items: &[ReleaseItem],
    ) -> Result<BatchAnswer, Error> {
        let selection = named(items.iter().filter_map(|item| item.name.as_ref()));
        let batch = |draft: &mut Draft<'_>, caller: &Caller| {
            decide::batch(draft, caller, items, decide::release)
        };
        self.decide(client, request_id, items.len(), &selection, batch)
            .await
    }

    async fn decide(
        &self,
        client: &Client,
        request_id: &str,
        items: usize,
        selection: &Selection,
        batch: impl Fn(&mut Draft<'_>, &Caller) -> Vec<Result<AttributeName, Failure>>,
    ) -> Result<BatchAnswer, Error> {
        Self::admits(items)?;
        let origin = Origin {
            actor: Actor::Service(client.service.clone()),
            request_id: request_id.to_owned(),
        };
        let decide = |draft: &mut Draft<'_>| {
            let connection = connection(draft.state(), draft.catalog(), &client.service)?;
            let caller = Caller {
                service: client.service.clone(),
                granted: client.scopes.intersection(&connection.scopes),
            };
            Ok(batch(draft, &caller))
        };
        let change = self
            .transactor
            .change(&client.user, selection, &origin, decide);
        Ok(answer(change.await?))
    }

    /// A page of the attributes that the client owns, whatever read scopes it has.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn list_owned(
        &self,
        client: &Client,
        filter: &Filter,
        page: &Page,
    ) -> Result<OwnedPage, Error> {
        let selection = Selection::OwnedBy(client.service.clone());
        let (state, catalog) = self.transactor.read(&client.user, &selection).await?;
        connection(&state, &catalog.catalog, &client.service)?;
        Ok(OwnedPage {
            listing: listing::list(&state, &catalog.catalog, filter, page),
            revision: state.revision,
        })
    }
}

/// The connection of a service that is still in the catalog.
fn connection<'s>(
    state: &'s UserState,
    catalog: &Catalog,
    service: &ServiceName,
) -> Result<&'s Connection, Error> {
    let known = catalog.service(service);
    let connection = known.and_then(|_| state.connections.get(service));
    connection.ok_or(Error::Disconnected)
}

/// The attributes of these names. What is no attribute's name cannot be found: the database need not be asked, and
/// could not always be.
fn named<'i>(names: impl Iterator<Item = &'i String>) -> Selection {
    Selection::Named(
        names
            .filter_map(|name| AttributeName::parse(name.as_str()).ok())
            .collect(),
    )
}

/// The answer to a batch: each success as the attribute stands after all of it.
fn answer(committed: Committed<Vec<Result<AttributeName, Failure>>>) -> BatchAnswer {
    let Committed {
        answer,
        state,
        catalog,
    } = committed;
    // A decision names only attributes that it found or created.
    let view = |name| AttributeView::new(&state.attributes[&name], &state, &catalog.catalog);
    BatchAnswer {
        results: answer.into_iter().map(|item| item.map(view)).collect(),
        revision: state.revision,
    }
}

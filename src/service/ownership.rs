//! What services do with their token: acquire, release, list.

use super::{
    Error, Reader, Transactor, Violation,
    transactor::{Committed, Origin},
};
use crate::{
    auth::{Client, Issuer},
    domain::{
        catalog::Catalog,
        change::Draft,
        decide::{self, AcquireItem, Caller, CreateItem, ReleaseItem},
        event::Actor,
        failure::Failure,
        listing::{self, Filter, Listing, Page, TemplateFilter},
        name::{AttributeName, ServiceName, UserId},
        record::{self, IdempotencyKey, Record},
        state::{Connection, UserState},
        view::{AttributeView, TemplateView},
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

/// How a batch is to be decided.
#[derive(Debug, Default)]
pub struct BatchOptions {
    /// Answer as it would be decided now, and change nothing.
    pub validate_only: bool,
    /// If an item fails, do none.
    pub all_or_nothing: bool,
    /// Recognise it when it is sent again; not where nothing is changed.
    pub idempotency: Option<Idempotency>,
}

/// What makes it safe to send a batch again.
#[derive(Debug)]
pub struct Idempotency {
    /// What the caller calls the request.
    pub key: IdempotencyKey,
    /// What is asked: a request of the same key with another fingerprint is another.
    pub fingerprint: Vec<u8>,
    /// Writes the answer down as it is to be given again.
    pub encode: fn(&BatchAnswer) -> Vec<u8>,
}

/// The answer to a batch.
#[derive(Debug)]
pub enum Answered {
    /// It was decided now.
    Now(BatchAnswer),
    /// It was answered before; this is what was written down then.
    Before(Vec<u8>),
}

/// What became of a batch.
#[derive(Debug, Clone)]
pub struct BatchAnswer {
    /// One an item, in order; a success is the attribute as it stands after the whole batch.
    pub results: Vec<Result<AttributeView, Failure>>,
    /// The user's revision after it.
    pub revision: i64,
}

/// A page of a user's attributes.
#[derive(Debug)]
pub struct AttributePage {
    /// The attributes.
    pub listing: Listing<AttributeView>,
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
        options: &BatchOptions,
    ) -> Result<Answered, Error> {
        let names = items.iter().flat_map(|item| [&item.name, &item.template]);
        let selection = named(names.flatten());
        self.decide(
            client,
            request_id,
            &selection,
            items,
            options,
            decide::acquire,
        )
        .await
    }

    /// Creates each attribute, and makes the client its owner.
    ///
    /// # Errors
    /// As [`Error`] says; nothing has changed then.
    pub async fn create(
        &self,
        client: &Client,
        request_id: &str,
        items: &[CreateItem],
        options: &BatchOptions,
    ) -> Result<Answered, Error> {
        // A custom attribute is compared with all that the user has.
        let templates = items.iter().map(|item| item.template.as_ref());
        let templates: Option<Vec<_>> = templates.collect();
        let selection = templates.map_or(Selection::All, |names| named(names.into_iter()));
        self.decide(
            client,
            request_id,
            &selection,
            items,
            options,
            decide::create,
        )
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
        options: &BatchOptions,
    ) -> Result<Answered, Error> {
        let selection = named(items.iter().filter_map(|item| item.name.as_ref()));
        self.decide(
            client,
            request_id,
            &selection,
            items,
            options,
            decide::release,
        )
        .await
    }

    async fn decide<I: Sync>(
        &self,
        client: &Client,
        request_id: &str,
        selection: &Selection,
        items: &[I],
        options: &BatchOptions,
        item: impl Fn(&mut Draft<'_>, &Caller, usize, &I) -> Decided + Copy + Send + Sync,
    ) -> Result<Answered, Error> {
        Self::admits(items.len())?;
        let origin = Origin {
            actor: Actor::Service(client.service.clone()),
            internal: None,
            request_id: request_id.to_owned(),
        };
        let batch = |draft: &mut Draft<'_>, record: Option<Record>| {
            let connection = connection(draft.state(), draft.catalog(), client)?;
            if let Some(record) = record {
                return replay(record, options).map(Err);
            }
            let caller = caller(client, connection);
            let decided = if options.all_or_nothing {
                decide::all_or_nothing(draft, &caller, items, item)
            } else {
                decide::batch(draft, &caller, items, item)
            };
            if let Some(idempotency) = &options.idempotency {
                keep(draft, &client.service, idempotency, &decided);
            }
            Ok(Ok(decided))
        };
        let (user, transactor) = (&client.user, &self.transactor);
        let committed = if options.validate_only {
            let batch = |draft: &mut Draft<'_>| batch(draft, None);
            transactor.preview(user, selection, &origin, batch).await?
        } else {
            let key = options.idempotency.as_ref();
            let key = key.map(|idempotency| (&client.service, &idempotency.key));
            let once = transactor.change_once(user, selection, &origin, key, batch);
            once.await?
        };
        Ok(answered(committed))
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
    ) -> Result<AttributePage, Error> {
        let selection = Selection::OwnedBy(client.service.clone());
        let (state, catalog) = self.transactor.read(&client.user, &selection).await?;
        connection(&state, &catalog.catalog, client)?;
        Ok(AttributePage {
            listing: listing::list(&state, &catalog.catalog, filter, page),
            revision: state.revision,
        })
    }

    /// A page of the user's attributes that the reader may see: a client, those that it may read and those that it owns;
    /// an internal service, all. For `owned` of those alone that the reader owns.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn list(
        &self,
        reader: &Reader,
        user: &UserId,
        owned: bool,
        filter: &Filter,
        page: &Page,
    ) -> Result<AttributePage, Error> {
        let selection = if filter.attributes.is_empty() {
            Selection::All
        } else {
            named(filter.attributes.iter())
        };
        let (mut state, catalog) = self.transactor.read(user, &selection).await?;
        match reader {
            Reader::Client(client) => {
                let connection = connection(&state, &catalog.catalog, client)?;
                let caller = caller(client, connection);
                listing::keep_visible(&mut state, &caller, owned);
            }
            Reader::Internal(_) if owned => state.attributes.clear(),
            Reader::Internal(_) => {}
        }
        Ok(AttributePage {
            listing: listing::list(&state, &catalog.catalog, filter, page),
            revision: state.revision,
        })
    }

    /// A page of the templates, which are the same for all.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn list_templates(
        &self,
        filter: &TemplateFilter,
        page: &Page,
    ) -> Result<Listing<TemplateView>, Error> {
        let catalog = self.transactor.catalog.refresh().await?;
        Ok(listing::templates(&catalog.catalog, filter, page))
    }
}

/// The client, with what both its token and its connection grant.
fn caller(client: &Client, connection: &Connection) -> Caller {
    Caller {
        service: client.service.clone(),
        granted: client.scopes.intersection(&connection.scopes),
    }
}

/// The connection of a client whose service is still in the catalog, and whose grant, if that was given to an outside
/// authorization server, the user has not withdrawn since.
pub(super) fn connection<'s>(
    state: &'s UserState,
    catalog: &Catalog,
    client: &Client,
) -> Result<&'s Connection, Error> {
    let service = &client.service;
    let withdrawn =
        client.issuer == Issuer::Outside && state.withdrawal(service).refuses(client.issued_at);
    let known = catalog.service(service).filter(|_| !withdrawn);
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

/// What an item came to: the attribute that it is about, or why it failed.
type Decided = Result<AttributeName, Failure>;

/// The answer to a batch: what was decided, or what was written down of it before.
fn answered(committed: Committed<Result<Vec<Decided>, Vec<u8>>>) -> Answered {
    let Committed {
        answer,
        state,
        catalog,
    } = committed;
    match answer {
        Ok(decided) => Answered::Now(BatchAnswer {
            results: results(decided, &state, &catalog.catalog),
            revision: state.revision,
        }),
        Err(written) => Answered::Before(written),
    }
}

/// What became of each item: each success is the attribute as it stands after all of them.
fn results(
    decided: Vec<Decided>,
    state: &UserState,
    catalog: &Catalog,
) -> Vec<Result<AttributeView, Failure>> {
    // A decision names only attributes that it found or created.
    let view = |name| AttributeView::new(&state.attributes[&name], state, catalog);
    decided.into_iter().map(|item| item.map(view)).collect()
}

/// Has the answer kept, as it is going to be given.
fn keep(
    draft: &mut Draft<'_>,
    service: &ServiceName,
    idempotency: &Idempotency,
    decided: &[Decided],
) {
    let state = draft.state();
    let answer = BatchAnswer {
        results: results(decided.to_vec(), state, draft.catalog()),
        // What is kept is a change.
        revision: state.revision + 1,
    };
    let record = Record {
        service: service.clone(),
        key: idempotency.key.clone(),
        fingerprint: idempotency.fingerprint.clone(),
        answer: (idempotency.encode)(&answer),
        expires_at: draft.now().saturating_add(record::KEPT),
    };
    draft.keep(record);
}

/// The answer that was kept, if it was to the same request.
fn replay(record: Record, options: &BatchOptions) -> Result<Vec<u8>, Error> {
    match &options.idempotency {
        Some(idempotency) if idempotency.fingerprint == record.fingerprint => Ok(record.answer),
        _ => Err(Error::KeyReused(record.key)),
    }
}

//! What users do with their own attributes and connections: they have the last word.

use super::{
    Error, Transactor, Violation,
    transactor::{Committed, Origin},
};
use crate::{
    auth::User,
    domain::{
        account::{self, AttributeGroup, Passing, UserAttribute, UserConnection},
        attribute::Attribute,
        catalog::Catalog,
        change::Draft,
        decide,
        etag::Etag,
        event::Actor,
        ledger::{Entry, Events, Query},
        name::{AttributeName, ServiceName},
        wording::Wording,
    },
    storage::Selection,
};
use std::sync::Arc;

/// The use cases of a user.
#[derive(Clone)]
pub struct Account {
    transactor: Arc<Transactor>,
}

/// An attribute, as the user saw it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Its name.
    pub attribute: AttributeName,
    /// What stood for it; none is whatever it is now.
    pub etag: Option<Etag>,
}

/// What the user sees or has made, and the revision that this shows.
#[derive(Debug, Clone)]
pub struct Shown<T> {
    /// What.
    pub it: T,
    /// The user's revision.
    pub revision: i64,
}

/// An event as its user is told of it.
#[derive(Debug, Clone)]
pub struct UserEvent {
    /// In words.
    pub text: String,
    /// The attribute as people call it.
    pub label: String,
    /// The event itself.
    pub entry: Entry,
}

impl Account {
    /// Changes go through `transactor`.
    #[must_use]
    pub fn new(transactor: Arc<Transactor>) -> Self {
        Self { transactor }
    }

    /// The user's attributes of these names by group, or all.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn attributes(
        &self,
        user: &User,
        names: Option<Vec<AttributeName>>,
    ) -> Result<Shown<Vec<AttributeGroup>>, Error> {
        let selection = names.map_or(Selection::All, Selection::Named);
        let (state, catalog) = self.transactor.read(&user.user, &selection).await?;
        Ok(Shown {
            it: account::groups(&state, &catalog.catalog),
            revision: state.revision,
        })
    }

    /// Makes the service the owner of the attribute, or nobody; `pinned` and `active` are what it is to be, none leaves it.
    ///
    /// # Errors
    /// [`Error::NoSuchAttribute`], [`Error::ChangedMeanwhile`], [`Error::NotQualified`].
    pub async fn set_owner(
        &self,
        user: &User,
        request_id: &str,
        seen: &Seen,
        (service, pinned, active): (Option<&ServiceName>, Option<bool>, Option<bool>),
    ) -> Result<Shown<UserAttribute>, Error> {
        self.decide(user, request_id, seen, |draft, attribute| {
            let set = decide::set_owner(draft, attribute, service, pinned, active);
            match (set, service) {
                (Err(why), Some(service)) => Err(Error::NotQualified {
                    service: service.clone(),
                    attribute: attribute.name.clone(),
                    why,
                }),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Switches the attribute on or off.
    ///
    /// # Errors
    /// [`Error::NoSuchAttribute`], [`Error::ChangedMeanwhile`], [`Error::NotOwned`].
    pub async fn set_active(
        &self,
        user: &User,
        request_id: &str,
        seen: &Seen,
        active: bool,
    ) -> Result<Shown<UserAttribute>, Error> {
        self.decide(user, request_id, seen, |draft, attribute| {
            owned(attribute, active)?;
            decide::set_active(draft, &attribute.name, active);
            Ok(())
        })
        .await
    }

    /// Pins the attribute to its owner, or unpins it.
    ///
    /// # Errors
    /// [`Error::NoSuchAttribute`], [`Error::ChangedMeanwhile`], [`Error::NotOwned`].
    pub async fn set_pinned(
        &self,
        user: &User,
        request_id: &str,
        seen: &Seen,
        pinned: bool,
    ) -> Result<Shown<UserAttribute>, Error> {
        self.decide(user, request_id, seen, |draft, attribute| {
            owned(attribute, pinned)?;
            decide::set_pinned(draft, &attribute.name, pinned);
            Ok(())
        })
        .await
    }

    /// Ranks these services for the attribute, each of which is named once, and no others.
    ///
    /// # Errors
    /// [`Error::NoSuchAttribute`], [`Error::ChangedMeanwhile`]; [`Error::InvalidRequest`] for a service that is not in the
    /// catalog.
    pub async fn set_succession(
        &self,
        user: &User,
        request_id: &str,
        seen: &Seen,
        services: &[ServiceName],
    ) -> Result<Shown<UserAttribute>, Error> {
        self.decide(user, request_id, seen, |draft, attribute| {
            known(draft.catalog(), services)?;
            decide::set_succession(draft, &attribute.name, services);
            Ok(())
        })
        .await
    }

    /// Decides about an attribute, if it is what the user saw; as it is then.
    async fn decide(
        &self,
        user: &User,
        request_id: &str,
        seen: &Seen,
        decide: impl Fn(&mut Draft<'_>, &Attribute) -> Result<(), Error>,
    ) -> Result<Shown<UserAttribute>, Error> {
        let name = &seen.attribute;
        let selection = Selection::Named(vec![name.clone()]);
        let decide = |draft: &mut Draft<'_>| {
            let state = draft.state();
            let attribute = state.attributes.get(name).cloned();
            let attribute = attribute.ok_or_else(|| Error::NoSuchAttribute(name.clone()))?;
            let now = UserAttribute::of(&attribute, state, draft.catalog()).etag;
            if seen.etag.as_ref().is_some_and(|etag| *etag != now) {
                return Err(Error::ChangedMeanwhile(format!("attribute '{name}'")));
            }
            decide(draft, &attribute)?;
            let attribute = &draft.state().attributes[name];
            Ok(UserAttribute::of(attribute, draft.state(), draft.catalog()))
        };
        let origin = origin(request_id);
        let change = self
            .transactor
            .change(&user.user, &selection, &origin, decide);
        let Committed { answer, state, .. } = change.await?;
        Ok(Shown {
            it: answer,
            revision: state.revision,
        })
    }

    /// The services that the user has connected.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn connections(&self, user: &User) -> Result<Shown<Vec<UserConnection>>, Error> {
        let (state, catalog) = self.transactor.read(&user.user, &Selection::All).await?;
        Ok(Shown {
            it: account::connections(&state, &catalog.catalog),
            revision: state.revision,
        })
    }

    /// Disconnects a service, if the user's revision is `revision`; what passes on from it. With `validate_only`, what would.
    ///
    /// # Errors
    /// [`Error::NotConnected`], [`Error::ChangedMeanwhile`].
    pub async fn disconnect(
        &self,
        user: &User,
        request_id: &str,
        service: &ServiceName,
        revision: Option<i64>,
        validate_only: bool,
    ) -> Result<Shown<Vec<Passing>>, Error> {
        let decide = |draft: &mut Draft<'_>| {
            let owned = account::owned(draft.state(), draft.catalog(), service);
            let now = draft.state().revision;
            if !draft.state().connections.contains_key(service) {
                return Err(Error::NotConnected(service.clone()));
            }
            if revision.is_some_and(|revision| revision != now) {
                return Err(Error::ChangedMeanwhile("something of yours".to_owned()));
            }
            decide::disconnect(draft, service);
            Ok(Passing::of(&owned, draft.state(), draft.catalog()))
        };
        let (all, origin) = (Selection::All, origin(request_id));
        let (user, transactor) = (&user.user, &self.transactor);
        let Committed { answer, state, .. } = if validate_only {
            transactor.preview(user, &all, &origin, decide).await?
        } else {
            transactor.change(user, &all, &origin, decide).await?
        };
        Ok(Shown {
            it: answer,
            revision: state.revision,
        })
    }

    /// A page of the user's events in words, of which there is one more than `query.limit` allows to show if there is
    /// another page.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn events(&self, user: &User, query: &Query) -> Result<Shown<Vec<UserEvent>>, Error> {
        let store = &self.transactor.store;
        let Events {
            entries, revision, ..
        } = store.events(&user.user, query).await?;
        let names = entries.iter().map(|entry| entry.event.attribute.clone());
        let mut names: Vec<_> = names.collect();
        names.sort_unstable();
        names.dedup();
        let selection = Selection::Named(names);
        let (state, catalog) = self.transactor.read(&user.user, &selection).await?;
        let wording = Wording::new(&state, &catalog.catalog);
        let told = |mut entry: Entry| {
            // The id of another's request is that other's.
            if entry.stamp.actor != Actor::User {
                entry.stamp.request_id.clear();
            }
            UserEvent {
                text: wording.sentence(&entry.event, &entry.stamp.actor),
                label: wording.label(&entry.event.attribute).to_owned(),
                entry,
            }
        };
        Ok(Shown {
            it: entries.into_iter().map(told).collect(),
            revision,
        })
    }
}

fn origin(request_id: &str) -> Origin {
    Origin {
        actor: Actor::User,
        internal: None,
        request_id: request_id.to_owned(),
    }
}

/// What nobody owns is not what the user wants it to be.
fn owned(attribute: &Attribute, wanted: bool) -> Result<(), Error> {
    if wanted && attribute.owner.is_none() {
        return Err(Error::NotOwned(attribute.name.clone()));
    }
    Ok(())
}

/// Each of these is in the catalog; the first that is not is told.
fn known(catalog: &Catalog, services: &[ServiceName]) -> Result<(), Error> {
    let mut numbered = services.iter().enumerate();
    let unknown = numbered.find(|(_, service)| catalog.service(service).is_none());
    unknown.map_or(Ok(()), |(index, service)| {
        let field = format!("services[{index}]");
        let description = format!("{field} must be in the catalog, which has no '{service}'");
        Err(Error::InvalidRequest(vec![Violation {
            field,
            description,
        }]))
    })
}

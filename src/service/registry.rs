//! What an operator does: connections, tokens, attributes, the catalog; and what an authorization server tells.

mod notice;

use super::{
    Error, Refused, Transactor, audit,
    transactor::{Committed, Origin},
};
use crate::{
    ambient::Entropy,
    auth::{TokenKind, TokenSecret},
    domain::{
        catalog::{Catalog, CatalogFile},
        change::Draft,
        decide,
        event::Actor,
        internal::{InternalToken, Role},
        listing,
        name::{AttributeName, GroupName, Label, ServiceName, UserId},
        removal::Removal,
        scope::Scopes,
        state::Connection,
        token::{TokenHash, TokenRecord},
        value_type::ValueType,
        view::AttributeView,
    },
    storage::Selection,
};
pub use notice::{KEPT_UNTOLD, Notice};
use std::{collections::BTreeMap, sync::Arc};

/// The use cases of an operator.
#[derive(Clone)]
pub struct Registry {
    transactor: Arc<Transactor>,
    entropy: Arc<dyn Entropy>,
    origin: Origin,
}

/// A token to issue.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Whose data it opens.
    pub user: UserId,
    /// The service that it is for; none makes the user's own.
    pub service: Option<ServiceName>,
    /// What it grants; none is all that the connection grants.
    pub scopes: Option<Scopes>,
    /// How long it is good.
    pub expires_in: time::Duration,
}

/// A token to issue to an internal service.
#[derive(Debug, Clone)]
pub struct NewInternalToken {
    /// What the service is called.
    pub name: ServiceName,
    /// What it may do.
    pub role: Role,
    /// How long it is good.
    pub expires_in: time::Duration,
}

impl Registry {
    /// Changes go through `transactor`, tokens are made from `entropy`.
    #[must_use]
    pub fn new(transactor: Arc<Transactor>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            transactor,
            entropy,
            origin: Origin {
                actor: Actor::Operator,
                internal: None,
                request_id: "operator".to_owned(),
            },
        }
    }

    /// The same, for a request of this id by an internal service: the events tell the one, the log tells both.
    #[must_use]
    pub fn for_request(&self, by: &ServiceName, id: &str) -> Self {
        let mut registry = self.clone();
        registry.origin.internal = Some(by.clone());
        id.clone_into(&mut registry.origin.request_id);
        registry
    }

    /// The same, for a request of this id by the user themselves.
    #[must_use]
    pub(super) fn for_user(&self, id: &str) -> Self {
        let mut registry = self.clone();
        registry.origin.actor = Actor::User;
        id.clone_into(&mut registry.origin.request_id);
        registry
    }

    async fn change<T>(
        &self,
        user: &UserId,
        decide: impl Fn(&mut Draft<'_>) -> Result<T, Error>,
    ) -> Result<Committed<T>, Error> {
        let all = Selection::All;
        let change = self.transactor.change(user, &all, &self.origin, decide);
        change.await
    }

    /// Connects a service to a user, or replaces the scopes of the connection: what they no longer cover is released,
    /// with succession. Without scopes a connection that exists is left alone, and a new one grants none.
    ///
    /// # Errors
    /// [`Refused::UnknownService`], [`Refused::UnknownScope`].
    pub async fn connect(
        &self,
        user: &UserId,
        service: &ServiceName,
        scopes: Option<&Scopes>,
    ) -> Result<Connection, Error> {
        let decide = |draft: &mut Draft<'_>| {
            known(draft.catalog(), service)?;
            let existing = draft.state().connections.get(service);
            let scopes = match (scopes, existing) {
                (Some(scopes), _) => scopes.clone(),
                (None, Some(connection)) => connection.scopes.clone(),
                (None, None) => Scopes::default(),
            };
            if let Some(scope) = scopes.unknown(draft.catalog()) {
                return Err(Refused::UnknownScope(scope.to_owned()).into());
            }
            Ok(decide::connect(draft, service, &scopes))
        };
        Ok(self.change(user, decide).await?.answer)
    }

    /// Disconnects a service: its tokens end, and what it owned is released, with succession, in one transaction.
    ///
    /// # Errors
    /// [`Refused::NotConnected`].
    pub async fn disconnect(&self, user: &UserId, service: &ServiceName) -> Result<(), Error> {
        let decide = |draft: &mut Draft<'_>| {
            if decide::disconnect(draft, service) {
                Ok(())
            } else {
                Err(Refused::NotConnected(service.clone()).into())
            }
        };
        self.change(user, decide).await?;
        Ok(())
    }

    /// The user's connections, by service.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn connections(
        &self,
        user: &UserId,
    ) -> Result<BTreeMap<ServiceName, Connection>, Error> {
        let (state, _) = self.transactor.read(user, &Selection::All).await?;
        Ok(state.connections)
    }

    /// Issues a token. The secret is nowhere else.
    ///
    /// # Errors
    /// As [`decide::IssueRefused`] says.
    pub async fn issue_token(&self, new: &NewToken) -> Result<(TokenSecret, TokenRecord), Error> {
        let secret = self.secret(TokenKind::OfUser)?;
        let now = self.transactor.clock.now();
        let decide = |draft: &mut Draft<'_>| {
            let record = TokenRecord {
                hash: secret.hash(),
                user: new.user.clone(),
                service: new.service.clone(),
                scopes: scopes(draft, new),
                issued_at: now,
                expires_at: now.saturating_add(new.expires_in),
                revoked_at: None,
            };
            decide::issue_token(draft, record.clone()).map_err(Refused::from)?;
            Ok(record)
        };
        let record = self.change(&new.user, decide).await?.answer;
        Ok((secret, record))
    }

    fn secret(&self, kind: TokenKind) -> Result<TokenSecret, Error> {
        let secret = TokenSecret::generate(kind, &*self.entropy);
        secret.map_err(|error| Error::Internal(error.into()))
    }

    /// Issues a token to an internal service. The secret is nowhere else.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn issue_internal_token(
        &self,
        new: &NewInternalToken,
    ) -> Result<(TokenSecret, InternalToken), Error> {
        let secret = self.secret(TokenKind::Internal)?;
        let now = self.transactor.clock.now();
        let token = InternalToken {
            hash: secret.hash(),
            name: new.name.clone(),
            role: new.role,
            issued_at: now,
            expires_at: now.saturating_add(new.expires_in),
            revoked_at: None,
        };
        self.transactor.store.add_internal(&token).await?;
        audit::done(
            &self.origin,
            "an internal token was issued",
            new.name.as_str(),
        );
        Ok((secret, token))
    }

    /// The tokens of internal services, the latest first.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn internal_tokens(&self) -> Result<Vec<InternalToken>, Error> {
        Ok(self.transactor.store.internal().await?)
    }

    /// The user's tokens, the latest first.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn tokens(&self, user: &UserId) -> Result<Vec<TokenRecord>, Error> {
        Ok(self.transactor.store.of_user(user).await?)
    }

    /// Revokes a token, given as itself or by its id.
    ///
    /// # Errors
    /// [`Refused::NoSuchToken`].
    pub async fn revoke_token(&self, token_or_id: &str) -> Result<(), Error> {
        let exact = TokenSecret::hash_of(token_or_id);
        let (first, last) = TokenHash::range_of_id(token_or_id).unwrap_or((exact, exact));
        let now = self.transactor.clock.now();
        let store = &self.transactor.store;
        let revoked = store.revoke(&first, &last, now).await?
            + store.revoke_internal(&first, &last, now).await?;
        if revoked == 0 {
            return Err(Refused::NoSuchToken.into());
        }
        audit::done(&self.origin, "a token was revoked", "");
        Ok(())
    }

    /// Creates a custom attribute, unowned and inactive until a service acquires it.
    ///
    /// # Errors
    /// As [`decide::CreateRefused`] says.
    pub async fn create_attribute(
        &self,
        user: &UserId,
        label: &Label,
        group: &GroupName,
        value_type: ValueType,
        manual: bool,
    ) -> Result<AttributeName, Error> {
        let decide = |draft: &mut Draft<'_>| {
            decide::create_custom(draft, label, group, value_type, manual)
                .map_err(|refused| Refused::from(refused).into())
        };
        Ok(self.change(user, decide).await?.answer)
    }

    /// Switches an attribute that is owned on or off, in the user's name.
    ///
    /// # Errors
    /// [`Refused::NoSuchAttribute`], [`Refused::NotOwned`].
    pub async fn set_active(
        &self,
        user: &UserId,
        name: &AttributeName,
        active: bool,
    ) -> Result<(), Error> {
        let decide = |draft: &mut Draft<'_>| {
            let attribute = draft.state().attributes.get(name);
            let attribute = attribute.ok_or_else(|| Refused::NoSuchAttribute(name.clone()))?;
            if active && attribute.owner.is_none() {
                return Err(Refused::NotOwned(name.clone()).into());
            }
            decide::set_active(draft, name, active);
            Ok(())
        };
        self.change(user, decide).await?;
        Ok(())
    }

    /// All of the user's attributes, in the order of the contract.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn attributes(&self, user: &UserId) -> Result<Vec<AttributeView>, Error> {
        let (state, catalog) = self.transactor.read(user, &Selection::All).await?;
        let view = |attribute| AttributeView::new(attribute, &state, &catalog.catalog);
        let all = listing::all(&state, &catalog.catalog).into_iter();
        Ok(all.map(view).collect())
    }

    /// Adds to the catalog, or replaces entries of it.
    ///
    /// # Errors
    /// [`Refused::Catalog`] if the entries do not fit; nothing is changed then.
    pub async fn apply_catalog(&self, entries: &CatalogFile) -> Result<(), Error> {
        let store = &self.transactor.store;
        let (version, existing) = store.entries().await?;
        Catalog::new(existing.overlaid(entries.clone())).map_err(Refused::from)?;
        store.apply(version, entries).await?;
        audit::done(&self.origin, "the catalog was changed", "");
        Ok(())
    }

    /// Takes a service out of the catalog. From then on its tokens are refused and it inherits nothing; running
    /// instances end its connections in the background, one user after the other.
    ///
    /// # Errors
    /// [`Refused::UnknownService`].
    pub async fn remove_service(&self, service: &ServiceName) -> Result<(), Error> {
        let store = &self.transactor.store;
        let (version, entries) = store.entries().await?;
        if !entries.service.iter().any(|known| known.name == *service) {
            return Err(Refused::UnknownService(service.clone()).into());
        }
        let removal = Removal::begin(service.clone(), self.transactor.clock.now());
        store.remove(version, &removal).await?;
        audit::done(&self.origin, "a service was removed", service.as_str());
        Ok(())
    }

    /// The services that have left the catalog and whose connections are still being ended.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn removals(&self) -> Result<Vec<Removal>, Error> {
        Ok(self.transactor.store.pending().await?)
    }

    /// The catalog: what Tenure comes with, and the operator's entries.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn catalog(&self) -> Result<CatalogFile, Error> {
        Ok(self.transactor.catalog.reload().await?.catalog.to_file())
    }
}

fn known(catalog: &Catalog, service: &ServiceName) -> Result<(), Refused> {
    match catalog.service(service) {
        Some(_) => Ok(()),
        None => Err(Refused::UnknownService(service.clone())),
    }
}

/// The scopes of a new token: as asked for, else the connection's.
fn scopes(draft: &Draft<'_>, new: &NewToken) -> Scopes {
    let connection = new
        .service
        .as_ref()
        .and_then(|service| draft.state().connections.get(service));
    match (&new.scopes, connection) {
        (Some(scopes), _) => scopes.clone(),
        (None, Some(connection)) => connection.scopes.clone(),
        (None, None) => Scopes::default(),
    }
}

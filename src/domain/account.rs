//! What users see of their own: attributes with all that they decide about, connections, and what passes on.

use super::{
    attribute::Attribute,
    catalog::Catalog,
    etag::Etag,
    listing,
    name::{AttributeName, Label, ServiceName},
    state::{Connection, UserState},
    succession::{self, Unqualified},
    view::{AttributeView, GroupView, ServiceView},
};

/// An attribute, with what its user decides about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserAttribute {
    /// As services see it.
    pub view: AttributeView,
    /// The services that qualify to take it over from its owner, in the order in which they would.
    pub successors: Vec<ServiceView>,
    /// The user's own ranking.
    pub succession: Vec<ServiceName>,
    /// Stands for all of it that the user decides about.
    pub etag: Etag,
    /// The other connected services, each with the reason why it does not qualify.
    pub unqualified: Vec<(ServiceView, Unqualified)>,
}

/// The attributes of one group, of which there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeGroup {
    /// The group.
    pub group: GroupView,
    /// Its attributes, in order.
    pub attributes: Vec<UserAttribute>,
}

/// A service that the user has connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserConnection {
    /// Which.
    pub service: ServiceView,
    /// Since when, and what it may do.
    pub connection: Connection,
    /// How many of the user's attributes it owns.
    pub owned: usize,
}

/// An attribute that passes from a service that is disconnected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passing {
    /// Which.
    pub attribute: AttributeName,
    /// For people.
    pub label: Label,
    /// Who owns it then.
    pub to: Option<ServiceView>,
}

/// The attributes in `state`, by group, in the order of the list.
#[must_use]
pub fn groups(state: &UserState, catalog: &Catalog) -> Vec<AttributeGroup> {
    let mut rankings = succession::rankings(state, catalog);
    let mut groups: Vec<AttributeGroup> = Vec::new();
    for attribute in listing::all(state, catalog) {
        let ranking = rankings.remove(&attribute.name).unwrap_or_default();
        let shown = UserAttribute::new(attribute, ranking, state, catalog);
        match groups.last_mut() {
            Some(last) if last.group.name == attribute.group => last.attributes.push(shown),
            _ => groups.push(AttributeGroup {
                group: shown.view.group.clone(),
                attributes: vec![shown],
            }),
        }
    }
    groups
}

/// The user's connections, by label and name.
#[must_use]
pub fn connections(state: &UserState, catalog: &Catalog) -> Vec<UserConnection> {
    let owned = |service| {
        let attributes = state.attributes.values();
        attributes.filter(|a| a.is_owned_by(service)).count()
    };
    let connections = state.connections.iter();
    let mut all: Vec<_> = connections
        .map(|(service, connection)| UserConnection {
            service: ServiceView::new(service, catalog),
            connection: connection.clone(),
            owned: owned(service),
        })
        .collect();
    all.sort_by_cached_key(|c| (c.service.label.clone(), c.service.name.clone()));
    all
}

/// What the service owns, in the order of the list.
#[must_use]
pub fn owned(state: &UserState, catalog: &Catalog, service: &ServiceName) -> Vec<AttributeName> {
    let all = listing::all(state, catalog).into_iter();
    let owned = all.filter(|attribute| attribute.is_owned_by(service));
    owned.map(|attribute| attribute.name.clone()).collect()
}

impl UserAttribute {
    /// The attribute as it stands in `state`.
    #[must_use]
    pub fn of(attribute: &Attribute, state: &UserState, catalog: &Catalog) -> Self {
        let ranking = succession::rankings(state, catalog).remove(&attribute.name);
        Self::new(attribute, ranking.unwrap_or_default(), state, catalog)
    }

    fn new(
        attribute: &Attribute,
        succession: Vec<ServiceName>,
        state: &UserState,
        catalog: &Catalog,
    ) -> Self {
        let successors = succession::successors(state, catalog, attribute).into_iter();
        let others = state.connections.keys();
        let others = others.filter(|service| !attribute.is_owned_by(service));
        let unqualified = others.filter_map(|service| {
            let why = succession::qualified(state, catalog, attribute, service).err()?;
            Some((ServiceView::new(service, catalog), why))
        });
        Self {
            unqualified: unqualified.collect(),
            view: AttributeView::new(attribute, state, catalog),
            successors: successors
                .map(|successor| ServiceView::new(&successor.service, catalog))
                .collect(),
            etag: Etag::of(attribute, &succession),
            succession,
        }
    }
}

impl Passing {
    /// That of each of these attributes, as they stand in `state` after the disconnection.
    #[must_use]
    pub fn of(names: &[AttributeName], state: &UserState, catalog: &Catalog) -> Vec<Self> {
        let attributes = names.iter().filter_map(|name| state.attributes.get(name));
        attributes
            .map(|attribute| Self {
                attribute: attribute.name.clone(),
                label: attribute.label.clone(),
                to: attribute
                    .owner_name()
                    .map(|owner| ServiceView::new(owner, catalog)),
            })
            .collect()
    }
}

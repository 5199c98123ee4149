//! What is answered, and how an attribute shows itself in it.

use super::{catalog::Catalog, state::State};
use crate::harness::Event;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Batch {
        results: Vec<Result<Shown, Failure>>,
        revision: i64,
    },
    Pages {
        pages: Vec<Vec<Shown>>,
        total: usize,
        revision: i64,
    },
    /// What a user has decided about.
    Own { attribute: Own, revision: i64 },
    /// Each group with its attributes.
    Groups {
        groups: Vec<((String, String, i32), Vec<Own>)>,
        revision: i64,
    },
    /// Each with its scopes, and of how many attributes it is the owner.
    Connections {
        connections: Vec<(Named, Vec<String>, usize)>,
        revision: i64,
    },
    /// Attributes by name and label, and who owns them then.
    Passing {
        passing: Vec<(String, String, Option<Named>)>,
        revision: i64,
    },
    /// Events, each with the label of its attribute.
    Told {
        pages: Vec<Vec<(String, Event)>>,
        revision: i64,
    },
    /// What an operator asked for is done; a new attribute has this name.
    Done(Option<String>),
    /// Nothing of it was done: the status and its reason, or in one word why an operator may not.
    Refused(String),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// As REST spells it.
    pub code: String,
    pub text: String,
    /// Who owns the attribute, where that is why.
    pub owner: Option<Named>,
}

/// An attribute in an answer, but for the moment since when it is owned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub template: Option<String>,
    pub name: String,
    pub label: String,
    pub group: (String, String, i32),
    pub owner: Option<Named>,
    pub active: bool,
    pub priority: i32,
    pub manual: bool,
    pub value_type: i32,
    pub available_services: Vec<Named>,
    pub generation: i64,
    pub pinned: bool,
    pub has_since: bool,
}

/// An attribute as its user sees it, but for its etag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    pub shown: Shown,
    /// In order.
    pub successors: Vec<Named>,
    /// The user's own ranking.
    pub succession: Vec<String>,
}

/// A service by its label, which sorts it, and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub label: String,
    pub name: String,
}

pub fn service(catalog: &Catalog, name: &str) -> Named {
    let (label, name) = (catalog.label(name).to_owned(), name.to_owned());
    Named { label, name }
}

pub fn show(catalog: &Catalog, state: &State, name: &str) -> Shown {
    let attribute = &state.attributes[name];
    let group = &catalog.groups[&attribute.group];
    let connected = state.connections.keys();
    let able = connected.filter(|service| state.can_handle(catalog, service, name));
    let mut available: Vec<_> = able.map(|name| service(catalog, name)).collect();
    available.sort();
    Shown {
        template: attribute.template.clone(),
        name: name.to_owned(),
        label: attribute.label.clone(),
        group: (attribute.group.clone(), group.label.clone(), group.priority),
        owner: attribute.owner.as_ref().map(|name| service(catalog, name)),
        active: attribute.active,
        priority: attribute.priority,
        manual: attribute.manual,
        value_type: attribute.value_type,
        available_services: available,
        generation: attribute.generation,
        pinned: attribute.pinned,
        has_since: attribute.owner.is_some(),
    }
}

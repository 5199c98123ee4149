//! What is answered, and how an attribute shows itself in it.

use super::{catalog::Catalog, state::State};

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
    /// All that is a user's: by group the attributes, and the connections.
    Account {
        groups: Vec<((String, String, i32), Vec<Held>)>,
        connections: Vec<Connected>,
        revision: i64,
    },
    /// The attribute after what its user decided.
    Decided { held: Box<Held>, revision: i64 },
    /// What passes on from a service that is disconnected.
    Passing {
        passing: Vec<Passing>,
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
    pub has_since: bool,
    pub pinned: bool,
}

/// An attribute as its user is shown it, but for its etag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub shown: Shown,
    pub successors: Vec<Named>,
    pub succession: Vec<String>,
}

/// A service that is connected: what it may do, and how many attributes it owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    pub service: Named,
    pub scopes: Vec<String>,
    pub owned: usize,
}

/// An attribute by name and label, and who owns it then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passing {
    pub name: String,
    pub label: String,
    pub to: Option<Named>,
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
        has_since: attribute.owner.is_some(),
        pinned: attribute.pinned,
    }
}

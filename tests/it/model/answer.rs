//! What is answered, and how an attribute shows itself in it.

use super::{
    catalog::Catalog,
    operation::List,
    state::{Attribute, State},
};

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
}

/// A service by its label, which sorts it, and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    pub label: String,
    pub name: String,
}

/// Attributes with this priority or a higher number are hidden unless asked for.
const LOW_PRIORITY: i32 = 10;

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
    }
}

/// What the service owns and the filters let pass, by group and then by attribute.
pub fn list(catalog: &Catalog, state: &State, owner: &str, list: &List) -> Answer {
    let all = state.attributes.iter();
    let listed = all.filter(|(name, attribute)| {
        attribute.owner.as_deref() == Some(owner) && passes(list, name, attribute)
    });
    let mut shown: Vec<_> = listed.map(|(name, _)| show(catalog, state, name)).collect();
    shown.sort_by_key(|shown| {
        let (group, _, priority) = shown.group.clone();
        (priority, group, shown.priority, shown.name.clone())
    });
    let total = shown.len();
    let rest: Vec<_> = shown.into_iter().skip(list.skip).collect();
    let mut pages: Vec<_> = rest.chunks(list.page_size).map(<[_]>::to_vec).collect();
    if pages.is_empty() {
        pages.push(Vec::new());
    }
    Answer::Pages {
        pages,
        total,
        revision: state.revision,
    }
}

fn passes(list: &List, name: &String, attribute: &Attribute) -> bool {
    (list.groups.is_empty() || list.groups.contains(&attribute.group))
        && (list.attributes.is_empty() || list.attributes.contains(name))
        && (attribute.template.is_some() || !list.exclude_custom)
        && (list.manual.is_none() || list.manual == Some(attribute.manual))
        && (attribute.active || list.include_inactive)
        && (attribute.priority < LOW_PRIORITY || list.include_low_priority)
}

//! Pages of a user's attributes (`contract.md`, Owned).

use super::{
    attribute::Attribute,
    catalog::Catalog,
    name::{AttributeName, GroupName},
    state::UserState,
    view::{AttributeView, GroupView},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Attributes with this priority or a higher number are hidden unless asked for.
const LOW_PRIORITY: u16 = 10;

/// Which attributes to list. The default lists the active ones that are not of low priority.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of these groups; empty: of all. Any text: unknown names match nothing.
    pub groups: BTreeSet<String>,
    /// Only of these names; empty: all.
    pub attributes: BTreeSet<String>,
    /// Only those made from a template.
    pub exclude_custom: bool,
    /// Only manual ones, or only the others.
    pub manual: Option<bool>,
    /// Also those that are not active.
    pub include_inactive: bool,
    /// Also those of low priority.
    pub include_low_priority: bool,
}

/// Which part of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// Only what comes after this place.
    pub after: Option<Place>,
    /// So many are passed over.
    pub skip: usize,
    /// At most so many.
    pub size: usize,
}

/// The place of an attribute in the list: its sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place(u16, GroupName, u16, AttributeName);

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// In order: group priority, group name, attribute priority, attribute name.
    pub attributes: Vec<AttributeView>,
    /// The place of the last of them, if more come after it.
    pub next: Option<Place>,
    /// How many pass the filter, on all pages.
    pub total: usize,
}

/// The page of the attributes in `state` that pass the filter.
#[must_use]
pub fn list(state: &UserState, catalog: &Catalog, filter: &Filter, page: &Page) -> Listing {
    let mut all: Vec<_> = state
        .attributes
        .values()
        .filter(|attribute| filter.passes(attribute))
        .map(|attribute| (Place::of(attribute, catalog), attribute))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let total = all.len();
    let mut rest = all
        .into_iter()
        .skip_while(|(place, _)| page.after.as_ref().is_some_and(|after| place <= after))
        .skip(page.skip);
    let shown: Vec<_> = rest.by_ref().take(page.size).collect();
    let next = rest
        .next()
        .and(shown.last())
        .map(|(place, _)| place.clone());
    let view = |(_, attribute)| AttributeView::new(attribute, state, catalog);
    Listing {
        attributes: shown.into_iter().map(view).collect(),
        next,
        total,
    }
}

impl Place {
    fn of(attribute: &Attribute, catalog: &Catalog) -> Self {
        let group = GroupView::new(&attribute.group, catalog);
        Self(
            group.priority,
            group.name,
            attribute.priority,
            attribute.name.clone(),
        )
    }
}

impl Filter {
    fn passes(&self, attribute: &Attribute) -> bool {
        let named = |names: &BTreeSet<String>, name: &str| names.is_empty() || names.contains(name);
        named(&self.groups, attribute.group.as_str())
            && named(&self.attributes, attribute.name.as_str())
            && (!self.exclude_custom || attribute.template.is_some())
            && self.manual.is_none_or(|manual| manual == attribute.manual)
            && (self.include_inactive || attribute.is_active())
            && (self.include_low_priority || attribute.priority < LOW_PRIORITY)
    }
}

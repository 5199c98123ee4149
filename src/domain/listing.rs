//! Pages of a user's attributes and of the templates (`contract.md`, Owned; `contract-around.md`).

use super::{
    attribute::Attribute,
    catalog::{Catalog, Template},
    decide::Caller,
    name::GroupName,
    state::UserState,
    view::{AttributeView, GroupView, TemplateView},
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

/// Which templates to list. The default lists those that are not of low priority.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TemplateFilter {
    /// Only of these groups; empty: of all. Any text: unknown names match nothing.
    pub groups: BTreeSet<String>,
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

/// The place of an attribute or a template in the list: its sort key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place(u16, GroupName, u16, String);

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// In order: group priority, group name, priority, name.
    pub entries: Vec<T>,
    /// The place of the last of them, if more come after it.
    pub next: Option<Place>,
    /// How many pass the filter, on all pages.
    pub total: usize,
}

/// The page of the attributes in `state` that pass the filter.
#[must_use]
pub fn list(
    state: &UserState,
    catalog: &Catalog,
    filter: &Filter,
    page: &Page,
) -> Listing<AttributeView> {
    let attributes = state.attributes.values();
    let passing = attributes.filter(|attribute| filter.passes(attribute));
    page.of(passing.map(|attribute| (Place::of(attribute, catalog), attribute)))
        .map(|attribute| AttributeView::new(attribute, state, catalog))
}

/// The page of the templates that pass the filter.
#[must_use]
pub fn templates(catalog: &Catalog, filter: &TemplateFilter, page: &Page) -> Listing<TemplateView> {
    let passing = catalog
        .templates()
        .filter(|template| filter.passes(template));
    page.of(passing.map(|template| (Place::of_template(template, catalog), template)))
        .map(|template| TemplateView::new(template, catalog))
}

/// All attributes in `state`, in the order of the list.
#[must_use]
pub fn all<'s>(state: &'s UserState, catalog: &Catalog) -> Vec<&'s Attribute> {
    let mut all: Vec<_> = state.attributes.values().collect();
    all.sort_by_cached_key(|attribute| Place::of(attribute, catalog));
    all
}

/// Leaves of the state what the caller may know of: what its scopes let it read, and what it owns; that alone for
/// `owned`.
pub fn keep_visible(state: &mut UserState, caller: &Caller, owned: bool) {
    state.attributes.retain(|_, attribute| {
        attribute.is_owned_by(&caller.service)
            || (!owned && caller.granted.show(&attribute.group, attribute.manual))
    });
}

impl Page {
    /// The page of these entries, which may come in any order.
    fn of<T>(&self, entries: impl Iterator<Item = (Place, T)>) -> Listing<T> {
        let mut all: Vec<_> = entries.collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        let total = all.len();
        let mut rest = all
            .into_iter()
            .skip_while(|(place, _)| self.after.as_ref().is_some_and(|after| place <= after))
            .skip(self.skip);
        let shown: Vec<_> = rest.by_ref().take(self.size).collect();
        let next = rest.next().and(shown.last());
        Listing {
            next: next.map(|(place, _)| place.clone()),
            entries: shown.into_iter().map(|(_, entry)| entry).collect(),
            total,
        }
    }
}

impl<T> Listing<T> {
    fn map<U>(self, view: impl FnMut(T) -> U) -> Listing<U> {
        Listing {
            entries: self.entries.into_iter().map(view).collect(),
            next: self.next,
            total: self.total,
        }
    }
}

impl Place {
    fn of(attribute: &Attribute, catalog: &Catalog) -> Self {
        let group = GroupView::new(&attribute.group, catalog);
        let name = attribute.name.to_string();
        Self(group.priority, group.name, attribute.priority, name)
    }

    fn of_template(template: &Template, catalog: &Catalog) -> Self {
        let group = GroupView::new(&template.group, catalog);
        let name = template.name.to_string();
        Self(group.priority, group.name, template.priority, name)
    }
}

impl Filter {
    fn passes(&self, attribute: &Attribute) -> bool {
        is_among(&self.groups, attribute.group.as_str())
            && is_among(&self.attributes, attribute.name.as_str())
            && (!self.exclude_custom || attribute.template.is_some())
            && self.manual.is_none_or(|manual| manual == attribute.manual)
            && (self.include_inactive || attribute.is_active())
            && (self.include_low_priority || attribute.priority < LOW_PRIORITY)
    }
}

impl TemplateFilter {
    fn passes(&self, template: &Template) -> bool {
        is_among(&self.groups, template.group.as_str())
            && (self.include_low_priority || template.priority < LOW_PRIORITY)
    }
}

/// Whether the name is one of these, if there are any.
fn is_among(names: &BTreeSet<String>, name: &str) -> bool {
    names.is_empty() || names.contains(name)
}

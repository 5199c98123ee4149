//! The attribute as clients see it: with what the catalog and the other services add.

use super::{
    Instant,
    attribute::Attribute,
    catalog::{Catalog, Group, Template},
    name::{GroupName, Label, ServiceName},
    state::UserState,
};

/// A service, as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceView {
    /// Its key.
    pub name: ServiceName,
    /// For people; its name where the catalog does not have it.
    pub label: Label,
}

/// The owner of an attribute, as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnerView {
    /// Who.
    pub service: ServiceView,
    /// Since when.
    pub since: Instant,
}

/// An attribute with its group, its owner and the services that can handle it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeView {
    /// The attribute itself.
    pub attribute: Attribute,
    /// Its group.
    pub group: GroupView,
    /// Its owner.
    pub owner: Option<ServiceView>,
    /// The connected services that have indicated that they can handle it, by label.
    pub available_services: Vec<ServiceView>,
}

/// A group, as clients see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Its key.
    pub name: GroupName,
    /// For people; its name where the catalog does not have it.
    pub label: Label,
    /// Place among the groups.
    pub priority: u16,
}

/// A template with its group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateView {
    /// The template itself.
    pub template: Template,
    /// Its group.
    pub group: GroupView,
}

impl TemplateView {
    /// The template as the catalog has it.
    #[must_use]
    pub fn new(template: &Template, catalog: &Catalog) -> Self {
        Self {
            group: GroupView::new(&template.group, catalog),
            template: template.clone(),
        }
    }
}

impl AttributeView {
    /// The attribute as it stands in `state`.
    #[must_use]
    pub fn new(attribute: &Attribute, state: &UserState, catalog: &Catalog) -> Self {
        let mut available_services: Vec<_> = state
            .connections
            .keys()
            .filter(|service| state.has_indicated(service, attribute, catalog))
            .map(|service| ServiceView::new(service, catalog))
            .collect();
        available_services.sort_by(|a, b| (&a.label, &a.name).cmp(&(&b.label, &b.name)));
        Self {
            group: GroupView::new(&attribute.group, catalog),
            owner: attribute
                .owner_name()
                .map(|owner| ServiceView::new(owner, catalog)),
            available_services,
            attribute: attribute.clone(),
        }
    }
}

impl OwnerView {
    /// The attribute's owner, if it has one.
    #[must_use]
    pub fn of(attribute: &Attribute, catalog: &Catalog) -> Option<Self> {
        attribute.owner.as_ref().map(|owner| Self {
            service: ServiceView::new(&owner.service, catalog),
            since: owner.since,
        })
    }
}

impl ServiceView {
    /// The service as the catalog has it.
    #[must_use]
    pub fn new(name: &ServiceName, catalog: &Catalog) -> Self {
        let known = catalog.service(name);
        Self {
            label: known.map_or_else(|| name.into(), |s| s.label.clone()),
            name: name.clone(),
        }
    }
}

impl GroupView {
    /// The group as the catalog has it.
    #[must_use]
    pub fn new(name: &GroupName, catalog: &Catalog) -> Self {
        let group: Option<&Group> = catalog.group(name.as_str());
        Self {
            label: group.map_or_else(|| name.into(), |g| g.label.clone()),
            priority: group.map_or(u16::MAX, |g| g.priority),
            name: name.clone(),
        }
    }
}

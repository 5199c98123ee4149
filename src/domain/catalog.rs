//! The catalog: groups, templates and services. Small, the same for all users, changed by an operator.

mod file;

use super::{
    name::{GroupName, Label, ServiceName, TemplateName},
    value_type::ValueType,
};
pub use file::{CatalogFile, FileError};
use serde::{Deserialize, Serialize};
use std::{
    borrow::Borrow,
    collections::{BTreeMap, BTreeSet},
};

/// What attributes belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its key.
    pub name: GroupName,
    /// For people.
    pub label: Label,
    /// Place among the groups, from 1.
    pub priority: u16,
}

/// An attribute definition that the platform understands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Its key, and the name of the attributes that are made from it.
    pub name: TemplateName,
    /// For people.
    pub label: Label,
    /// The group of the attributes that are made from it.
    pub group: GroupName,
    /// What their values are.
    pub value_type: ValueType,
    /// Place within the group, from 1; 10 and more is hidden unless asked for.
    pub priority: u16,
}

/// An OAuth2 client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its key: the client id.
    pub name: ServiceName,
    /// For people.
    pub label: Label,
    /// The templates that it declares it can handle.
    #[serde(default)]
    pub provides: BTreeSet<TemplateName>,
}

/// A catalog whose entries fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    groups: BTreeMap<GroupName, Group>,
    templates: BTreeMap<TemplateName, Template>,
    services: BTreeMap<ServiceName, Service>,
}

/// An entry that names another which is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCatalog {
    /// A template's group.
    #[error("template '{template}' is in group '{group}', which the catalog does not have")]
    UnknownGroup {
        /// The template.
        template: TemplateName,
        /// The group that it names.
        group: GroupName,
    },
    /// A service's template.
    #[error("service '{service}' provides '{template}', which the catalog does not have")]
    UnknownTemplate {
        /// The service.
        service: ServiceName,
        /// The template that it names.
        template: TemplateName,
    },
    /// A group whose scopes would be those of manual attributes.
    #[error("a group cannot be called 'manual': its scopes would be those of manual attributes")]
    ReservedGroup,
}

impl Catalog {
    /// The groups and templates that Tenure comes with, and the operator's entries, which add to or replace them.
    ///
    /// # Errors
    /// When an entry names a group or template that is in neither.
    pub fn new(operator: CatalogFile) -> Result<Self, InvalidCatalog> {
        let all = CatalogFile::builtin().overlaid(operator);
        let catalog = Self {
            groups: keyed(all.group, |g| &g.name),
            templates: keyed(all.template, |t| &t.name),
            services: keyed(all.service, |s| &s.name),
        };
        catalog.check()?;
        Ok(catalog)
    }

    fn check(&self) -> Result<(), InvalidCatalog> {
        if self.groups.contains_key("manual") {
            return Err(InvalidCatalog::ReservedGroup);
        }
        for template in self.templates.values() {
            if !self.groups.contains_key(&template.group) {
                return Err(InvalidCatalog::UnknownGroup {
                    template: template.name.clone(),
                    group: template.group.clone(),
                });
            }
        }
        for service in self.services.values() {
            let lacking = |t: &&TemplateName| !self.templates.contains_key(*t);
            if let Some(template) = service.provides.iter().find(lacking) {
                return Err(InvalidCatalog::UnknownTemplate {
                    service: service.name.clone(),
                    template: template.clone(),
                });
            }
        }
        Ok(())
    }

    /// The group of that name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.get(name)
    }

    /// The template of that name.
    #[must_use]
    pub fn template(&self, name: &str) -> Option<&Template> {
        self.templates.get(name)
    }

    /// All templates, by name.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.templates.values()
    }

    /// The service of that name.
    #[must_use]
    pub fn service(&self, name: &ServiceName) -> Option<&Service> {
        self.services.get(name)
    }

    /// Everything in it, by name.
    #[must_use]
    pub fn to_file(&self) -> CatalogFile {
        CatalogFile {
            group: self.groups.values().cloned().collect(),
            template: self.templates.values().cloned().collect(),
            service: self.services.values().cloned().collect(),
        }
    }
}

fn keyed<K: Ord + Clone + Borrow<str>, V>(list: Vec<V>, key: fn(&V) -> &K) -> BTreeMap<K, V> {
    list.into_iter().map(|v| (key(&v).clone(), v)).collect()
}

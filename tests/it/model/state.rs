//! What is known of one user, in plain strings and numbers, and the steps that every change is made of.

use super::catalog::{Catalog, Template};
use crate::harness::Event;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

pub type Scopes = BTreeSet<String>;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub revision: i64,
    pub connections: BTreeMap<String, Scopes>,
    /// Services that have lost all, or a part, of what they were once granted.
    pub withdrawn: BTreeSet<(String, bool)>,
    pub attributes: BTreeMap<String, Attribute>,
    /// By attribute and service.
    pub offers: BTreeMap<(String, String), Offer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    pub template: Option<String>,
    pub label: String,
    pub group: String,
    pub value_type: i32,
    pub priority: i32,
    pub manual: bool,
    pub active: bool,
    pub owner: Option<String>,
    pub generation: i64,
    pub pinned: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offer {
    pub offered: bool,
    pub declined: bool,
    pub manual: Option<bool>,
    /// The revision at which it last became the owner.
    pub last_owned: Option<i64>,
    /// The user's own, from 1.
    pub rank: Option<i32>,
}

/// One transaction under way, on a copy of the state.
pub struct Work<'c> {
    pub catalog: &'c Catalog,
    pub state: State,
    pub events: Vec<Event>,
    pub actor: String,
    pub request_id: String,
}

pub fn scopes(list: &str) -> Scopes {
    list.split_whitespace().map(str::to_owned).collect()
}

/// The write scope: that of the group, or `manual_write` for what is manual.
pub fn may_write(scopes: &Scopes, group: &str, manual: bool) -> bool {
    let group = format!("{group}_write");
    let granted = |scope: &&String| **scope == group || (manual && *scope == "manual_write");
    scopes.iter().any(|scope| granted(&scope))
}

/// The read scope: that of the group, or `manual_read` for what is manual.
pub fn may_read(scopes: &Scopes, group: &str, manual: bool) -> bool {
    scopes.contains(&format!("{group}_read")) || (manual && scopes.contains("manual_read"))
}

impl Attribute {
    pub fn of_template(name: &str, template: &Template, manual: bool) -> Self {
        Self {
            template: Some(name.to_owned()),
            label: template.label.clone(),
            group: template.group.clone(),
            value_type: template.value_type,
            priority: template.priority,
            manual,
            active: false,
            owner: None,
            generation: 0,
            pinned: false,
        }
    }

    pub fn custom(label: &str, group: &str, value_type: i32, manual: bool) -> Self {
        Self {
            template: None,
            label: label.to_owned(),
            group: group.to_owned(),
            value_type,
            priority: if group == "custom" { 2 } else { 9 },
            manual,
            active: false,
            owner: None,
            generation: 0,
            pinned: false,
        }
    }
}

impl State {
    /// Whether the service has indicated that it can handle the attribute.
    pub fn can_handle(&self, catalog: &Catalog, service: &str, attribute: &str) -> bool {
        let key = (attribute.to_owned(), service.to_owned());
        let offered = self.offers.get(&key).is_some_and(|offer| offer.offered);
        let provides = &catalog.services[service].provides;
        let template = self.attributes[attribute].template.as_ref();
        offered || template.is_some_and(|template| provides.contains(template))
    }

    /// What `manual` of the attribute becomes under the service, if that qualifies to take it over.
    pub fn qualifies(&self, catalog: &Catalog, service: &str, attribute: &str) -> Option<bool> {
        let scopes = self.connections.get(service)?;
        let offer = self.offers.get(&(attribute.to_owned(), service.to_owned()));
        let offer = offer.cloned().unwrap_or_default();
        let manual = offer.manual == Some(true);
        let group = &self.attributes[attribute].group;
        let can = self.can_handle(catalog, service, attribute);
        (can && !offer.declined && may_write(scopes, group, manual)).then_some(manual)
    }

    /// Who would take the attribute over from its owner, in this order: as the user has ranked them, then who owned it last,
    /// then by label, then by name; and what `manual` becomes.
    pub fn line(&self, catalog: &Catalog, attribute: &str) -> Vec<(String, bool)> {
        let mut line = Vec::new();
        for service in self.connections.keys() {
            let is_owner = self.attributes[attribute].owner.as_ref() == Some(service);
            let Some(manual) = self.qualifies(catalog, service, attribute) else {
                continue;
            };
            if !is_owner {
                let offer = self.offers.get(&(attribute.to_owned(), service.clone()));
                let offer = offer.cloned().unwrap_or_default();
                let rank = offer.rank.unwrap_or(i32::MAX);
                let label = catalog.label(service);
                line.push((rank, Reverse(offer.last_owned), label, service, manual));
            }
        }
        line.sort();
        let in_order = line.into_iter();
        in_order
            .map(|(.., service, manual)| (service.clone(), manual))
            .collect()
    }

    /// The user's own ranking.
    pub fn ranking(&self, attribute: &str) -> Vec<String> {
        let ranked = self.offers.iter().filter(|((of, _), _)| of == attribute);
        let mut ranked: Vec<_> = ranked
            .filter_map(|((_, service), offer)| Some((offer.rank?, service.clone())))
            .collect();
        ranked.sort();
        ranked.into_iter().map(|(_, service)| service).collect()
    }
}

impl Work<'_> {
    pub fn offer(&mut self, attribute: &str, service: &str) -> &mut Offer {
        let key = (attribute.to_owned(), service.to_owned());
        self.state.offers.entry(key).or_default()
    }

    /// Writes down that the attribute, which `from` owned, is now as it stands.
    pub fn record(&mut self, name: &str, from: Option<String>, cause: &str) {
        let attribute = &self.state.attributes[name];
        self.events.push(Event {
            revision: self.state.revision + 1,
            number: i32::try_from(self.events.len()).unwrap(),
            attribute: name.to_owned(),
            from_owner: from,
            to_owner: attribute.owner.clone(),
            generation: attribute.generation,
            active: attribute.active,
            manual: attribute.manual,
            pinned: attribute.pinned,
            cause: cause.to_owned(),
            actor: self.actor.clone(),
            request_id: self.request_id.clone(),
        });
    }

    /// Changes something of the attribute but not its owner.
    pub fn set(&mut self, name: &str, cause: &str, change: impl FnOnce(&mut Attribute)) {
        let attribute = self.state.attributes.get_mut(name).unwrap();
        change(attribute);
        let owner = attribute.owner.clone();
        self.record(name, owner, cause);
    }

    /// Makes `to` the owner, in use unless `active` says otherwise.
    pub fn give(&mut self, name: &str, to: &str, active: bool, manual: bool, cause: &str) {
        self.offer(name, to).last_owned = Some(self.state.revision + 1);
        let attribute = self.state.attributes.get_mut(name).unwrap();
        let from = attribute.owner.replace(to.to_owned());
        attribute.generation += 1;
        attribute.active = active;
        attribute.manual = manual;
        attribute.pinned = false;
        self.record(name, from, cause);
    }

    /// Makes nobody the owner.
    pub fn leave(&mut self, name: &str, cause: &str) {
        let attribute = self.state.attributes.get_mut(name).unwrap();
        let from = attribute.owner.take();
        attribute.active = false;
        attribute.pinned = false;
        attribute.generation += 1;
        self.record(name, from, cause);
    }

    /// Takes the attribute from its owner: the successor becomes the owner, or nobody does, which is for `cause`.
    pub fn pass_on(&mut self, name: &str, cause: &str) {
        let active = self.state.attributes[name].active;
        match self.state.line(self.catalog, name).into_iter().next() {
            Some((heir, manual)) => self.give(name, &heir, active, manual, "INHERITED"),
            None => self.leave(name, cause),
        }
    }
}

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
    /// The user's own, of the attributes that have one: services by name, the first to come first.
    pub rankings: BTreeMap<String, Vec<String>>,
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
}

/// One transaction under way, on a copy of the state.
pub struct Work<'c> {
    pub catalog: &'c Catalog,
    pub state: State,
    pub events: Vec<Event>,
    pub actor: String,
    pub request_id: String,
    /// What made it what it is, where the events do not tell.
    pub reasons: Vec<&'static str>,
}

/// Under what an owner has an attribute.
pub struct Terms {
    pub active: bool,
    pub manual: bool,
    pub pinned: bool,
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

    pub fn is_but_for_the_revision(&self, other: &Self) -> bool {
        let revision = self.revision;
        *self
            == Self {
                revision,
                ..other.clone()
            }
    }

    /// Whether the service could take the attribute over: what `manual` becomes under it, or else why not.
    pub fn qualifies(
        &self,
        catalog: &Catalog,
        service: &str,
        attribute: &str,
    ) -> Result<bool, String> {
        let Some(scopes) = self.connections.get(service) else {
            return Err("it is not connected".to_owned());
        };
        if !self.can_handle(catalog, service, attribute) {
            return Err("it has not indicated that it can handle it".to_owned());
        }
        let key = (attribute.to_owned(), service.to_owned());
        let offer = self.offers.get(&key).cloned().unwrap_or_default();
        if offer.declined {
            return Err("it has released it, and has not acquired it since".to_owned());
        }
        let (group, manual) = (
            &self.attributes[attribute].group,
            offer.manual == Some(true),
        );
        if may_write(scopes, group, manual) {
            Ok(manual)
        } else {
            Err(format!(
                "it has no permission to write to attributes in group '{group}'"
            ))
        }
    }

    /// Who could take the attribute over from its owner: those that the user ranked as ranked, then by who owned it
    /// last, by label and by name.
    pub fn line(&self, catalog: &Catalog, attribute: &str) -> Vec<String> {
        let nothing = Vec::new();
        let ranking = self.rankings.get(attribute).unwrap_or(&nothing);
        let owner = self.attributes[attribute].owner.as_ref();
        let others = self.connections.keys();
        let able = others.filter(|service| {
            Some(*service) != owner && self.qualifies(catalog, service, attribute).is_ok()
        });
        let (ranked, mut rest): (Vec<_>, Vec<_>) =
            able.partition(|service| ranking.contains(service));
        rest.sort_by_key(|service| {
            let offer = self.offers.get(&(attribute.to_owned(), (*service).clone()));
            let last = offer.and_then(|offer| offer.last_owned);
            (Reverse(last), catalog.label(service), (*service).clone())
        });
        let in_order = ranking.iter().filter(|service| ranked.contains(service));
        in_order.chain(rest).cloned().collect()
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

    /// Makes `to` the owner.
    pub fn give(&mut self, name: &str, to: &str, terms: &Terms, cause: &str) {
        self.offer(name, to).last_owned = Some(self.state.revision + 1);
        let attribute = self.state.attributes.get_mut(name).unwrap();
        let from = attribute.owner.replace(to.to_owned());
        attribute.generation += 1;
        attribute.active = terms.active;
        attribute.manual = terms.manual;
        attribute.pinned = terms.pinned;
        self.record(name, from, cause);
    }

    /// Takes the attribute from its owner, to whom it is pinned no more: the successor becomes the owner, or nobody does,
    /// which is for `cause`.
    pub fn pass_on(&mut self, name: &str, cause: &str) {
        let attribute = &self.state.attributes[name];
        if attribute.pinned {
            self.reasons.push("unpinned");
        }
        let active = attribute.active;
        let line = self.state.line(self.catalog, name);
        let Some(heir) = line.first() else {
            return self.take_away(name, cause);
        };
        let unranked = State {
            rankings: BTreeMap::new(),
            ..self.state.clone()
        };
        if unranked.line(self.catalog, name).first() != Some(heir) {
            self.reasons.push("the rank decided");
        }
        let manual = self.state.qualifies(self.catalog, heir, name).unwrap();
        let terms = Terms {
            active,
            manual,
            pinned: false,
        };
        self.give(name, heir, &terms, "INHERITED");
    }

    /// Makes nobody the owner.
    pub fn take_away(&mut self, name: &str, cause: &str) {
        let attribute = self.state.attributes.get_mut(name).unwrap();
        let owner = attribute.owner.take();
        attribute.active = false;
        attribute.pinned = false;
        attribute.generation += 1;
        self.record(name, owner, cause);
    }
}

//! What users decide and see (`account.proto`).

use super::{
    Answer, Catalog, Operation, Outcome, State, User,
    answer::{Own, service, show},
    state::{Attribute, Terms, Work},
    wish::{Seen, Wish},
};
use crate::harness::Event;

const INVALID: &str = "InvalidArgument INVALID_REQUEST";
const CHANGED: &str = "Aborted CHANGED_MEANWHILE";
const NOT_OWNED: &str = "FailedPrecondition NOT_OWNED";

/// All that an etag stands for: owner, generation, active, manual, pinned and ranking.
pub type Facts = (Option<String>, i64, bool, bool, bool, Vec<String>);

impl Own {
    pub fn facts(&self) -> Facts {
        let shown = &self.shown;
        let owner = shown.owner.as_ref().map(|owner| owner.name.clone());
        (
            owner,
            shown.generation,
            shown.active,
            shown.manual,
            shown.pinned,
            self.succession.clone(),
        )
    }
}

/// The attribute as its user sees it.
pub fn own(catalog: &Catalog, state: &State, name: &str) -> Own {
    let line = state.line(catalog, name).into_iter();
    Own {
        shown: show(catalog, state, name),
        successors: line.map(|name| service(catalog, &name)).collect(),
        succession: state.rankings.get(name).cloned().unwrap_or_default(),
    }
}

/// The names of all attributes: by priority and name of the group, then by their own.
fn in_order(catalog: &Catalog, state: &State) -> Vec<String> {
    let mut all: Vec<_> = state.attributes.iter().collect();
    all.sort_by_key(|(name, attribute)| {
        let group = &attribute.group;
        let priority = catalog.groups[group].priority;
        (priority, group, attribute.priority, *name)
    });
    all.into_iter().map(|(name, _)| name.clone()).collect()
}

/// The attributes of these names, or all, by group.
pub fn groups(catalog: &Catalog, state: &State, names: &[String]) -> Answer {
    let mut groups: Vec<(_, Vec<Own>)> = Vec::new();
    let all = in_order(catalog, state).into_iter();
    for name in all.filter(|name| names.is_empty() || names.contains(name)) {
        let own = own(catalog, state, &name);
        match groups.last_mut() {
            Some((group, attributes)) if *group == own.shown.group => attributes.push(own),
            _ => groups.push((own.shown.group.clone(), vec![own])),
        }
    }
    let revision = state.revision;
    Answer::Groups { groups, revision }
}

fn connections(catalog: &Catalog, state: &State) -> Answer {
    let owned = |service: &String| {
        let owners = state.attributes.values().map(|a| a.owner.as_ref());
        owners.filter(|owner| *owner == Some(service)).count()
    };
    let all = state.connections.iter().map(|(name, scopes)| {
        let scopes = scopes.iter().cloned().collect();
        (service(catalog, name), scopes, owned(name))
    });
    let mut connections: Vec<_> = all.collect();
    connections.sort();
    let revision = state.revision;
    Answer::Connections {
        connections,
        revision,
    }
}

impl User {
    /// What the user does, with a good token of their own.
    pub fn decide(&mut self, catalog: &Catalog, wish: &Wish, request_id: &str) -> Outcome {
        match wish {
            Wish::ListUserAttributes { attributes } => {
                Outcome::answered(groups(catalog, &self.state, attributes))
            }
            Wish::ListConnections {} => Outcome::answered(connections(catalog, &self.state)),
            Wish::ListEvents {
                attribute,
                page_size,
            } => self.events(attribute, usize::try_from(*page_size).unwrap()),
            Wish::Disconnect {
                service,
                validate_only,
                seen,
            } => self.leave(catalog, service, *validate_only, *seen, request_id),
            _ => self.set(catalog, wish, request_id),
        }
    }

    /// The state before so many of the steps before this one.
    pub fn past(&self, back: usize) -> &State {
        let place = self.past.len().checked_sub(1 + back);
        self.past.get(place.unwrap_or(0)).unwrap_or(&self.state)
    }

    /// The newest first, as they are told to the user.
    fn events(&self, attribute: &str, page_size: usize) -> Outcome {
        let told = self.told.iter().rev();
        let told = told.filter(|event| attribute.is_empty() || event.attribute == attribute);
        let told: Vec<_> = told
            .map(|event| {
                let label = self.state.attributes[&event.attribute].label.clone();
                let mut event = event.clone();
                if event.actor != "user" {
                    event.request_id.clear();
                }
                (label, event)
            })
            .collect();
        let mut pages: Vec<_> = told.chunks(page_size).map(<[_]>::to_vec).collect();
        if pages.is_empty() {
            pages.push(Vec::new());
        }
        let revision = self.state.revision;
        Outcome::answered(Answer::Told { pages, revision })
    }

    fn leave(
        &mut self,
        catalog: &Catalog,
        from: &str,
        validate_only: bool,
        seen: Seen,
        request_id: &str,
    ) -> Outcome {
        if !self.state.connections.contains_key(from) {
            return Outcome::refused("NotFound NOT_CONNECTED");
        }
        if seen.is_some_and(|back| self.past(back).revision != self.state.revision) {
            return Outcome::refused(CHANGED);
        }
        let owns = |name: &String| self.state.attributes[name].owner.as_deref() == Some(from);
        let names = in_order(catalog, &self.state).into_iter().filter(owns);
        let names: Vec<_> = names.collect();
        let mut work = self.begin(catalog, "user", request_id);
        work.disconnect(from).unwrap();
        let passing = names.into_iter().map(|name| {
            let attribute = &work.state.attributes[&name];
            let to = attribute.owner.as_ref().map(|to| service(catalog, to));
            (name, attribute.label.clone(), to)
        });
        let passing = passing.collect();
        let mut reasons = work.reasons.clone();
        reasons.extend(told_of(seen));
        if validate_only {
            reasons.push("a preview");
        }
        let ranked = self.state.rankings.values().flatten();
        if ranked.into_iter().any(|service| service == from) {
            reasons.push("of one that keeps its rank");
        }
        let events = if validate_only {
            Vec::new()
        } else {
            let before = self.state.connections.clone();
            let events = self.commit(work, false);
            let like = Operation::Disconnect {
                service: from.to_owned(),
            };
            self.count_losses(&like, &before);
            self.end_or_add_tokens(&like, None);
            events
        };
        let revision = self.state.revision;
        Outcome {
            events,
            reasons,
            ..Outcome::answered(Answer::Passing { passing, revision })
        }
    }

    /// What the user decides about one attribute.
    fn set(&mut self, catalog: &Catalog, wish: &Wish, request_id: &str) -> Outcome {
        if is_wrong(wish) {
            return Outcome::refused(INVALID);
        }
        let name = wish.attribute().unwrap();
        if !self.state.attributes.contains_key(name) {
            return Outcome::refused("NotFound NO_SUCH_ATTRIBUTE");
        }
        let facts = |state: &State| {
            let known = state.attributes.contains_key(name);
            known.then(|| own(catalog, state, name).facts())
        };
        let seen = wish.seen();
        if seen.is_some_and(|back| facts(self.past(back)) != facts(&self.state)) {
            return Outcome::refused(CHANGED);
        }
        let mut work = self.begin(catalog, "user", request_id);
        let set = match wish {
            Wish::SetOwner {
                service, pinned, ..
            } => work.set_owner(name, service, *pinned),
            Wish::SetActive { active, .. } => {
                let switched = work.switch(name, *active);
                switched.map_err(|_| NOT_OWNED.to_owned())
            }
            Wish::SetPinned { pinned, .. } => work.set_pinned(name, *pinned),
            Wish::SetSuccession { services, .. } => work.rank(name, services),
            _ => unreachable!("decides about no attribute: {wish:?}"),
        };
        if let Err(why) = set {
            return Outcome::refused(&why);
        }
        let mut reasons = std::mem::take(&mut work.reasons);
        reasons.extend(told_of(seen));
        let events = self.commit(work, false);
        let attribute = own(catalog, &self.state, name);
        let revision = self.state.revision;
        Outcome {
            events,
            reasons,
            ..Outcome::answered(Answer::Own {
                attribute,
                revision,
            })
        }
    }
}

fn told_of(seen: Seen) -> Option<&'static str> {
    match seen {
        None => None,
        Some(0) => Some("of what it is"),
        Some(_) => Some("of what it was and still is"),
    }
}

/// Whether it is no request at all.
fn is_wrong(wish: &Wish) -> bool {
    match wish {
        Wish::SetOwner {
            service, pinned, ..
        } => service.is_empty() && pinned.is_some(),
        Wish::SetSuccession { services, .. } => {
            let mut once = services.clone();
            once.sort();
            once.dedup();
            once.len() < services.len()
        }
        _ => false,
    }
}

impl Work<'_> {
    /// Fails with the status.
    fn set_owner(&mut self, name: &str, to: &str, pinned: Option<bool>) -> Result<(), String> {
        let attribute = self.state.attributes[name].clone();
        let owner = attribute.owner.as_deref();
        if owner.unwrap_or_default() == to {
            self.reasons.push(if to.is_empty() {
                "nobody's to nobody"
            } else {
                "to its owner"
            });
            return pinned.map_or(Ok(()), |pinned| self.set_pinned(name, pinned));
        }
        if to.is_empty() {
            self.reasons.push("to nobody");
            self.take_away(name, "USER_CHOICE");
            return Ok(());
        }
        let manual = self.state.qualifies(self.catalog, to, name);
        let manual = manual.map_err(|why| format!("FailedPrecondition NOT_QUALIFIED {why}"))?;
        let switched_off = owner.is_some() && !attribute.active;
        self.reasons.push(match (owner, switched_off) {
            (None, _) => "to somebody",
            (Some(_), true) => "to another, switched off",
            (Some(_), false) => "to another",
        });
        if attribute.pinned {
            self.reasons.push(match pinned {
                None => "the pin moves along",
                Some(true) => "pinned again",
                Some(false) => "the pin is taken out",
            });
        }
        let terms = Terms {
            active: !switched_off,
            manual,
            pinned: pinned.unwrap_or(attribute.pinned),
        };
        self.give(name, to, &terms, "USER_CHOICE");
        Ok(())
    }

    fn set_pinned(&mut self, name: &str, pinned: bool) -> Result<(), String> {
        let Attribute {
            owner, pinned: is, ..
        } = &self.state.attributes[name];
        if pinned && owner.is_none() {
            return Err(NOT_OWNED.to_owned());
        }
        if pinned != *is {
            let cause = if pinned { "PINNED" } else { "UNPINNED" };
            self.set(name, cause, |attribute| attribute.pinned = pinned);
        }
        Ok(())
    }

    fn rank(&mut self, name: &str, services: &[String]) -> Result<(), String> {
        let known = |service| self.catalog.services.contains_key(service);
        if !services.iter().all(known) {
            return Err(INVALID.to_owned());
        }
        let connected = |service| self.state.connections.contains_key(service);
        if !services.iter().all(connected) {
            self.reasons.push("of one that is not connected");
        }
        let rankings = &mut self.state.rankings;
        let had = if services.is_empty() {
            rankings.remove(name)
        } else {
            rankings.insert(name.to_owned(), services.to_vec())
        };
        self.reasons.push(match had {
            _ if services.is_empty() => "of nobody",
            Some(had) if had == services => "as it was",
            Some(_) => "another",
            None => "the first",
        });
        Ok(())
    }
}

/// The sentence must name what it is about, who has it now and who had it.
pub fn names_all(catalog: &Catalog, label: &str, event: &Event, text: &str) -> bool {
    let moved = event.from_owner != event.to_owner;
    let to = event.to_owner.as_ref().filter(|_| moved);
    // A gift names who got it, whoever had it.
    let from = event.from_owner.as_ref();
    let from = from.filter(|_| moved && !(event.cause == "USER_CHOICE" && to.is_some()));
    let names = [to, from].into_iter().flatten();
    let mut labels = names.map(|name| catalog.label(name)).chain([label]);
    labels.all(|label| text.contains(label)) && !text.ends_with('.')
}

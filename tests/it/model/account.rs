//! What users do themselves (`account.proto`).

use super::{
    Answer, Catalog, Operation, Outcome, Sight, User, Wish,
    answer::{Connected, Held, Passing, service, show},
    state::{State, Work},
};
use std::collections::BTreeSet;

/// A status and its reason.
type Refusal = &'static str;

const INVALID: Refusal = "InvalidArgument INVALID_REQUEST";
const CHANGED: Refusal = "Aborted CHANGED_MEANWHILE";

impl User {
    pub(super) fn of_themselves(
        &mut self,
        catalog: &Catalog,
        operation: &Operation,
        request_id: &str,
    ) -> Outcome {
        if let Err(refusal) = self.is_own(operation) {
            return Outcome::refused(refusal);
        }
        let done = match operation {
            Operation::Account { .. } => return Outcome::answered(account(catalog, &self.state)),
            Operation::Decide {
                attribute,
                wish,
                seen,
                ..
            } => self.decide(catalog, attribute, wish, *seen, request_id),
            Operation::Leave { .. } => self.leave(catalog, operation, request_id),
            _ => unreachable!("not a user's own {operation:?}"),
        };
        done.unwrap_or_else(Outcome::refused)
    }

    /// Whether it is a good token of the user's own.
    pub fn is_own_token(&self, number: usize) -> bool {
        let token = self.tokens.get(number);
        token.is_some_and(|token| token.service.is_none() && !token.revoked)
    }

    fn is_own(&self, operation: &Operation) -> Result<(), Refusal> {
        let token = operation.token().and_then(|token| self.number(token));
        let token = token.map(|number| &self.tokens[number]);
        match token.filter(|token| !token.revoked) {
            None => Err("Unauthenticated TOKEN_INVALID"),
            Some(token) if token.service.is_some() => Err("PermissionDenied NOT_A_USER"),
            Some(_) => Ok(()),
        }
    }

    fn decide(
        &mut self,
        catalog: &Catalog,
        name: &str,
        wish: &Wish,
        seen: Sight,
        request_id: &str,
    ) -> Result<Outcome, Refusal> {
        if !wish.makes_sense() {
            return Err(INVALID);
        }
        if !self.state.attributes.contains_key(name) {
            return Err("NotFound NO_SUCH_ATTRIBUTE");
        }
        if seen == Sight::Before {
            return Err(CHANGED);
        }
        let mut work = self.begin(catalog, "user", request_id);
        let reason = work.grant(name, wish)?;
        let events = self.commit(work, false);
        let held = Box::new(held(catalog, &self.state, name));
        let revision = self.state.revision;
        Ok(Outcome {
            events,
            reasons: vec![reason],
            ..Outcome::answered(Answer::Decided { held, revision })
        })
    }

    fn leave(
        &mut self,
        catalog: &Catalog,
        operation: &Operation,
        request_id: &str,
    ) -> Result<Outcome, Refusal> {
        let Operation::Leave {
            service: of,
            preview,
            seen,
            ..
        } = operation
        else {
            unreachable!("no disconnection: {operation:?}")
        };
        if !self.state.connections.contains_key(of) {
            return Err("NotFound NOT_CONNECTED");
        }
        if *seen == Sight::Before {
            return Err(CHANGED);
        }
        let owned = in_order(catalog, &self.state);
        let owned = owned
            .into_iter()
            .filter(|name| self.state.attributes[name].owner.as_ref() == Some(of));
        let owned: Vec<_> = owned.collect();
        let mut work = self.begin(catalog, "user", request_id);
        work.disconnect(of)?;
        let passing = owned.iter().map(|name| passing(catalog, &work.state, name));
        let passing = passing.collect();
        let mut events = Vec::new();
        if !preview {
            let before = self.state.connections.clone();
            events = self.commit(work, false);
            let done = Operation::Disconnect {
                service: of.clone(),
            };
            self.count_losses(&done, &before);
            self.end_or_add_tokens(&done, None);
        }
        let revision = self.state.revision;
        Ok(Outcome {
            events,
            reasons: vec![if *preview { "preview" } else { "gone" }],
            ..Outcome::answered(Answer::Passing { passing, revision })
        })
    }
}

impl Wish {
    /// Nobody can be pinned, and nobody has two ranks.
    fn makes_sense(&self) -> bool {
        match self {
            Self::Owner { service, pinned } => !service.is_empty() || pinned.is_none(),
            Self::Succession(services) => {
                services.iter().collect::<BTreeSet<_>>().len() == services.len()
            }
            Self::Active(_) | Self::Pinned(_) => true,
        }
    }
}

impl Work<'_> {
    /// What it came to, in a word.
    fn grant(&mut self, name: &str, wish: &Wish) -> Result<&'static str, Refusal> {
        match wish {
            Wish::Owner { service, pinned } if service.is_empty() => {
                assert_eq!(*pinned, None);
                self.choose_nobody(name);
                Ok("nobody")
            }
            Wish::Owner { service, pinned } => self.choose(name, service, *pinned),
            Wish::Active(on) => {
                let done = self.switch(name, *on);
                done.map(|()| "switched")
                    .map_err(|_| "FailedPrecondition NOT_OWNED")
            }
            Wish::Pinned(pinned) => self.pin(name, *pinned).map(|()| "pin"),
            Wish::Succession(services) => self.rank(name, services).map(|()| "ranked"),
        }
    }

    fn choose_nobody(&mut self, name: &str) {
        if self.state.attributes[name].owner.is_some() {
            self.leave(name, "USER_CHOICE");
        }
    }

    fn choose(
        &mut self,
        name: &str,
        service: &str,
        pinned: Option<bool>,
    ) -> Result<&'static str, Refusal> {
        let before = self.state.attributes[name].clone();
        if before.owner.as_deref() == Some(service) {
            self.pin(name, pinned.unwrap_or(before.pinned))?;
            return Ok("the owner");
        }
        let manual = self.state.qualifies(self.catalog, service, name);
        let manual = manual.ok_or("FailedPrecondition NOT_QUALIFIED")?;
        self.give(name, service, true, manual, "USER_CHOICE");
        // What it is then was told at once.
        let attribute = self.state.attributes.get_mut(name).unwrap();
        attribute.active = before.active || before.owner.is_none();
        attribute.pinned = pinned.unwrap_or(before.pinned);
        let event = self.events.last_mut().unwrap();
        (event.active, event.pinned) = (attribute.active, attribute.pinned);
        Ok(
            match (before.owner.is_some(), before.active, attribute.pinned) {
                (true, false, _) => "another, and still off",
                (.., true) => "another, pinned",
                (false, ..) => "somebody",
                _ => "another",
            },
        )
    }

    fn pin(&mut self, name: &str, pinned: bool) -> Result<(), Refusal> {
        let attribute = &self.state.attributes[name];
        if attribute.owner.is_none() {
            return if pinned {
                Err("FailedPrecondition NOT_OWNED")
            } else {
                Ok(())
            };
        }
        if attribute.pinned != pinned {
            let cause = if pinned { "PINNED" } else { "UNPINNED" };
            self.set(name, cause, |attribute| attribute.pinned = pinned);
        }
        Ok(())
    }

    fn rank(&mut self, name: &str, services: &[String]) -> Result<(), Refusal> {
        let known = |service| self.catalog.services.contains_key(service);
        if !services.iter().all(known) {
            return Err(INVALID);
        }
        for ((of, _), offer) in &mut self.state.offers {
            if of == name {
                offer.rank = None;
            }
        }
        for (service, rank) in services.iter().zip(1..) {
            self.offer(name, service).rank = Some(rank);
        }
        self.forget_the_silent();
        Ok(())
    }
}

/// The names of the attributes, by group and then by attribute.
fn in_order(catalog: &Catalog, state: &State) -> Vec<String> {
    let mut names: Vec<_> = state.attributes.keys().cloned().collect();
    names.sort_by_key(|name| {
        let attribute = &state.attributes[name];
        let group = &catalog.groups[&attribute.group];
        let of_group = (group.priority, attribute.group.clone());
        (of_group, attribute.priority, name.clone())
    });
    names
}

fn held(catalog: &Catalog, state: &State, name: &str) -> Held {
    let line = state.line(catalog, name).into_iter();
    Held {
        shown: show(catalog, state, name),
        successors: line.map(|(heir, _)| service(catalog, &heir)).collect(),
        succession: state.ranking(name),
    }
}

fn passing(catalog: &Catalog, state: &State, name: &str) -> Passing {
    let attribute = &state.attributes[name];
    let to = attribute.owner.as_ref();
    Passing {
        name: name.to_owned(),
        label: attribute.label.clone(),
        to: to.map(|owner| service(catalog, owner)),
    }
}

fn account(catalog: &Catalog, state: &State) -> Answer {
    let mut groups: Vec<(_, Vec<Held>)> = Vec::new();
    for name in in_order(catalog, state) {
        let held = held(catalog, state, &name);
        let group = held.shown.group.clone();
        match groups.last_mut() {
            Some((last, of_group)) if *last == group => of_group.push(held),
            _ => groups.push((group, vec![held])),
        }
    }
    let owned = |of| {
        let attributes = state.attributes.values();
        attributes.filter(|a| a.owner.as_ref() == Some(of)).count()
    };
    let connections = state.connections.iter();
    let mut connections: Vec<_> = connections
        .map(|(name, scopes)| Connected {
            service: service(catalog, name),
            scopes: scopes.iter().cloned().collect(),
            owned: owned(name),
        })
        .collect();
    connections.sort_by_key(|connected| connected.service.clone());
    let revision = state.revision;
    Answer::Account {
        groups,
        connections,
        revision,
    }
}

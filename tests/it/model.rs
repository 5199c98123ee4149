//! The rules once more: in memory, naive, item by item, told in the words of `model.md` and `contract.md`. Nothing of
//! `src/domain` decides here; of it only the catalog's data is read.
//!
//! A model knows one user, because no rule, no answer and no change spans two.

mod answer;
mod batch;
mod catalog;
mod create;
mod listing;
mod observed;
mod operation;
mod operator;
mod outside;
mod own;
mod state;
pub mod wire;
mod wish;

pub use answer::{Answer, Own as OwnAttribute};
pub use catalog::{CATALOG, Catalog, SERVICES};
pub use listing::{list_all, templates};
pub use observed::{Observer, Seen};
pub use operation::{
    AcquireItem, CreateItem, Foreign, List, Malformed, Modes, Operation, ReleaseItem, TokenRef,
};
pub use own::{Facts, groups, names_all};
pub use state::{Scopes, State, may_write};
pub use wish::{Own, Wish};

use crate::harness::Event;
use answer::show;
use batch::aborted;
use listing::{list_attributes, list_owned};
use outside::Loss;
use state::Work;
use std::collections::BTreeMap;

/// One user, with every token that was ever issued.
#[derive(Clone, Default)]
pub struct User {
    pub state: State,
    tokens: Vec<Token>,
    /// What was asked and answered under an idempotency key, by service and key.
    kept: BTreeMap<(String, String), (Operation, Answer)>,
    /// How many steps have been taken.
    step: usize,
    losses: Vec<Loss>,
    /// The state before each step.
    past: Vec<State>,
    /// The events of all steps.
    told: Vec<Event>,
}

#[derive(Clone)]
struct Token {
    service: Option<String>,
    scopes: Scopes,
    revoked: bool,
}

/// What came of an operation.
#[derive(Debug)]
pub struct Outcome {
    pub answer: Answer,
    pub events: Vec<Event>,
    /// Whether a token or an answer was kept, which is a change that neither events nor the state tell.
    pub kept: bool,
    /// What made the answer what it is, where that does not tell.
    pub reasons: Vec<&'static str>,
}

impl Outcome {
    fn refused(why: &str) -> Self {
        Self {
            answer: Answer::Refused(why.to_owned()),
            events: Vec::new(),
            kept: false,
            reasons: Vec::new(),
        }
    }

    fn answered(answer: Answer) -> Self {
        Self {
            answer,
            events: Vec::new(),
            kept: false,
            reasons: Vec::new(),
        }
    }
}

impl User {
    /// Who has a token of their own that no script knows of.
    pub fn with_a_token() -> Self {
        let mut user = Self::default();
        user.state.revision = 1;
        user
    }

    /// One more step.
    pub fn apply(&mut self, catalog: &Catalog, operation: &Operation, request_id: &str) -> Outcome {
        self.step += 1;
        self.past.push(self.state.clone());
        let outcome = self.take(catalog, operation, request_id);
        self.told.extend(outcome.events.iter().cloned());
        outcome
    }

    fn take(&mut self, catalog: &Catalog, operation: &Operation, request_id: &str) -> Outcome {
        match operation {
            Operation::Own(own) => match self.is_of_the_user(own.token.as_ref()) {
                Ok(()) => self.decide(catalog, &own.wish, request_id),
                Err(refusal) => Outcome::refused(refusal),
            },
            Operation::Arrive(token) => self.arrive(catalog, token),
            Operation::AcquireWith {
                token,
                name,
                manual,
            } => {
                let acquire = Operation::acquire_template(name, *manual);
                self.acquire_with(catalog, token, &acquire, request_id)
            }
            Operation::Acquire { token, .. }
            | Operation::Release { token, .. }
            | Operation::CreateOwned { token, .. }
            | Operation::List { token, .. }
            | Operation::ListAttributes { token, .. } => match self.bearer(token) {
                Ok((service, granted)) => {
                    self.call(catalog, &service, &granted, operation, request_id)
                }
                Err(refusal) => Outcome::refused(refusal),
            },
            _ => self.operate(catalog, operation),
        }
    }

    /// The number of a token, from 0 in the order of their issue.
    pub fn number(&self, token: &TokenRef) -> Option<usize> {
        let mut tokens = (0..self.tokens.len()).rev();
        let of_service = |number: &usize| self.tokens[*number].service == token.service;
        tokens.by_ref().filter(of_service).nth(token.back)
    }

    /// What a token grants, by its number.
    pub fn scopes_of(&self, token: usize) -> Option<&Scopes> {
        self.tokens.get(token).map(|token| &token.scopes)
    }

    /// None is the one that no script knows of.
    fn is_of_the_user(&self, token: Option<&TokenRef>) -> Result<(), &'static str> {
        match token.map(|token| self.bearer(token)) {
            None | Some(Err("PermissionDenied NOT_A_CLIENT")) => Ok(()),
            Some(Err(refusal)) => Err(refusal),
            Some(Ok(_)) => Err("PermissionDenied NOT_A_USER"),
        }
    }

    fn bearer(&self, token: &TokenRef) -> Result<(String, Scopes), &'static str> {
        let found = self.number(token).map(|number| &self.tokens[number]);
        match found.filter(|token| !token.revoked) {
            None => Err("Unauthenticated TOKEN_INVALID"),
            Some(Token { service: None, .. }) => Err("PermissionDenied NOT_A_CLIENT"),
            Some(Token {
                service: Some(service),
                scopes,
                ..
            }) => Ok((service.clone(), scopes.clone())),
        }
    }

    /// What a service does with a good token that grants `scopes`.
    pub fn call(
        &mut self,
        catalog: &Catalog,
        service: &str,
        scopes: &Scopes,
        operation: &Operation,
        request_id: &str,
    ) -> Outcome {
        let Some(connection) = self.state.connections.get(service) else {
            return Outcome::refused("Unauthenticated TOKEN_INVALID");
        };
        let granted = scopes.intersection(connection).cloned().collect();
        let Some(modes) = operation.modes() else {
            return self.list(catalog, service, scopes, operation);
        };
        let key = modes.key().map(|key| (service.to_owned(), key.clone()));
        if let Some((asked, answer)) = key.as_ref().and_then(|key| self.kept.get(key)) {
            return if asked.is_the_same_batch(operation) {
                Outcome::answered(answer.clone())
            } else {
                Outcome::refused("AlreadyExists IDEMPOTENCY_KEY_REUSED")
            };
        }
        let actor = format!("service:{service}");
        let mut work = self.begin(catalog, &actor, request_id);
        let mut results = work.batch(service, &granted, operation);
        if modes.all_or_nothing && results.iter().any(Result::is_err) {
            work = self.begin(catalog, &actor, request_id);
            let abort = |result: Result<String, _>| result.and(Err(aborted()));
            results = results.into_iter().map(abort).collect();
        }
        let after = work.state.clone();
        let reasons = std::mem::take(&mut work.reasons);
        let kept = key.is_some();
        let events = if modes.validate_only {
            Vec::new()
        } else {
            self.commit(work, kept)
        };
        let show = |name: String| show(catalog, &after, &name);
        let results = results.into_iter().map(|result| result.map(show)).collect();
        let revision = self.state.revision;
        let answer = Answer::Batch { results, revision };
        if let Some(key) = key {
            self.kept.insert(key, (operation.clone(), answer.clone()));
        }
        Outcome {
            answer,
            events,
            kept,
            reasons,
        }
    }

    fn list(
        &self,
        catalog: &Catalog,
        service: &str,
        scopes: &Scopes,
        operation: &Operation,
    ) -> Outcome {
        match operation {
            Operation::List { list, .. } => {
                Outcome::answered(list_owned(catalog, &self.state, service, list))
            }
            Operation::ListAttributes { list, owned, .. } => {
                let caller = (service, scopes);
                let (answer, reasons) = list_attributes(catalog, &self.state, caller, list, *owned);
                Outcome {
                    reasons,
                    ..Outcome::answered(answer)
                }
            }
            _ => unreachable!("no list: {operation:?}"),
        }
    }

    /// What an operator does.
    pub fn operate(&mut self, catalog: &Catalog, operation: &Operation) -> Outcome {
        let mut work = self.begin(catalog, "operator", "operator");
        let mut issued = None;
        let done = match operation {
            Operation::Connect { service, scopes } => {
                work.connect(service, scopes.as_deref()).map(|()| None)
            }
            Operation::Disconnect { service } => work.disconnect(service).map(|()| None),
            Operation::Notice { service, remaining } => {
                work.withdraw(service, remaining);
                Ok(None)
            }
            Operation::Issue { service, scopes } => {
                let granted = work.issue(service.as_deref(), scopes.as_deref());
                granted.map(|scopes| issued = Some(scopes)).map(|()| None)
            }
            Operation::Revoke { token } => return self.revoke(token),
            Operation::Switch { attribute, on } => work.switch(attribute, *on).map(|()| None),
            Operation::Create {
                label,
                group,
                value_type,
                manual,
            } => work.create(label, group, *value_type, *manual).map(Some),
            _ => unreachable!("a service's {operation:?}"),
        };
        let name = match done {
            Ok(name) => name,
            Err(why) => return Outcome::refused(why),
        };
        // That something was withdrawn is kept, though it took nothing.
        let kept = issued.is_some() || matches!(operation, Operation::Notice { .. });
        let before = self.state.connections.clone();
        let reasons = std::mem::take(&mut work.reasons);
        let events = self.commit(work, kept);
        self.count_losses(operation, &before);
        self.end_or_add_tokens(operation, issued);
        Outcome {
            answer: Answer::Done(name),
            events,
            kept,
            reasons,
        }
    }

    fn end_or_add_tokens(&mut self, operation: &Operation, issued: Option<Scopes>) {
        let ended = match operation {
            Operation::Disconnect { service } => Some(service),
            Operation::Notice { service, remaining } if remaining.is_empty() => Some(service),
            _ => None,
        };
        if let Some(service) = ended {
            let of_service = |token: &&mut Token| token.service.as_ref() == Some(service);
            let tokens = self.tokens.iter_mut().filter(of_service);
            tokens.for_each(|token| token.revoked = true);
        }
        if let (Operation::Issue { service, .. }, Some(scopes)) = (operation, issued) {
            self.tokens.push(Token {
                service: service.clone(),
                scopes,
                revoked: false,
            });
        }
    }

    /// The end of a token is nothing that a revision orders.
    fn revoke(&mut self, token: &TokenRef) -> Outcome {
        let number = self.number(token);
        match number.map(|number| &mut self.tokens[number]) {
            Some(token) if !token.revoked => {
                token.revoked = true;
                Outcome::answered(Answer::Done(None))
            }
            _ => Outcome::refused("no_such_token"),
        }
    }

    fn begin<'c>(&self, catalog: &'c Catalog, actor: &str, request_id: &str) -> Work<'c> {
        Work {
            catalog,
            state: self.state.clone(),
            events: Vec::new(),
            actor: actor.to_owned(),
            request_id: request_id.to_owned(),
            reasons: Vec::new(),
        }
    }

    /// One revision for what changed anything: the state, or what is told of it, or a token or an answer that is kept.
    fn commit(&mut self, work: Work<'_>, kept: bool) -> Vec<Event> {
        let Work {
            mut state, events, ..
        } = work;
        if kept || !events.is_empty() || state != self.state {
            state.revision += 1;
            self.state = state;
        }
        events
    }
}

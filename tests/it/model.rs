//! The rules once more: in memory, naive, item by item, told in the words of `model.md` and `contract.md`. Nothing of
//! `src/domain` decides here; of it only the catalog's data is read.
//!
//! A model knows one user, because no rule, no answer and no change spans two.

mod answer;
mod batch;
mod catalog;
mod observed;
mod operation;
mod operator;
mod state;
pub mod wire;

pub use answer::Answer;
pub use catalog::{CATALOG, Catalog, SERVICES};
pub use observed::{Observer, Seen};
pub use operation::{AcquireItem, List, Malformed, Operation, ReleaseItem, TokenRef};
pub use state::{Scopes, State, may_write};

use crate::harness::Event;
use answer::{list, show};
use state::Work;

/// One user, with every token that was ever issued.
#[derive(Clone, Default)]
pub struct User {
    pub state: State,
    tokens: Vec<Token>,
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
}

impl Outcome {
    fn refused(why: &str) -> Self {
        Self {
            answer: Answer::Refused(why.to_owned()),
            events: Vec::new(),
        }
    }
}

impl User {
    pub fn apply(&mut self, catalog: &Catalog, operation: &Operation, request_id: &str) -> Outcome {
        match operation {
            Operation::Acquire { token, .. }
            | Operation::Release { token, .. }
            | Operation::List { token, .. } => match self.bearer(token) {
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
        let mut work = self.begin(catalog, &format!("service:{service}"), request_id);
        let results: Vec<_> = match operation {
            Operation::Acquire { items, .. } => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| work.acquire(service, &granted, index, item))
                    .collect()
            }
            Operation::Release { items, .. } => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| work.release(service, index, item))
                    .collect()
            }
            Operation::List { list: asked, .. } => {
                return Outcome {
                    answer: list(catalog, &self.state, service, asked),
                    events: Vec::new(),
                };
            }
            _ => unreachable!("an operator's {operation:?}"),
        };
        let events = self.commit(work, false);
        let show = |name: String| show(catalog, &self.state, &name);
        let results = results.into_iter().map(|result| result.map(show)).collect();
        let revision = self.state.revision;
        Outcome {
            answer: Answer::Batch { results, revision },
            events,
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
        let events = self.commit(work, issued.is_some());
        self.end_or_add_tokens(operation, issued);
        Outcome {
            answer: Answer::Done(name),
            events,
        }
    }

    fn end_or_add_tokens(&mut self, operation: &Operation, issued: Option<Scopes>) {
        if let Operation::Disconnect { service } = operation {
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
                let (answer, events) = (Answer::Done(None), Vec::new());
                Outcome { answer, events }
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
        }
    }

    /// One revision for what changed anything: the state, or what is told of it, or a token that was issued.
    fn commit(&mut self, work: Work<'_>, issued: bool) -> Vec<Event> {
        let Work {
            mut state, events, ..
        } = work;
        if issued || !events.is_empty() || state != self.state {
            state.revision += 1;
            self.state = state;
        }
        events
    }
}

//! What tokens of outside authorization servers bring, and what is taken back of it: by looking through all that was ever
//! lost.

use super::{Answer, Catalog, Operation, Outcome, Scopes, User, operation::Foreign, state::scopes};
use std::collections::BTreeMap;

/// A service lost all, or only a part, of what the user had granted it.
#[derive(Debug, Clone)]
pub struct Loss {
    service: String,
    all: bool,
    /// In which step of the user.
    step: usize,
}

const REFUSED: &str = "Invalid token";

impl User {
    /// A token comes, and no more.
    pub(super) fn arrive(&mut self, catalog: &Catalog, token: &Foreign) -> Outcome {
        let Foreign { service, .. } = token;
        if !catalog.services.contains_key(service) {
            return Outcome::refused(REFUSED);
        }
        if self.has_lost(token, true) {
            return with("withdrawn", Outcome::refused(REFUSED));
        }
        let connection = self.state.connections.get(service);
        if self.has_lost(token, false) {
            return match connection {
                Some(_) => with("held back", Outcome::answered(Answer::Done(None))),
                None => with("held back", Outcome::refused(REFUSED)),
            };
        }
        let mut work = self.begin(catalog, "nobody", "nothing");
        let granted = scopes(&token.scopes).into_iter();
        let granted: Vec<_> = granted
            .filter(|scope| work.means_something(scope))
            .collect();
        let reason = match connection {
            None => "makes",
            Some(scopes) if granted.iter().all(|scope| scopes.contains(scope)) => "changes nothing",
            Some(_) => "widens",
        };
        let connection = work.state.connections.entry(service.clone()).or_default();
        connection.extend(granted);
        self.commit(work, false);
        with(reason, Outcome::answered(Answer::Done(None)))
    }

    /// A service acquires one attribute with such a token, which arrived at some time.
    pub(super) fn acquire_with(
        &mut self,
        catalog: &Catalog,
        token: &Foreign,
        acquire: &Operation,
        request_id: &str,
    ) -> Outcome {
        if self.has_lost(token, true) {
            return with("withdrawn", Outcome::refused(REFUSED));
        }
        let (service, scopes) = (&token.service, scopes(&token.scopes));
        let outcome = self.call(catalog, service, &scopes, acquire, request_id);
        let answer = match &outcome.answer {
            Answer::Batch { results, .. } => match &results[0] {
                Ok(shown) => Answer::Done(Some(shown.name.clone())),
                Err(failure) => Answer::Refused(failure.text.clone()),
            },
            _ => Answer::Refused(REFUSED.to_owned()),
        };
        Outcome { answer, ..outcome }
    }

    /// Whether the service has lost something, or all, since the token was issued.
    fn has_lost(&self, token: &Foreign, all: bool) -> bool {
        let issued = self.step.saturating_sub(token.back).max(1);
        let mut losses = self.losses.iter();
        losses
            .any(|loss| loss.service == token.service && loss.step >= issued && (loss.all || !all))
    }

    /// What the service lost by something that was done, before which these were the connections.
    pub(super) fn count_losses(
        &mut self,
        operation: &Operation,
        before: &BTreeMap<String, Scopes>,
    ) {
        match operation {
            Operation::Disconnect { service } => self.lose(service, true),
            Operation::Notice { service, remaining } => self.lose(service, remaining.is_empty()),
            Operation::Connect { service, .. } => {
                let now = &self.state.connections[service];
                if before.get(service).is_some_and(|had| !had.is_subset(now)) {
                    self.lose(service, false);
                }
            }
            _ => {}
        }
    }

    fn lose(&mut self, service: &str, all: bool) {
        self.losses.push(Loss {
            service: service.to_owned(),
            all,
            step: self.step,
        });
        self.state.withdrawn.insert((service.to_owned(), all));
    }
}

fn with(reason: &'static str, outcome: Outcome) -> Outcome {
    Outcome {
        reasons: vec![reason],
        ..outcome
    }
}

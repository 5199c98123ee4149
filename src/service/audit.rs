//! The log line of a change.

use super::transactor::Origin;
use crate::domain::{change::Change, name::UserId};

/// What a change does, as far as a log line tells. It is made before the change is committed, which consumes it.
pub(super) struct Line {
    attributes: String,
    connections: String,
    tokens: usize,
}

impl Line {
    /// That of the change; none where only what is kept of a request changes, or where nobody reads the log.
    pub(super) fn of(change: &Change) -> Option<Self> {
        if !tracing::enabled!(target: "tenure::audit", tracing::Level::INFO) {
            return None;
        }
        let events = change.events.iter();
        let attributes =
            events.map(|event| format!("{}:{}", event.attribute, event.cause.as_str()));
        let connected = change.connections.iter();
        let connected = connected.map(|(service, _)| format!("{service}:CONNECTED"));
        let disconnected = change.disconnected.iter();
        let disconnected = disconnected.map(|service| format!("{service}:DISCONNECTED"));
        let line = Self {
            attributes: attributes.collect::<Vec<_>>().join(" "),
            connections: connected.chain(disconnected).collect::<Vec<_>>().join(" "),
            tokens: change.tokens.len(),
        };
        let tells = !change.attributes.is_empty()
            || !change.offers.is_empty()
            || !line.attributes.is_empty()
            || !line.connections.is_empty()
            || line.tokens > 0
            || !change.withdrawals.is_empty();
        tells.then_some(line)
    }

    /// Logs it, now that it is committed.
    pub(super) fn log(&self, user: &UserId, origin: &Origin, revision: i64) {
        tracing::info!(
            target: "tenure::audit",
            request_id = origin.request_id,
            principal = principal(origin),
            user = user.as_str(),
            attributes = some(&self.attributes),
            connections = some(&self.connections),
            tokens = (self.tokens > 0).then_some(self.tokens),
            outcome = "COMMITTED",
            revision,
            "changed"
        );
    }
}

/// Logs what was done to what belongs to no user.
pub(super) fn done(origin: &Origin, what: &str, service: &str) {
    tracing::info!(
        target: "tenure::audit",
        request_id = origin.request_id,
        principal = principal(origin),
        what,
        service = some(service),
        outcome = "COMMITTED",
        "changed"
    );
}

/// Logs what was done for a user that is no change of what they have.
pub(super) fn done_for(origin: &Origin, user: &UserId, what: &str) {
    tracing::info!(
        target: "tenure::audit",
        request_id = origin.request_id,
        principal = principal(origin),
        user = user.as_str(),
        what,
        outcome = "COMMITTED",
        "changed"
    );
}

/// Who asked, as refusals name them too.
fn principal(origin: &Origin) -> String {
    match &origin.internal {
        Some(name) => format!("internal:{name}"),
        None => origin.actor.to_string(),
    }
}

/// A list, if there is anything in it.
fn some(list: &str) -> Option<&str> {
    (!list.is_empty()).then_some(list)
}

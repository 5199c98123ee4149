//! The ledger: pages of it, and watches.

use super::{Violations, check::USER, instant, optional, span, timestamp};
use crate::{
    domain::{
        event::Cause,
        ledger::{Cursor, Entry, Events, Position, Query},
        name::{AttributeName, InvalidName, ServiceName, UserId},
    },
    proto::{self, watch_ownership_request as wire},
    service::{After, Told, WatchRequest},
};
use std::{collections::BTreeSet, time};
use tonic::Status;

/// The size of a page where the request names none, and the largest.
const PAGE_SIZE: (u32, u32) = (100, 500);

/// The longest silence of a watch: where the request names none, the shortest and the longest that it may name.
const HEARTBEAT: time::Duration = time::Duration::from_secs(15);
const HEARTBEATS: [time::Duration; 2] =
    [time::Duration::from_secs(1), time::Duration::from_hours(1)];

/// What an attribute's name is expected to be.
pub(super) const ATTRIBUTE: (&str, &str) = ("attribute", "must be 1 to 128 of a-z, 0-9 and '_'");

/// The cursor that stands for the beginning of all that is kept; no other has this form.
const BEGINNING: &str = "beginning";

/// Whose ledger is asked for, if the request says so, and which page of it: one event more than is to be shown, which
/// tells whether there is another page.
pub(in crate::grpc) fn events_request(
    request: proto::ListOwnershipEventsRequest,
) -> Result<(Option<UserId>, Query), Status> {
    let mut violations = Violations::default();
    let user = optional(request.user, UserId::parse, ("user", USER), &mut violations);
    let attribute = optional(
        request.attribute,
        AttributeName::parse,
        ATTRIBUTE,
        &mut violations,
    );
    if request.after_revision < 0 {
        violations.add("after_revision", "must not be negative");
    }
    let until = request.until.map(instant);
    if until == Some(None) {
        violations.add("until", "must be a time between the years 1 and 9999");
    }
    let limit = page_size(request.page_size, &mut violations);
    let page_after = page_after(&request.page_token, &mut violations);
    violations.none()?;
    let query = Query {
        attribute,
        concerning: None,
        after_revision: request.after_revision,
        until: until.flatten(),
        newest_first: request.newest_first,
        page_after,
        limit: limit + 1,
    };
    Ok((user, query))
}

/// How many events a page has at most.
pub(super) fn page_size(size: i32, violations: &mut Violations) -> u32 {
    match u32::try_from(size) {
        Ok(0) => PAGE_SIZE.0,
        Ok(size) => size.min(PAGE_SIZE.1),
        Err(_) => {
            violations.add("page_size", "must not be negative");
            0
        }
    }
}

/// Where the page before ended: revision and number.
pub(super) fn page_after(token: &str, violations: &mut Violations) -> Option<(i64, i32)> {
    if token.is_empty() {
        return None;
    }
    let cursor = Cursor::parse(token);
    if cursor.is_none() {
        violations.add("page_token", "must be one that this service gave");
    }
    cursor.map(|cursor| (cursor.position.revision, cursor.position.number))
}

/// Leaves of the events what the page shows, which is one less than `limit`; the token of the next page if there are more.
pub(super) fn cut<T>(events: &mut Vec<T>, limit: u32, entry: impl Fn(&T) -> &Entry) -> String {
    let shown = limit as usize - 1;
    let has_more = events.len() > shown;
    events.truncate(shown);
    let last = events.last().filter(|_| has_more).map(entry);
    let after = |entry: &Entry| {
        Cursor::complete(Position {
            transaction: 0,
            user: String::new(),
            ..entry.position.clone()
        })
    };
    last.map(|entry| after(entry).to_string())
        .unwrap_or_default()
}

/// An internal service did not say whose ledger.
pub(in crate::grpc) fn user_missing() -> Status {
    let mut violations = Violations::default();
    violations.add("user", USER);
    violations.into_status()
}

/// A page of so many events, and the token of the next one if there are more.
pub(in crate::grpc) fn events_page(
    mut events: Events,
    limit: u32,
) -> proto::ListOwnershipEventsResponse {
    proto::ListOwnershipEventsResponse {
        next_page_token: cut(&mut events.entries, limit, |entry| entry),
        events: events.entries.iter().map(event).collect(),
        revision: events.revision,
        complete_after_revision: events.complete_after,
    }
}

pub(in crate::grpc) fn watch_request(
    request: proto::WatchOwnershipRequest,
) -> Result<WatchRequest, Status> {
    let mut violations = Violations::default();
    let user = optional(request.user, UserId::parse, ("user", USER), &mut violations);
    let after = match request.after {
        None => After::Now,
        Some(wire::After::Revision(revision)) => {
            if user.is_none() || revision < 0 {
                violations.add("revision", "must not be negative, and goes with a user");
            }
            After::Revision(revision)
        }
        Some(wire::After::Cursor(text)) if text == BEGINNING => After::Cursor(Cursor::beginning()),
        Some(wire::After::Cursor(text)) => {
            let cursor = Cursor::parse(&text);
            if cursor.is_none() {
                violations.add("cursor", "must be one that this service gave");
            }
            After::Cursor(cursor.unwrap_or_default())
        }
    };
    let services = names(
        "services",
        request.services,
        ServiceName::parse,
        &mut violations,
    );
    let attributes = names(
        "attributes",
        request.attributes,
        AttributeName::parse,
        &mut violations,
    );
    let heartbeat = match request.heartbeat.map(span) {
        None => HEARTBEAT,
        Some(Some(heartbeat)) if (HEARTBEATS[0]..=HEARTBEATS[1]).contains(&heartbeat) => heartbeat,
        Some(_) => {
            violations.add("heartbeat", "must be between 1 s and 1 h");
            HEARTBEAT
        }
    };
    violations.none()?;
    Ok(WatchRequest {
        user,
        after,
        services,
        attributes,
        heartbeat,
    })
}

pub(in crate::grpc) fn told(told: &Told) -> proto::WatchOwnershipResponse {
    proto::WatchOwnershipResponse {
        event: told.entry.as_deref().map(event),
        cursor: told.cursor.to_string(),
    }
}

/// Names of a list.
fn names<T: Ord>(
    field: &str,
    texts: Vec<String>,
    parse: impl Fn(String) -> Result<T, InvalidName>,
    violations: &mut Violations,
) -> BTreeSet<T> {
    let mut names = BTreeSet::new();
    for (index, text) in texts.into_iter().enumerate() {
        match parse(text) {
            Ok(name) => drop(names.insert(name)),
            Err(error) => violations.add(&format!("{field}[{index}]"), &format!("is {error}")),
        }
    }
    names
}

pub(super) fn event(entry: &Entry) -> proto::OwnershipEvent {
    let Entry {
        position,
        event,
        stamp,
    } = entry;
    proto::OwnershipEvent {
        user: position.user.clone(),
        revision: position.revision,
        number: position.number,
        attribute: event.attribute.to_string(),
        from: event.from.as_ref().map(ToString::to_string),
        to: event.to.as_ref().map(ToString::to_string),
        generation: event.generation,
        active: event.active,
        manual: event.manual,
        pinned: event.pinned,
        cause: cause(event.cause).into(),
        actor: stamp.actor.to_string(),
        request_id: stamp.request_id.clone(),
        time: Some(timestamp(stamp.at)),
    }
}

fn cause(cause: Cause) -> proto::Cause {
    match cause {
        Cause::Created => proto::Cause::Created,
        Cause::Acquired => proto::Cause::Acquired,
        Cause::Taken => proto::Cause::Taken,
        Cause::Released => proto::Cause::Released,
        Cause::Inherited => proto::Cause::Inherited,
        Cause::UserChoice => proto::Cause::UserChoice,
        Cause::Disconnected => proto::Cause::Disconnected,
        Cause::ScopeNarrowed => proto::Cause::ScopeNarrowed,
        Cause::Activated => proto::Cause::Activated,
        Cause::Deactivated => proto::Cause::Deactivated,
        Cause::ManualChanged => proto::Cause::ManualChanged,
        Cause::Pinned => proto::Cause::Pinned,
        Cause::Unpinned => proto::Cause::Unpinned,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_is_told_as_it_is_stored() {
        // 0 is that of no event.
        let known = (1..).map_while(|number| proto::Cause::try_from(number).ok());
        let known: Vec<_> = known.collect();
        let told: BTreeSet<_> = Cause::ALL.into_iter().map(cause).collect();
        assert_eq!(told.into_iter().collect::<Vec<_>>(), known);
        for stored in Cause::ALL {
            let told = cause(stored).as_str_name();
            assert_eq!(told, format!("CAUSE_{}", stored.as_str()));
        }
    }
}

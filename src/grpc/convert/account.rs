//! What users ask for and are shown.

use super::{
    Violations, attribute,
    ledger::{self, ATTRIBUTE},
    optional,
    registry::SERVICE,
    required, timestamp,
};
use crate::{
    domain::{
        account::{AttributeGroup, Passing, UserAttribute, UserConnection},
        etag::Etag,
        ledger::Query,
        name::{AttributeName, ServiceName},
        succession::Unqualified,
        view::ServiceView,
    },
    proto,
    service::{Seen, Shown, UserEvent},
};
use std::collections::BTreeSet;
use tonic::Status;

const ETAG: (&str, &str) = (
    "etag",
    "must be 1 to 64 visible ASCII characters without quotes",
);

/// The most services of a ranking.
const MAX_SERVICES: usize = 100;

/// The attributes that are asked for; none is all. What is no name names nothing.
pub(in crate::grpc) fn user_attributes_request(
    request: proto::ListUserAttributesRequest,
) -> Option<Vec<AttributeName>> {
    let names = request.attributes;
    let parsed = |names: Vec<String>| {
        names
            .into_iter()
            .filter_map(|n| n.try_into().ok())
            .collect()
    };
    (!names.is_empty()).then(|| parsed(names))
}

pub(in crate::grpc) fn seen(attribute: String, etag: String) -> Result<Seen, Status> {
    let mut violations = Violations::default();
    let seen = read_seen(attribute, etag, &mut violations);
    violations.unless(seen)
}

fn read_seen(attribute: String, etag: String, violations: &mut Violations) -> Option<Seen> {
    let attribute = required(attribute, AttributeName::parse, ATTRIBUTE, violations);
    let etag = optional(etag, Etag::parse, ETAG, violations);
    attribute.map(|attribute| Seen { attribute, etag })
}

/// The attribute, and who is to own it.
pub(in crate::grpc) fn owner_request(
    request: proto::SetOwnerRequest,
) -> Result<(Seen, Option<ServiceName>), Status> {
    let mut violations = Violations::default();
    let seen = read_seen(request.attribute, request.etag, &mut violations);
    for (field, is_given) in [("pinned", request.pinned), ("active", request.active)] {
        if request.service.is_empty() && is_given.is_some() {
            violations.add(field, "must not be given where nobody is to own it");
        }
    }
    let expected = ("service", SERVICE);
    let service = optional(
        request.service,
        ServiceName::parse,
        expected,
        &mut violations,
    );
    violations.unless(seen.map(|seen| (seen, service)))
}

/// The attribute, and the services to rank; the first that cannot be is told.
pub(in crate::grpc) fn succession_request(
    request: proto::SetSuccessionRequest,
) -> Result<(Seen, Vec<ServiceName>), Status> {
    let mut violations = Violations::default();
    let seen = read_seen(request.attribute, request.etag, &mut violations);
    let (mut services, mut named) = (Vec::new(), BTreeSet::new());
    let count = request.services.len();
    if count > MAX_SERVICES {
        let expected = format!("must be at most {MAX_SERVICES}, not {count}");
        violations.add("services", &expected);
        return violations.unless(None);
    }
    for (index, service) in request.services.into_iter().enumerate() {
        let field = format!("services[{index}]");
        let expected = (field.as_str(), SERVICE);
        let service = required(service, ServiceName::parse, expected, &mut violations);
        let Some(service) = service else {
            break;
        };
        if !named.insert(service.clone()) {
            violations.add(&field, "must not be named before");
            break;
        }
        services.push(service);
    }
    violations.unless(seen.map(|seen| (seen, services)))
}

/// The service, and the revision that the user must be at.
pub(in crate::grpc) fn disconnect_request(
    request: proto::DisconnectRequest,
) -> Result<(ServiceName, Option<i64>), Status> {
    let mut violations = Violations::default();
    let expected = ("service", SERVICE);
    let service = required(
        request.service,
        ServiceName::parse,
        expected,
        &mut violations,
    );
    if request.revision.is_some_and(i64::is_negative) {
        violations.add("revision", "must not be negative");
    }
    violations.unless(service.map(|service| (service, request.revision)))
}

/// The page that is asked for, the newest first: one event more than is to be shown.
pub(in crate::grpc) fn user_events_request(
    request: proto::ListEventsRequest,
) -> Result<Query, Status> {
    let mut violations = Violations::default();
    let attribute = optional(
        request.attribute,
        AttributeName::parse,
        ATTRIBUTE,
        &mut violations,
    );
    let limit = ledger::page_size(request.page_size, &mut violations) + 1;
    let page_after = ledger::page_after(&request.page_token, &mut violations);
    violations.none()?;
    Ok(Query {
        attribute,
        newest_first: true,
        page_after,
        limit,
        ..Query::default()
    })
}

pub(in crate::grpc) fn user_attributes(
    shown: Shown<Vec<AttributeGroup>>,
) -> proto::ListUserAttributesResponse {
    let groups = shown.it.into_iter().map(|group| proto::AttributeGroup {
        group: Some(attribute::group(&group.group)),
        attributes: group.attributes.into_iter().map(one).collect(),
    });
    proto::ListUserAttributesResponse {
        groups: groups.collect(),
        revision: shown.revision,
    }
}

/// The attribute of an answer, and its revision.
pub(in crate::grpc) fn user_attribute(
    shown: Shown<UserAttribute>,
) -> (Option<proto::UserAttribute>, i64) {
    (Some(one(shown.it)), shown.revision)
}

fn one(attribute: UserAttribute) -> proto::UserAttribute {
    proto::UserAttribute {
        attribute: Some(attribute::attribute(attribute.view)),
        successors: attribute
            .successors
            .iter()
            .map(attribute::service)
            .collect(),
        succession: attribute
            .succession
            .iter()
            .map(ToString::to_string)
            .collect(),
        etag: attribute.etag.to_string(),
        unqualified: attribute.unqualified.iter().map(unqualified).collect(),
    }
}

fn unqualified((service, why): &(ServiceView, Unqualified)) -> proto::UnqualifiedService {
    proto::UnqualifiedService {
        service: Some(attribute::service(service)),
        reason: why.to_string(),
    }
}

pub(in crate::grpc) fn user_connections(
    shown: Shown<Vec<UserConnection>>,
) -> proto::UserAttributesListConnectionsResponse {
    let connections = shown.it.into_iter().map(|shown| proto::UserConnection {
        service: Some(attribute::service(&shown.service)),
        scopes: super::registry::texts(&shown.connection.scopes),
        connect_time: Some(timestamp(shown.connection.since)),
        owned: i32::try_from(shown.owned).unwrap_or(i32::MAX),
    });
    proto::UserAttributesListConnectionsResponse {
        connections: connections.collect(),
        revision: shown.revision,
    }
}

pub(in crate::grpc) fn passing(shown: Shown<Vec<Passing>>) -> proto::DisconnectResponse {
    let passing = shown.it.into_iter().map(|passing| proto::Passing {
        attribute: passing.attribute.to_string(),
        label: passing.label.to_string(),
        to: passing.to.as_ref().map(attribute::service),
    });
    proto::DisconnectResponse {
        passing: passing.collect(),
        revision: shown.revision,
    }
}

/// A page of one event less than `limit`, and the token of the next one if there are more.
pub(in crate::grpc) fn user_events(
    shown: Shown<Vec<UserEvent>>,
    limit: u32,
) -> proto::ListEventsResponse {
    let mut events = shown.it;
    let next_page_token = ledger::cut(&mut events, limit, |event| &event.entry);
    let events = events.into_iter().map(|event| proto::UserEvent {
        event: Some(ledger::event(&event.entry)),
        text: event.text,
        label: event.label,
    });
    proto::ListEventsResponse {
        events: events.collect(),
        next_page_token,
        revision: shown.revision,
    }
}

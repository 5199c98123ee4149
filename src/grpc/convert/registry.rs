//! Connections, tokens, notices, and what an operator does to attributes.

use super::{Violations, check::USER, instant, ledger::ATTRIBUTE, required, span, timestamp};
use crate::{
    domain::{
        internal::{self, Role},
        name::{AttributeName, GroupName, Label, ServiceName, UserId},
        scope::Scopes,
        state::Connection,
        token::TokenRecord,
        value_type::ValueType,
    },
    proto::{self, notify_revocation_request::Revoked},
    service::{NewInternalToken, NewToken, Notice},
};
use std::collections::BTreeMap;
use tonic::Status;

pub(super) const SERVICE: &str = "must be 1 to 100 of A-Z, a-z, 0-9, '.', '_' and '-'";
const SCOPE: &str = "must be 1 to 128 visible ASCII characters but '\"' and '\\'";
const TTL: &str = "must be given, and be a second to 36500 days";

/// The most scopes of a request, and the most bytes of each.
const MAX_SCOPES: usize = 1_000;
const MAX_SCOPE: usize = 128;

/// How long a token may be good.
const TTLS: [time::Duration; 2] = [time::Duration::SECOND, time::Duration::days(36_500)];

pub(in crate::grpc) fn user(user: String) -> Result<UserId, Status> {
    let mut violations = Violations::default();
    let user = required(user, UserId::parse, ("user", USER), &mut violations);
    violations.unless(user)
}

pub(in crate::grpc) fn connection_request(
    user: String,
    service: String,
    list: &[String],
) -> Result<(UserId, ServiceName, Scopes), Status> {
    let mut violations = Violations::default();
    let user = required(user, UserId::parse, ("user", USER), &mut violations);
    let service = self::service("service", service, &mut violations);
    let scopes = scopes("scopes", list, &mut violations);
    let both = user.zip(service);
    violations.unless(both.map(|(user, service)| (user, service, scopes)))
}

fn service(field: &str, name: String, violations: &mut Violations) -> Option<ServiceName> {
    required(name, ServiceName::parse, (field, SERVICE), violations)
}

/// The scopes of a list; the first that is none is told.
fn scopes(field: &str, list: &[String], violations: &mut Violations) -> Scopes {
    if list.len() > MAX_SCOPES {
        let expected = format!("must be at most {MAX_SCOPES}, not {}", list.len());
        violations.add(field, &expected);
        return Scopes::default();
    }
    let is_one = |text: &String| {
        let length = 1..=MAX_SCOPE;
        length.contains(&text.len()) && !text.contains(char::is_whitespace)
    };
    let parses = |text: &String| is_one(text) && Scopes::parse(text).is_ok();
    if let Some(index) = list.iter().position(|text| !parses(text)) {
        violations.add(&format!("{field}[{index}]"), SCOPE);
        return Scopes::default();
    }
    Scopes::from(list.join(" "))
}

pub(in crate::grpc) fn connections(
    connections: &BTreeMap<ServiceName, Connection>,
) -> proto::ListConnectionsResponse {
    let connections = connections.iter();
    proto::ListConnectionsResponse {
        connections: connections.map(|(name, of)| connection(name, of)).collect(),
    }
}

pub(in crate::grpc) fn connection(
    service: &ServiceName,
    connection: &Connection,
) -> proto::Connection {
    proto::Connection {
        service: service.to_string(),
        scopes: texts(&connection.scopes),
        connect_time: Some(timestamp(connection.since)),
    }
}

pub(in crate::grpc) fn notice(request: proto::NotifyRevocationRequest) -> Result<Notice, Status> {
    let mut violations = Violations::default();
    let notice = match request.revoked {
        None => {
            violations.add("revoked", "must be a token or a grant");
            None
        }
        Some(Revoked::Token(proto::RevokedToken { token, expire_time })) => {
            if token.is_empty() {
                violations.add("token.token", "must not be empty");
            }
            let expires_at = expire_time.map(instant);
            if expires_at == Some(None) {
                let expected = "must be a time between the years 1 and 9999";
                violations.add("token.expire_time", expected);
            }
            let expires_at = expires_at.flatten();
            Some(Notice::Token { token, expires_at })
        }
        Some(Revoked::Grant(grant)) => {
            let of = ("grant.user", USER);
            let user = required(grant.user, UserId::parse, of, &mut violations);
            let service = service("grant.service", grant.service, &mut violations);
            let field = "grant.remaining_scopes";
            let remaining = scopes(field, &grant.remaining_scopes, &mut violations);
            user.zip(service).map(|(user, service)| Notice::Grant {
                user,
                service,
                remaining,
            })
        }
    };
    violations.unless(notice)
}

pub(in crate::grpc) fn new_token(request: proto::IssueTokenRequest) -> Result<NewToken, Status> {
    let mut violations = Violations::default();
    let user = required(request.user, UserId::parse, ("user", USER), &mut violations);
    let is_own = request.service.is_empty();
    let service = (!is_own).then(|| service("service", request.service, &mut violations));
    let scopes = scopes("scopes", &request.scopes, &mut violations);
    if is_own && !scopes.is_empty() {
        violations.add("scopes", "must be empty for a token of the user's own");
    }
    let expires_in = ttl(request.ttl, &mut violations);
    let new = user.zip(expires_in).map(|(user, expires_in)| NewToken {
        user,
        service: service.flatten(),
        scopes: (!scopes.is_empty()).then_some(scopes),
        expires_in,
    });
    violations.unless(new)
}

pub(in crate::grpc) fn new_internal_token(
    request: proto::IssueInternalTokenRequest,
) -> Result<NewInternalToken, Status> {
    let mut violations = Violations::default();
    let role = match request.role() {
        proto::Role::Unspecified => None,
        proto::Role::Reader => Some(Role::Reader),
        proto::Role::Writer => Some(Role::Writer),
        proto::Role::Operator => Some(Role::Operator),
    };
    let name = service("name", request.name, &mut violations);
    if role.is_none() {
        violations.add("role", "must be reader, writer or operator");
    }
    let expires_in = ttl(request.ttl, &mut violations);
    let all = name.zip(role).zip(expires_in);
    violations.unless(all.map(|((name, role), expires_in)| NewInternalToken {
        name,
        role,
        expires_in,
    }))
}

fn ttl(ttl: Option<prost_types::Duration>, violations: &mut Violations) -> Option<time::Duration> {
    let ttl = ttl.and_then(span);
    let ttl = ttl.and_then(|ttl| time::Duration::try_from(ttl).ok());
    let ttl = ttl.filter(|ttl| (TTLS[0]..=TTLS[1]).contains(ttl));
    if ttl.is_none() {
        violations.add("ttl", TTL);
    }
    // The databases keep microseconds.
    ttl.map(|ttl| time::Duration::new(ttl.whole_seconds(), ttl.subsec_microseconds() * 1_000))
}

pub(in crate::grpc) fn token(token: &TokenRecord) -> proto::Token {
    proto::Token {
        id: token.hash.id(),
        service: token
            .service
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        scopes: texts(&token.scopes),
        issue_time: Some(timestamp(token.issued_at)),
        expire_time: Some(timestamp(token.expires_at)),
        revoke_time: token.revoked_at.map(timestamp),
    }
}

pub(in crate::grpc) fn internal_token(token: &internal::InternalToken) -> proto::InternalToken {
    let role = match token.role {
        Role::Reader => proto::Role::Reader,
        Role::Writer => proto::Role::Writer,
        Role::Operator => proto::Role::Operator,
    };
    proto::InternalToken {
        id: token.hash.id(),
        name: token.name.to_string(),
        role: role.into(),
        issue_time: Some(timestamp(token.issued_at)),
        expire_time: Some(timestamp(token.expires_at)),
        revoke_time: token.revoked_at.map(timestamp),
    }
}

pub(in crate::grpc) fn token_to_revoke(token: String) -> Result<String, Status> {
    let mut violations = Violations::default();
    if token.is_empty() {
        violations.add("token", "must not be empty");
    }
    violations.unless(Some(token))
}

pub(in crate::grpc) fn custom_attribute(
    request: proto::CreateCustomAttributeRequest,
) -> Result<(UserId, Label, GroupName, ValueType), Status> {
    let mut violations = Violations::default();
    // The number on this side is one more than that of the contract.
    let value_type = request.value_type.checked_sub(1);
    let value_type = value_type.and_then(|number| ValueType::try_from(number).ok());
    let user = required(request.user, UserId::parse, ("user", USER), &mut violations);
    let label = (
        "label",
        "must be 1 to 100 characters without control characters",
    );
    let label = required(request.label, Label::parse, label, &mut violations);
    let group = ("group", "must be 1 to 100 of a-z, 0-9 and '_'");
    let group = required(request.group, GroupName::parse, group, &mut violations);
    if value_type.is_none() {
        violations.add("value_type", "must be one of those that there are");
    }
    let all = user.zip(label).zip(group.zip(value_type));
    violations
        .unless(all.map(|((user, label), (group, value_type))| (user, label, group, value_type)))
}

pub(in crate::grpc) fn attribute_of(
    user: String,
    name: String,
) -> Result<(UserId, AttributeName), Status> {
    let mut violations = Violations::default();
    let user = required(user, UserId::parse, ("user", USER), &mut violations);
    let expected = ("name", ATTRIBUTE.1);
    let name = required(name, AttributeName::parse, expected, &mut violations);
    violations.unless(user.zip(name))
}

pub(super) fn texts(scopes: &Scopes) -> Vec<String> {
    scopes.iter().map(str::to_owned).collect()
}

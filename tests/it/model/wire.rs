//! The same operations on a Tenure that runs: a service's over gRPC, an operator's as the commands do them.

mod lists;
mod outside;
mod own;

pub use lists::{all_attributes, templates};
pub use outside::bring;
pub use own::{Aside, Caller, Guard, wish};

use super::{
    answer::{Answer, Failure, Named, Shown},
    operation::{AcquireItem, CreateItem, Malformed, Modes, Operation, ReleaseItem},
};
use crate::{
    grpc::Stub,
    harness::{id, name},
};
use tenure::{
    domain::{
        decide::{CreateRefused, IssueRefused},
        name::{AttributeName, GroupName, Label},
        scope::Scopes,
        value_type::ValueType,
    },
    proto::{self, item_result::Outcome},
    service::{Error, NewToken, Refused, Registry},
};
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

/// What a service does, with a token and an id for its request.
pub async fn call(stub: &mut Stub, token: &str, request_id: &str, operation: &Operation) -> Answer {
    let answer = match operation {
        Operation::Acquire { items, modes, .. } => {
            let message = proto::AcquireAttributesRequest {
                items: items.iter().map(acquire_item).collect(),
                if_available: modes.if_available,
                validate_only: modes.validate_only,
                all_or_nothing: modes.all_or_nothing,
                idempotency: idempotency(modes),
            };
            let done = stub.acquire_attributes(with(token, request_id, message));
            let done = done.await.map(tonic::Response::into_inner);
            done.map(|done| batch(done.results, done.revision))
        }
        Operation::Release { items, modes, .. } => {
            let message = proto::ReleaseAttributesRequest {
                items: items.iter().map(release_item).collect(),
                validate_only: modes.validate_only,
                all_or_nothing: modes.all_or_nothing,
                idempotency: idempotency(modes),
            };
            let done = stub.release_attributes(with(token, request_id, message));
            let done = done.await.map(tonic::Response::into_inner);
            done.map(|done| batch(done.results, done.revision))
        }
        Operation::CreateOwned { items, modes, .. } => {
            let message = proto::CreateAttributesRequest {
                items: items.iter().map(create_item).collect(),
                validate_only: modes.validate_only,
                all_or_nothing: modes.all_or_nothing,
                idempotency: idempotency(modes),
            };
            let done = stub.create_attributes(with(token, request_id, message));
            let done = done.await.map(tonic::Response::into_inner);
            done.map(|done| batch(done.results, done.revision))
        }
        Operation::List { list, .. } => lists::owned(stub, token, request_id, list).await,
        Operation::ListAttributes { list, owned, .. } => {
            lists::attributes(stub, token, request_id, list, *owned).await
        }
        _ => unreachable!("an operator's {operation:?}"),
    };
    answer.unwrap_or_else(|status| Answer::Refused(refusal(&status)))
}

fn with<T>(token: &str, request_id: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let metadata = request.metadata_mut();
    let bearer = format!("Bearer {token}");
    metadata.insert("authorization", bearer.parse().unwrap());
    metadata.insert("x-request-id", request_id.parse().unwrap());
    request
}

/// The status and its reason.
fn refusal(status: &Status) -> String {
    let info = status.get_details_error_info();
    let reason = info.map_or_else(|| status.message().to_owned(), |info| info.reason);
    format!("{:?} {reason}", status.code())
}

fn idempotency(modes: &Modes) -> Option<proto::Idempotency> {
    let key = modes.key.clone()?;
    let fingerprint = Vec::new();
    Some(proto::Idempotency { key, fingerprint })
}

fn malformed(malformed: &Malformed) -> proto::Malformed {
    let Malformed { field, reason } = malformed.clone();
    proto::Malformed { field, reason }
}

fn acquire_item(item: &AcquireItem) -> proto::AcquireItem {
    proto::AcquireItem {
        name: item.name.clone(),
        template: item.template.clone(),
        manual: item.manual,
        generation: item.generation,
        malformed: item.malformed.as_ref().map(malformed),
    }
}

fn create_item(item: &CreateItem) -> proto::CreateItem {
    proto::CreateItem {
        template: item.template.clone(),
        label: item.label.clone(),
        group: item.group.clone(),
        value_type: item.value_type,
        manual: item.manual,
        malformed: item.malformed.as_ref().map(malformed),
    }
}

fn release_item(item: &ReleaseItem) -> proto::ReleaseItem {
    proto::ReleaseItem {
        name: item.name.clone(),
        generation: item.generation,
        malformed: item.malformed.as_ref().map(malformed),
    }
}

fn batch(results: Vec<proto::ItemResult>, revision: i64) -> Answer {
    let result = |result: proto::ItemResult| match result.outcome.unwrap() {
        Outcome::Attribute(attribute) => Ok(shown(attribute)),
        Outcome::Failure(failure) => {
            let code = failure.code().as_str_name();
            let code = code.trim_start_matches("FAILURE_CODE_").to_lowercase();
            assert_eq!(failure.owner.is_some(), failure.owned_since.is_some());
            let (text, owner) = (failure.text, failure.owner.map(named));
            Err(Failure { code, text, owner })
        }
    };
    let results = results.into_iter().map(result).collect();
    Answer::Batch { results, revision }
}

fn named(service: proto::Service) -> Named {
    Named {
        label: service.label,
        name: service.name,
    }
}

fn shown(attribute: proto::Attribute) -> Shown {
    let group = attribute.group.clone().unwrap();
    let available = attribute.available_services.into_iter();
    Shown {
        template: attribute.template,
        name: attribute.name,
        label: attribute.label,
        group: (group.name, group.label, group.priority),
        owner: attribute.owner.map(named),
        active: attribute.active,
        priority: attribute.priority,
        manual: attribute.manual,
        // REST counts the types from 0.
        value_type: attribute.value_type - 1,
        available_services: available.map(named).collect(),
        generation: attribute.generation,
        pinned: attribute.pinned,
        has_since: attribute.owned_since.is_some(),
    }
}

/// What an operator does; `token` is the one to revoke. The secret of one that is issued comes with the answer.
pub async fn operate(
    registry: &Registry,
    user: &str,
    token: &str,
    operation: &Operation,
) -> (Answer, Option<String>) {
    let user = id(user);
    let mut secret = None;
    let done = match operation {
        Operation::Connect { service, scopes } => {
            let scopes = scopes.as_deref().map(|list| Scopes::parse(list).unwrap());
            let service = name(service);
            let connected = registry.connect(&user, &service, scopes.as_ref());
            connected.await.map(|_| None)
        }
        Operation::Disconnect { service } => {
            let service = name(service);
            let disconnected = registry.disconnect(&user, &service);
            disconnected.await.map(|()| None)
        }
        Operation::Notice { service, remaining } => {
            let noted = outside::notice(registry, user, service, remaining);
            noted.await.map(|()| None)
        }
        Operation::Issue { service, scopes } => {
            let new = NewToken {
                user,
                service: service.as_deref().map(name),
                scopes: scopes.as_deref().map(|list| Scopes::parse(list).unwrap()),
                expires_in: time::Duration::hours(1),
            };
            let issued = registry.issue_token(&new).await;
            issued.map(|(token, _)| {
                secret = Some(token.reveal().to_owned());
                None
            })
        }
        Operation::Revoke { .. } => registry.revoke_token(token).await.map(|()| None),
        Operation::Switch { attribute, on } => {
            let attribute = AttributeName::parse(attribute.as_str()).unwrap();
            let switched = registry.set_active(&user, &attribute, *on);
            switched.await.map(|()| None)
        }
        Operation::Create {
            label,
            group,
            value_type,
            manual,
        } => {
            let (label, group) = (
                Label::parse(label.as_str()),
                GroupName::parse(group.as_str()),
            );
            let (label, group) = (label.unwrap(), group.unwrap());
            let value_type = ValueType::try_from(*value_type).unwrap();
            let created = registry.create_attribute(&user, &label, &group, value_type, *manual);
            created.await.map(|name| Some(name.to_string()))
        }
        _ => unreachable!("a service's {operation:?}"),
    };
    let answer = done.map_or_else(|error| Answer::Refused(word(&error)), Answer::Done);
    (answer, secret)
}

fn word(error: &Error) -> String {
    let Error::Refused(refused) = error else {
        return error.to_string();
    };
    let word = match refused {
        Refused::UnknownService(_) => "unknown_service",
        Refused::UnknownScope(_) => "unknown_scope",
        Refused::NotConnected(_) | Refused::Issue(IssueRefused::NotConnected(_)) => "not_connected",
        Refused::Issue(IssueRefused::Beyond(_)) => "beyond",
        Refused::Create(CreateRefused::UnknownGroup(_)) => "unknown_group",
        Refused::Create(CreateRefused::ReservedValueType) => "reserved_value_type",
        Refused::Create(CreateRefused::Exists(_)) => "exists",
        Refused::NoSuchAttribute(_) => "no_such_attribute",
        Refused::NotOwned(_) => "not_owned",
        Refused::Catalog(_) => "catalog",
        Refused::NoSuchToken => "no_such_token",
    };
    word.to_owned()
}

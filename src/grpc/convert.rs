//! Between the wire types and the domain's. What a request gets wrong is told all at once.

use super::status;
use crate::{
    auth::Client,
    domain::{
        Instant,
        decide::{AcquireItem, Malformed, ReleaseItem},
        failure::{Failure, Field},
        listing::{Filter, Page, Place},
        value_type::ValueType,
        view::{AttributeView, ServiceView},
    },
    proto::{self, FailureCode, item_result::Outcome},
    service::{OwnedPage, Violation},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use prost_types::Timestamp;
use tonic::Status;

/// The size of a page where the request names none, and the largest.
const PAGE_SIZE: (usize, usize) = (20, 100);

pub(super) fn acquire_items(items: Vec<proto::AcquireItem>) -> Result<Vec<AcquireItem>, Status> {
    let mut violations = Violations::default();
    let items = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| AcquireItem {
            name: item.name,
            template: item.template,
            manual: item.manual,
            malformed: malformed(index, item.malformed, &mut violations),
        });
    let items = items.collect();
    violations.none()?;
    Ok(items)
}

pub(super) fn release_items(items: Vec<proto::ReleaseItem>) -> Result<Vec<ReleaseItem>, Status> {
    let mut violations = Violations::default();
    let items = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| ReleaseItem {
            name: item.name,
            malformed: malformed(index, item.malformed, &mut violations),
        });
    let items = items.collect();
    violations.none()?;
    Ok(items)
}

fn malformed(
    index: usize,
    malformed: Option<proto::Malformed>,
    violations: &mut Violations,
) -> Option<Malformed> {
    let malformed = malformed?;
    let field = match malformed.field.as_str() {
        "" => None,
        "name" => Some(Field::Name),
        "template" => Some(Field::Template),
        "manual" => Some(Field::Manual),
        _ => {
            let field = format!("items[{index}].malformed.field");
            violations.add(&field, "must be empty, 'name', 'template' or 'manual'");
            None
        }
    };
    let reason = malformed.reason;
    Some(Malformed { field, reason })
}

pub(super) fn list_request(
    request: proto::ListOwnedAttributesRequest,
) -> Result<(Filter, Page), Status> {
    let mut violations = Violations::default();
    let mut size = |value: i32| {
        usize::try_from(value)
            .inspect_err(|_| violations.add("page_size", "must not be negative"))
            .unwrap_or_default()
    };
    let size = match size(request.page_size) {
        0 => PAGE_SIZE.0,
        size => size.min(PAGE_SIZE.1),
    };
    let skip = usize::try_from(request.skip)
        .inspect_err(|_| violations.add("skip", "must not be negative"))
        .unwrap_or_default();
    let after = place(&request.page_token)
        .inspect_err(|()| violations.add("page_token", "must be one that this service gave"))
        .unwrap_or_default();
    violations.none()?;
    let filter = Filter {
        groups: request.groups.into_iter().collect(),
        attributes: request.attributes.into_iter().collect(),
        exclude_custom: request.exclude_custom,
        manual: request.manual,
        include_inactive: request.include_inactive,
        include_low_priority: request.include_low_priority,
    };
    Ok((filter, Page { after, skip, size }))
}

/// A page token is the place of the last attribute shown, as base64url of JSON.
fn place(token: &str) -> Result<Option<Place>, ()> {
    if token.is_empty() {
        return Ok(None);
    }
    let json = URL_SAFE_NO_PAD.decode(token).map_err(|_| ())?;
    serde_json::from_slice(&json).map(Some).map_err(|_| ())
}

fn page_token(place: &Place) -> String {
    serde_json::to_vec(place).map_or_else(|_| String::new(), |json| URL_SAFE_NO_PAD.encode(json))
}

/// What is wrong with a request, field by field.
#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, field: &str, expected: &str) {
        self.0.push(Violation {
            field: field.to_owned(),
            description: format!("{field} {expected}"),
        });
    }

    fn none(self) -> Result<(), Status> {
        if self.0.is_empty() {
            return Ok(());
        }
        let texts: Vec<_> = self.0.iter().map(|v| v.description.as_str()).collect();
        Err(status::invalid(texts.join("; "), self.0))
    }
}

pub(super) fn results(results: Vec<Result<AttributeView, Failure>>) -> Vec<proto::ItemResult> {
    let outcome = |result| match result {
        Ok(view) => Outcome::Attribute(attribute(view)),
        Err(failed) => Outcome::Failure(failure(&failed)),
    };
    let results = results.into_iter().map(outcome);
    results
        .map(|outcome| proto::ItemResult {
            outcome: Some(outcome),
        })
        .collect()
}

fn failure(failure: &Failure) -> proto::Failure {
    let code = match failure {
        Failure::MissingField { .. } => FailureCode::MissingField,
        Failure::InvalidItem { .. } | Failure::InvalidField { .. } => FailureCode::Validation,
        Failure::NoMatch | Failure::NoSuchAttribute { .. } => FailureCode::NotFound,
        Failure::NotAllowed { .. } => FailureCode::NotAllowed,
        Failure::Unauthorised { .. } => FailureCode::Unauthorised,
        Failure::Exists { .. } => FailureCode::Exists,
    };
    proto::Failure {
        code: code.into(),
        text: failure.to_string(),
    }
}

pub(super) fn owned_page(page: OwnedPage) -> proto::ListOwnedAttributesResponse {
    let listing = page.listing;
    proto::ListOwnedAttributesResponse {
        attributes: listing.attributes.into_iter().map(attribute).collect(),
        next_page_token: listing.next.as_ref().map(page_token).unwrap_or_default(),
        total_size: i64::try_from(listing.total).unwrap_or(i64::MAX),
        revision: page.revision,
    }
}

pub(super) fn caller(client: &Client) -> proto::GetCallerResponse {
    proto::GetCallerResponse {
        user: client.user.to_string(),
        service: client.service.to_string(),
        scopes: client.scopes.iter().map(str::to_owned).collect(),
        expire_time: Some(timestamp(client.expires_at)),
    }
}

fn attribute(view: AttributeView) -> proto::Attribute {
    let active = view.attribute.is_active();
    let attribute = view.attribute;
    proto::Attribute {
        template: attribute.template.map(|name| name.as_str().to_owned()),
        name: attribute.name.as_str().to_owned(),
        label: attribute.label.as_str().to_owned(),
        group: Some(proto::Group {
            name: view.group.name.as_str().to_owned(),
            label: view.group.label.as_str().to_owned(),
            priority: view.group.priority.into(),
        }),
        owner: view.owner.as_ref().map(service),
        active,
        priority: attribute.priority.into(),
        manual: attribute.manual,
        value_type: value_type(attribute.value_type).into(),
        available_services: view.available_services.iter().map(service).collect(),
        generation: attribute.generation,
        owned_since: attribute.owner.map(|owner| timestamp(owner.since)),
    }
}

fn service(view: &ServiceView) -> proto::Service {
    proto::Service {
        name: view.name.as_str().to_owned(),
        label: view.label.as_str().to_owned(),
    }
}

fn value_type(value_type: ValueType) -> proto::ValueType {
    match value_type {
        ValueType::Integer => proto::ValueType::Integer,
        ValueType::Float => proto::ValueType::Float,
        ValueType::String => proto::ValueType::String,
        ValueType::Period => proto::ValueType::Period,
        ValueType::TimeFromMidnight => proto::ValueType::TimeFromMidnight,
        ValueType::Percentage => proto::ValueType::Percentage,
        ValueType::TimeFromMidday => proto::ValueType::TimeFromMidday,
        ValueType::Boolean => proto::ValueType::Boolean,
        ValueType::Scale => proto::ValueType::Scale,
    }
}

fn timestamp(moment: Instant) -> Timestamp {
    Timestamp {
        seconds: moment.unix_timestamp(),
        nanos: i32::try_from(moment.nanosecond()).unwrap_or_default(),
    }
}

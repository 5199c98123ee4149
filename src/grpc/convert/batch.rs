//! The items of a batch, how it is to be decided, and what became of it.

use super::{
    Violations,
    attribute::{attribute, service},
    timestamp,
};
use crate::{
    domain::{
        decide::{AcquireItem, CreateItem, Malformed, ReleaseItem},
        failure::{Failure, Field},
        record::IdempotencyKey,
        view::AttributeView,
    },
    proto::{self, FailureCode, item_result::Outcome},
    service::{self, BatchAnswer, Idempotency},
};
use prost::Message;
use sha2::{Digest as _, Sha256};
use tonic::Status;

/// The longest fingerprint of a request, in bytes.
const MAX_FINGERPRINT: usize = 64;

pub(in crate::grpc) fn acquire_items(
    items: Vec<proto::AcquireItem>,
    if_available: bool,
) -> Result<Vec<AcquireItem>, Status> {
    let mut violations = Violations::default();
    let items = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| AcquireItem {
            name: item.name,
            template: item.template,
            manual: item.manual,
            generation: item.generation,
            if_available,
            malformed: malformed(index, item.malformed, &mut violations),
        });
    let items = items.collect();
    violations.none()?;
    Ok(items)
}

pub(in crate::grpc) fn release_items(
    items: Vec<proto::ReleaseItem>,
) -> Result<Vec<ReleaseItem>, Status> {
    let mut violations = Violations::default();
    let items = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| ReleaseItem {
            name: item.name,
            generation: item.generation,
            malformed: malformed(index, item.malformed, &mut violations),
        });
    let items = items.collect();
    violations.none()?;
    Ok(items)
}

pub(in crate::grpc) fn create_items(
    items: Vec<proto::CreateItem>,
) -> Result<Vec<CreateItem>, Status> {
    let mut violations = Violations::default();
    let items = items
        .into_iter()
        .enumerate()
        .map(|(index, item)| CreateItem {
            template: item.template,
            label: item.label,
            group: item.group,
            value_type: item.value_type,
            manual: item.manual,
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
    let field = Field::named(&malformed.field);
    if field.is_none() && !malformed.field.is_empty() {
        let field = format!("items[{index}].malformed.field");
        violations.add(&field, "must be empty or a field of an item");
    }
    let reason = malformed.reason;
    Some(Malformed { field, reason })
}

/// How a batch is recognised when it is sent again. `message` is the request without that, and `method` what it is sent
/// to.
pub(in crate::grpc) fn idempotency(
    asked: Option<proto::Idempotency>,
    method: &str,
    message: &impl Message,
) -> Result<Option<Idempotency>, Status> {
    let mut violations = Violations::default();
    let idempotency = asked.and_then(|asked| {
        if asked.fingerprint.len() > MAX_FINGERPRINT {
            violations.add("idempotency.fingerprint", "must have at most 64 bytes");
        }
        let key = IdempotencyKey::parse(asked.key);
        let key = key.inspect_err(|_| {
            violations.add(
                "idempotency.key",
                "must be 1 to 255 visible ASCII characters",
            );
        });
        let fingerprint = if asked.fingerprint.is_empty() {
            let whole = Sha256::new()
                .chain_update(method)
                .chain_update(message.encode_to_vec());
            whole.finalize().to_vec()
        } else {
            asked.fingerprint
        };
        Some(Idempotency {
            key: key.ok()?,
            fingerprint,
            encode,
        })
    });
    violations.none()?;
    Ok(idempotency)
}

/// An answer, as it is kept. Acquire and release are answered alike.
fn encode(answer: &BatchAnswer) -> Vec<u8> {
    let response = proto::AcquireAttributesResponse {
        results: results(answer.results.clone()),
        revision: answer.revision,
    };
    response.encode_to_vec()
}

/// An answer that was kept.
pub(in crate::grpc) fn replayed<M: Message + Default>(answer: &[u8]) -> Result<M, Status> {
    let decoded = M::decode(answer);
    decoded.map_err(|error| service::Error::Internal(error.into()).into())
}

pub(in crate::grpc) fn results(
    results: Vec<Result<AttributeView, Failure>>,
) -> Vec<proto::ItemResult> {
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

impl From<&Failure> for FailureCode {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::MissingField { .. } | Failure::MissingFields { .. } => Self::MissingField,
            Failure::InvalidItem { .. } | Failure::InvalidField { .. } => Self::Validation,
            Failure::NoMatch | Failure::NoSuchGroup | Failure::NoSuchAttribute { .. } => {
                Self::NotFound
            }
            Failure::NotAllowed { .. } => Self::NotAllowed,
            Failure::Unauthorised { .. } => Self::Unauthorised,
            Failure::Exists { .. } | Failure::AlreadyThere { .. } => Self::Exists,
            Failure::NotAvailable { .. } | Failure::OtherGeneration { .. } => Self::Conflict,
            Failure::Pinned { .. } => Self::Pinned,
            Failure::Aborted => Self::Aborted,
        }
    }
}

fn failure(failure: &Failure) -> proto::Failure {
    let owner = failure.owner();
    proto::Failure {
        code: FailureCode::from(failure).into(),
        text: failure.to_string(),
        owner: owner.map(|owner| service(&owner.service)),
        owned_since: owner.map(|owner| timestamp(owner.since)),
        attribute: failure
            .existing()
            .map_or_else(String::new, ToString::to_string),
    }
}

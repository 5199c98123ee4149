//! What acquire, release and create add to the batch law.

use super::{Gateway, REVISION, attribute, call::Call};
use crate::{
    proto::{Failure, FailureCode, Idempotency, ItemResult, Malformed, item_result::Outcome},
    rest::{self, Item, Problem, Query, Received, text},
};
use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::request::Parts;

/// What the query of a batch may ask for (the contract, Beyond the documented API).
#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a parameter of its own"
)]
pub(super) struct Modes {
    /// Each success is the attribute object.
    pub(super) success_objects: bool,
    /// It has what a writer needs to know of its ownership.
    pub(super) ownership: bool,
    pub(super) validate_only: bool,
    pub(super) all_or_nothing: bool,
}

impl Modes {
    pub(super) fn of(query: &Query<'_>) -> Result<Self, Problem> {
        let flag = |name| query.flag(name).map(Option::unwrap_or_default);
        Ok(Self {
            success_objects: flag("success_objects")?,
            ownership: flag("ownership")?,
            validate_only: flag("validate_only")?,
            all_or_nothing: flag("all_or_nothing")?,
        })
    }
}

impl Gateway {
    /// Reads the whole request of a batch.
    pub(super) async fn received(&self, request: Request) -> Result<(Call, Received), Problem> {
        let call = |parts: &Parts| Call::new(parts, &self.config);
        Received::read(request, call).await
    }
}

impl From<rest::Idempotency> for Idempotency {
    fn from(idempotency: rest::Idempotency) -> Self {
        Self {
            key: idempotency.key,
            fingerprint: idempotency.fingerprint.as_bytes().to_vec(),
        }
    }
}

impl From<rest::Malformed> for Malformed {
    fn from(malformed: rest::Malformed) -> Self {
        Self {
            field: malformed.field,
            reason: malformed.reason,
        }
    }
}

/// The answer to a batch, with the user's revision.
pub(super) fn answer(
    items: Vec<Item<'_>>,
    results: Vec<ItemResult>,
    revision: i64,
    modes: Modes,
) -> Result<Response, Problem> {
    if items.len() != results.len() {
        tracing::error!(
            items = items.len(),
            results = results.len(),
            "results do not match"
        );
        return Err(Problem::internal());
    }
    let outcomes = items.into_iter().zip(results).map(|(item, result)| {
        let outcome = result.outcome.ok_or_else(Problem::internal)?;
        Ok(told(item, &outcome, modes))
    });
    let outcomes = outcomes.collect::<Result<Vec<_>, Problem>>()?;
    Ok(([(REVISION, revision)], rest::answer(outcomes)).into_response())
}

/// What a client is told of an item.
fn told(mut item: Item<'_>, outcome: &Outcome, modes: Modes) -> rest::Outcome {
    match outcome {
        Outcome::Attribute(object) if modes.success_objects => {
            rest::Outcome::Succeeded(attribute::json(object, modes.ownership))
        }
        Outcome::Attribute(_) => item.succeeded(),
        Outcome::Failure(failure) => {
            tell(&mut item, failure);
            rest::Outcome::Failed(item.to_json())
        }
    }
}

/// Adds to an item why it failed.
fn tell(item: &mut Item<'_>, failure: &Failure) {
    item.fail(code(failure.code()), &failure.text);
    if let Some(owner) = &failure.owner {
        item.set("owner", attribute::service_json(owner));
    }
    if let Some(since) = &failure.owned_since {
        item.set("since", text(&since.to_string()));
    }
}

/// The word that the contract has for it.
fn code(code: FailureCode) -> &'static str {
    match code {
        FailureCode::MissingField => "missing_field",
        FailureCode::Unspecified | FailureCode::Validation => "validation",
        FailureCode::NotFound => "not_found",
        FailureCode::NotAllowed => "not_allowed",
        FailureCode::Unauthorised => "unauthorised",
        FailureCode::Exists => "exists",
        FailureCode::Conflict => "conflict",
        FailureCode::Pinned => "pinned",
        FailureCode::Aborted => "aborted",
    }
}

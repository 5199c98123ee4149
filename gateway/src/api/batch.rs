//! What acquire, release and create add to the batch law.

use super::{Gateway, REVISION, attribute, call::Call, idempotency};
use crate::{
    proto::{Failure, FailureCode, Idempotency, ItemResult, Malformed, item_result::Outcome},
    rest::{self, Item, Problem, Query, text},
};
use axum::{
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::request::Parts;
use serde_json::value::RawValue;

/// A request that has been read, but not looked into.
pub(super) struct Received {
    pub(super) call: Call,
    /// What the request is called, if it may be sent again.
    pub(super) idempotency: Option<Idempotency>,
    request: rest::Received,
}

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

impl Received {
    /// Reads the whole request.
    pub(super) async fn read(gateway: &Gateway, request: Request) -> Result<Self, Problem> {
        let call = |parts: &Parts| Call::new(parts, &gateway.config);
        let (call, request) = rest::Received::read(request, call).await?;
        Ok(Self {
            call,
            idempotency: idempotency::of(request.parts(), request.body()),
            request,
        })
    }

    /// The query's answer to `flags`, and the items; or the first problem, in the order of the contract.
    pub(super) fn parse<T>(
        &self,
        flags: impl FnOnce(&Query<'_>) -> Result<T, Problem>,
    ) -> Result<(T, Vec<&RawValue>), Problem> {
        self.request.parse(|query| {
            let flags = flags(query)?;
            idempotency::check(&self.request.parts().headers)?;
            Ok(flags)
        })
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
        Outcome::Attribute(_) => rest::Outcome::Succeeded(item.to_json()),
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

//! The batch law: what acquire and release share.

use super::{
    Gateway, REVISION, attribute, body, call::Call, idempotency, item::Item, query::Query,
};
use crate::{
    problem::{Problem, json},
    proto::{Failure, FailureCode, Idempotency, ItemResult, item_result::Outcome},
};
use axum::{
    body::Bytes,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{StatusCode, request::Parts};
use serde_json::value::RawValue;

/// A request that has been read, but not looked into.
pub(super) struct Received {
    pub(super) call: Call,
    /// What the request is called, if it may be sent again.
    pub(super) idempotency: Option<Idempotency>,
    parts: Parts,
    body: Result<Bytes, Problem>,
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
    /// Reads the whole request, so that whatever is answered is seen by a client that is still sending.
    pub(super) async fn read(gateway: &Gateway, request: Request) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        match Call::new(&parts, &gateway.config) {
            Ok(call) => {
                let body = body::read(body).await;
                Ok(Self {
                    call,
                    idempotency: idempotency::of(&parts, body.as_deref().unwrap_or_default()),
                    parts,
                    body,
                })
            }
            Err(problem) => {
                body::drop_rest(body).await;
                Err(problem)
            }
        }
    }

    /// The query's answer to `flags`, and the items; or the first problem, in the order of the contract.
    pub(super) fn parse<T>(
        &self,
        flags: impl FnOnce(&Query) -> Result<T, Problem>,
    ) -> Result<(T, Vec<&RawValue>), Problem> {
        body::check_type(&self.parts.headers)?;
        let body = self.body.as_ref().map_err(Clone::clone)?;
        let flags = flags(&Query::of(&self.parts.uri))?;
        idempotency::check(&self.parts.headers)?;
        Ok((flags, body::items(body)?))
    }
}

/// The answer to a batch: 200 if no item failed, else 202.
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
    let (mut success, mut failed) = (Vec::new(), Vec::new());
    for (mut item, result) in items.into_iter().zip(results) {
        match result.outcome.ok_or_else(Problem::internal)? {
            Outcome::Attribute(object) if modes.success_objects => {
                success.push(attribute::json(&object, modes.ownership));
            }
            Outcome::Attribute(_) => success.push(item.to_json()),
            Outcome::Failure(failure) => {
                tell(&mut item, &failure);
                failed.push(item.to_json());
            }
        }
    }
    let status = if failed.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let (success, failed) = (success.join(","), failed.join(","));
    let body = format!("{{\"success\":[{success}],\"failed\":[{failed}]}}");
    Ok((status, [(REVISION, revision)], json(body)).into_response())
}

/// Adds to an item why it failed.
fn tell(item: &mut Item<'_>, failure: &Failure) {
    item.set("error_code", quoted(code(failure.code())));
    item.set("error", quoted(&failure.text));
    if let Some(owner) = &failure.owner {
        item.set("owner", attribute::service_json(owner));
    }
    if let Some(since) = &failure.owned_since {
        item.set("since", quoted(&since.to_string()));
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

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

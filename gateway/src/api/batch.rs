//! The batch law: what acquire and release share.

use super::{Gateway, attribute, body, call::Call, item::Item, query::Query};
use crate::{
    problem::{Problem, json},
    proto::{FailureCode, ItemResult, item_result::Outcome},
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
    parts: Parts,
    body: Result<Bytes, Problem>,
}

impl Received {
    /// Reads the whole request, so that whatever is answered is seen by a client that is still sending.
    pub(super) async fn read(gateway: &Gateway, request: Request) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        match Call::new(&parts, &gateway.config) {
            Ok(call) => {
                let body = body::read(body).await;
                Ok(Self { call, parts, body })
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
        Ok((flags, body::items(body)?))
    }
}

/// The answer to a batch: 200 if no item failed, else 202.
pub(super) fn answer(
    items: Vec<Item<'_>>,
    results: Vec<ItemResult>,
    success_objects: bool,
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
            Outcome::Attribute(object) if success_objects => success.push(attribute::json(&object)),
            Outcome::Attribute(_) => success.push(item.to_json()),
            Outcome::Failure(failure) => {
                item.set("error_code", quoted(code(failure.code())));
                item.set("error", quoted(&failure.text));
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
    Ok((status, json(body)).into_response())
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
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

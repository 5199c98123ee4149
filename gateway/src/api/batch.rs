//! The batch law: what acquire and release share.

use super::{Gateway, attribute, body, call::Call, item::Item, query::Query};
use crate::{
    problem::{Problem, json},
    proto::{Failure, FailureCode, Idempotency, ItemResult, item_result::Outcome},
};
use axum::{
    body::Bytes,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, request::Parts};
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

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
                    idempotency: idempotency(&parts, body.as_ref().unwrap_or(&Bytes::new())),
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
        check_key(&self.parts.headers)?;
        Ok((flags, body::items(body)?))
    }
}

/// The header by which a request is recognised when it is sent again.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The longest key.
const MAX_KEY: usize = 255;

/// The one key of the request, if it is one.
fn key(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (value, other) = (values.next()?, values.next());
    let is_key = (1..=MAX_KEY).contains(&value.len())
        && value.as_bytes().iter().all(u8::is_ascii_graphic)
        && other.is_none();
    is_key.then(|| value.to_str().ok()).flatten()
}

fn check_key(headers: &HeaderMap) -> Result<(), Problem> {
    if headers.contains_key(IDEMPOTENCY_KEY) && key(headers).is_none() {
        return Err(Problem::bad_request(format!(
            "Header 'Idempotency-Key' must be 1 to {MAX_KEY} visible ASCII characters, once."
        )));
    }
    Ok(())
}

/// The key of the request, and what makes it the same as another: method, path, query and body, byte by byte.
fn idempotency(parts: &Parts, body: &[u8]) -> Option<Idempotency> {
    let target = parts
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str());
    let hash = Sha256::new()
        .chain_update(parts.method.as_str())
        .chain_update([0])
        .chain_update(target)
        .chain_update([0])
        .chain_update(body);
    Some(Idempotency {
        key: key(&parts.headers)?.to_owned(),
        fingerprint: hash.finalize().to_vec(),
    })
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

/// The header that tells the user's revision.
pub(super) const REVISION: &str = "x-ownership-revision";

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

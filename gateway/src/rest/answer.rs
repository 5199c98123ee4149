//! The answer to a batch.

use super::problem::json;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

/// What became of an item, as JSON text: the item with what was added to it, or what stands for it.
#[derive(Debug)]
pub enum Outcome {
    /// It happened.
    Succeeded(String),
    /// It changed nothing.
    Failed(String),
}

/// The answer to a batch, whose outcomes are in the order of its items: 200 if no item failed, else 202.
pub fn answer(outcomes: impl IntoIterator<Item = Outcome>) -> Response {
    let (mut success, mut failed) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Succeeded(item) => success.push(item),
            Outcome::Failed(item) => failed.push(item),
        }
    }
    let status = if failed.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::ACCEPTED
    };
    let (success, failed) = (success.join(","), failed.join(","));
    let body = format!("{{\"success\":[{success}],\"failed\":[{failed}]}}");
    (status, json(body)).into_response()
}

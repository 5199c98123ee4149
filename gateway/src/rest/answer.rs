//! The answer to a batch.

use super::problem::json;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

/// What became of an item, as JSON text: the item with what was added to it, or what stands for it.
#[derive(Debug)]
pub enum Outcome {
    /// It happened.
    Succeeded(String),
    /// It changed nothing.
    Failed(String),
}

/// The answer to a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// 200 if no item failed, else 202.
    pub status: StatusCode,
    /// JSON text.
    pub body: String,
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        (self.status, json(self.body)).into_response()
    }
}

/// The answer to a batch whose outcomes are these, in the order of its items.
pub fn answer(outcomes: impl IntoIterator<Item = Outcome>) -> Answered {
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
    Answered { status, body }
}

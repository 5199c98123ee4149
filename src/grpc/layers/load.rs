//! How many calls there may be at once, and how large they may be.

use crate::grpc::status;
use axum::{body::Body, extract::Request};
use futures_util::FutureExt as _;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use std::pin::pin;
use tenure_gateway::serve::Place;
use tonic::Status;

/// The most bytes of a call's message, with what precedes it: a batch is of 35 items, or 500 questions.
pub(in crate::grpc) const MAX_MESSAGE: usize = 512 * 1024;

/// Waits for the whole message. The slowest of those that are still on the way makes place for whoever comes: a call that
/// has not arrived is no work yet.
pub(super) async fn arrived(request: Request, place: &Place) -> Result<Request, Status> {
    let (parts, body) = request.into_parts();
    let mut whole = pin!(Limited::new(body, MAX_MESSAGE).collect());
    // Most are there with their headers.
    let whole = match whole.as_mut().now_or_never() {
        Some(whole) => whole,
        None => {
            place.rest();
            let whole = tokio::select! {
                whole = whole => whole,
                () = place.taken_away() => return Err(status::overloaded()),
            };
            place.work();
            whole
        }
    };
    let whole = whole.map_err(|error| match error.downcast::<LengthLimitError>() {
        Ok(_) => status::too_large(MAX_MESSAGE),
        // Nobody is left who would read it.
        Err(_) => Status::cancelled("the message broke off"),
    })?;
    Ok(Request::from_parts(parts, Body::from(whole.to_bytes())))
}

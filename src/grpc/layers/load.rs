//! How many calls there may be at once, and how much they may bring.

use crate::grpc::status;
use axum::{
    body::{Body, Bytes},
    extract::Request,
};
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use std::pin::pin;
use tenure_gateway::serve::{Place, Places};
use tokio::sync::{Semaphore, SemaphorePermit};
use tonic::Status;

/// The most bytes of a call's message, with what precedes it.
pub(in crate::grpc) const MAX_MESSAGE: usize = 4 * 1024 * 1024;

/// The most bytes of a message that is small: a batch of 35 items, or 500 questions.
const SMALL: usize = 64 * 1024;

/// How many KiB of larger messages there may be at once, of all callers.
const LARGE: usize = 128 * 1024;

/// The room for calls.
pub(super) struct Room {
    calls: Places,
    large: Semaphore,
}

/// A call that has arrived, and the room that it takes.
pub(super) struct Arrived<'a> {
    pub(super) request: Request,
    _place: Place,
    _large: Option<SemaphorePermit<'a>>,
}

impl Room {
    /// For so many calls.
    pub(super) fn new(calls: usize) -> Self {
        Self {
            calls: Places::new(calls),
            large: Semaphore::new(LARGE),
        }
    }

    /// Waits for the whole message. The slowest of those that are still on the way makes place for whoever comes: a
    /// call that has not arrived is no work yet.
    pub(super) async fn arrived(&self, request: Request) -> Result<Arrived<'_>, Status> {
        let place = self.calls.take().ok_or_else(status::overloaded)?;
        let (parts, body) = request.into_parts();
        let mut whole = pin!(self.whole(body));
        // Most are there with their headers.
        let (message, large) = if let Some(whole) = whole.as_mut().now_or_never() {
            whole?
        } else {
            place.rest();
            let whole = tokio::select! {
                whole = whole => whole?,
                () = place.taken_away() => return Err(status::overloaded()),
            };
            place.work();
            whole
        };
        Ok(Arrived {
            request: Request::from_parts(parts, Body::from(message)),
            _place: place,
            _large: large,
        })
    }

    /// The message, and the room that it takes if it is large.
    async fn whole(&self, mut body: Body) -> Result<(Bytes, Option<SemaphorePermit<'_>>), Status> {
        let (mut first, mut all, mut large) = (Bytes::new(), Vec::new(), None);
        while let Some(frame) = body.frame().await {
            // Nobody is left who would read of it.
            let frame = frame.map_err(|_| Status::cancelled("the message broke off"))?;
            let Ok(data) = frame.into_data() else {
                continue;
            };
            if first.is_empty() {
                first = data;
                continue;
            }
            if all.is_empty() {
                all.extend_from_slice(&first);
            }
            all.extend_from_slice(&data);
            if all.len() > MAX_MESSAGE {
                return Err(status::too_large(MAX_MESSAGE));
            }
            if all.len() > SMALL && large.is_none() {
                // As much as it may become: a message is never let in by half.
                let most = u32::try_from(MAX_MESSAGE / 1024).unwrap_or(u32::MAX);
                let room = self.large.try_acquire_many(most);
                large = Some(room.map_err(|_| status::overloaded())?);
            }
        }
        let message = if all.is_empty() { first } else { all.into() };
        Ok((message, large))
    }
}

//! What a connection is doing: how many of its requests are under way, and since when none is.

use super::{Limits, Place};
use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};
use tokio::time::Instant;

/// The requests of a connection. While there is one, nobody takes its place.
#[derive(Debug)]
pub(super) struct Activity {
    place: Place,
    requests: Mutex<Requests>,
}

#[derive(Debug)]
struct Requests {
    under_way: usize,
    /// Whether there has been one.
    any: bool,
    /// Since when there is none.
    idle_since: Instant,
}

/// A request that is under way, until its answer is written.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Activity>);

impl Activity {
    /// That of a connection which begins.
    pub(super) fn new(place: Place) -> Self {
        place.rest();
        Self {
            place,
            requests: Mutex::new(Requests {
                under_way: 0,
                any: false,
                idle_since: Instant::now(),
            }),
        }
    }

    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        let mut requests = self.lock();
        requests.any = true;
        requests.under_way += 1;
        if requests.under_way == 1 {
            self.place.work();
        }
        UnderWay(Arc::clone(self))
    }

    pub(super) fn is_idle(&self) -> bool {
        self.lock().under_way == 0
    }

    /// Waits until there has been no request for too long, or somebody else gets the place.
    pub(super) async fn over(&self, limits: &Limits) {
        tokio::select! {
            () = self.place.taken_away() => {}
            () = self.idle_for_too_long(limits) => {}
        }
    }

    async fn idle_for_too_long(&self, limits: &Limits) {
        loop {
            let end = self.end(limits);
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }

    /// When the connection is over if nothing comes until then; while a request is under way, when to look again.
    fn end(&self, limits: &Limits) -> Instant {
        let requests = self.lock();
        match (requests.under_way, requests.any) {
            (0, true) => requests.idle_since + limits.idle_timeout,
            (0, false) => requests.idle_since + limits.header_timeout,
            _ => Instant::now() + limits.idle_timeout,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Requests> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut requests = self.0.lock();
        requests.under_way -= 1;
        if requests.under_way == 0 {
            requests.idle_since = Instant::now();
            self.0.place.rest();
        }
    }
}

/// The body of an answer, which keeps its request under way.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) _request: UnderWay,
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

//! How many requests there may be at once.

use crate::{
    rest::Problem,
    serve::{Place, Places},
};
use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// Answers 503 at once where there are too many. Those whose bodies are still on the way count as idle: the slowest of
/// them makes place for whoever comes.
pub(super) async fn bounded(
    State(places): State<Places>,
    request: Request,
    next: Next,
) -> Response {
    let Some(place) = places.take().map(Arc::new) else {
        return Problem::overloaded().into_response();
    };
    let request = request.map(|body| {
        if hyper::body::Body::is_end_stream(&body) {
            body
        } else {
            Body::new(Arriving::new(body, Arc::clone(&place)))
        }
    });
    tokio::select! {
        answer = next.run(request) => answer,
        () = place.taken_away() => Problem::overloaded().into_response(),
    }
}

/// A body that is on its way.
struct Arriving {
    body: Body,
    place: Arc<Place>,
}

impl Arriving {
    fn new(body: Body, place: Arc<Place>) -> Self {
        place.rest();
        Self { body, place }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        self.place.work();
    }
}

impl hyper::body::Body for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = std::task::ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.place.work();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

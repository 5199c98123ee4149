//! A body that comes back from whoever could not make use of it.

use axum::body::{Body, Bytes};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    task::{Context, Poll},
};
use tokio::sync::oneshot;

/// A body that is given back when it is dropped.
struct Lent {
    body: Body,
    back: Option<oneshot::Sender<Body>>,
}

/// The body to hand on, and where what is left of it comes back.
pub(super) fn lend(body: Body) -> (Body, oneshot::Receiver<Body>) {
    let (sender, returned) = oneshot::channel();
    let back = Some(sender);
    (Body::new(Lent { body, back }), returned)
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(back) = self.back.take() {
            // Nobody waits for it where all went well.
            let _ = back.send(std::mem::take(&mut self.body));
        }
    }
}

impl hyper::body::Body for Lent {
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

//! From the messages of the service to the parts of an answer.

use crate::{
    api::event,
    proto::WatchOwnershipResponse,
    rest::{Problem, text},
    serve::Stopping,
};
use futures_util::{Stream, StreamExt as _, future, stream};
use tonic::Status;

/// What a reader gets at a time, as JSON text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Something happened.
    Event { cursor: String, object: String },
    /// Nothing happened.
    Heartbeat { cursor: String },
    /// Why nothing follows, and from where a reader can go on.
    End { ending: String },
}

impl From<WatchOwnershipResponse> for Part {
    fn from(message: WatchOwnershipResponse) -> Self {
        let cursor = message.cursor;
        match &message.event {
            Some(event) => Self::Event {
                cursor,
                object: text(&event::Object::from(event)),
            },
            None => Self::Heartbeat { cursor },
        }
    }
}

/// A watch that goes on.
struct Watch<S> {
    messages: S,
    /// That of the last message: whoever goes on from it misses nothing and gets nothing twice, whatever ends the
    /// watch.
    cursor: String,
    stopping: Stopping,
}

/// The parts of an answer: a message each, until one says why nothing follows. A reader who goes away drops them, and
/// with them the call of the service.
pub(super) fn parts<S>(
    first: WatchOwnershipResponse,
    rest: S,
    stopping: Stopping,
) -> impl Stream<Item = Part>
where
    S: Stream<Item = Result<WatchOwnershipResponse, Status>> + Unpin,
{
    let watch = Watch {
        messages: rest,
        cursor: first.cursor.clone(),
        stopping,
    };
    let first = stream::once(future::ready(first.into()));
    first.chain(stream::unfold(Some(watch), async |watch| {
        Some(watch?.next().await)
    }))
}

impl<S> Watch<S>
where
    S: Stream<Item = Result<WatchOwnershipResponse, Status>> + Unpin,
{
    /// The next part, and the watch if it goes on.
    async fn next(mut self) -> (Part, Option<Self>) {
        let problem = match self.stopping.unless(self.messages.next()).await {
            Some(Some(Ok(message))) => {
                self.cursor.clone_from(&message.cursor);
                return (message.into(), Some(self));
            }
            Some(Some(Err(status))) => Problem::from(status),
            Some(None) => Status::unavailable("a watch ended without a status").into(),
            None => Problem::shutting_down(),
        };
        let ending = problem.ending(&self.cursor);
        (Part::End { ending }, None)
    }
}

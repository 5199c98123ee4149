//! An open watch as a stream of messages.

use super::{convert, layers::Credentials, status};
use crate::{auth::Principal, proto::WatchOwnershipResponse, service::Watch};
use futures_util::{
    FutureExt as _, StreamExt as _,
    future::BoxFuture,
    stream::{self, BoxStream},
};
use std::time::Duration;
use tenure_gateway::serve::Place;
use tonic::Status;

/// How often it is looked whether the token with which a watch began is revoked.
const LOOK: Duration = Duration::from_secs(2);

/// What is told at a time.
type Message = Result<WatchOwnershipResponse, Status>;

/// A watch that goes on for as long as its caller would be let in.
struct Open {
    watch: Watch,
    refused: BoxFuture<'static, ()>,
    /// Held while it is open.
    _place: Place,
}

/// The messages of the watch, and then the error with which it ends.
pub(super) fn messages(
    watch: Watch,
    place: Place,
    credentials: Credentials,
    principal: Principal,
) -> BoxStream<'static, Message> {
    let refused = async move { credentials.refused(&principal, LOOK).await }.boxed();
    let open = Some(Open {
        watch,
        refused,
        _place: place,
    });
    stream::unfold(open, async |open| Some(open?.next().await)).boxed()
}

impl Open {
    /// The next message, and the watch if it goes on.
    async fn next(mut self) -> (Message, Option<Self>) {
        let told = tokio::select! {
            // There may always be something to tell.
            biased;
            () = &mut self.refused => {
                let cursor = self.watch.cursor().to_string();
                return (Err(status::token_ended(cursor)), None);
            }
            told = self.watch.next() => told,
        };
        match told {
            Ok(told) => (Ok(convert::told(&told)), Some(self)),
            Err(error) => (Err(error.into()), None),
        }
    }
}

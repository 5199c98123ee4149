//! How a guard acquires what the service does not own.

use super::{Error, OwnerClient, Take, Target, error::single};
use std::{fmt, pin::Pin, sync::Arc};

type Clients =
    dyn Fn(Target) -> Pin<Box<dyn Future<Output = Option<OwnerClient>> + Send>> + Send + Sync;

/// How a [`WriteGuard`](super::WriteGuard) acquires an attribute that the service does not own when it is to write: once
/// a write, with a token of that service for that user.
///
/// By default only what nobody owns, so that a writer which slept through a change does not take the attribute back
/// from the service that the user has since given it to.
#[derive(Clone)]
pub struct Reacquire {
    clients: Arc<Clients>,
    take: Take,
}

/// How that ended.
pub(super) enum Reacquired {
    /// The service of the token owns the attribute.
    Done,
    /// There is no token, so that it was not tried.
    NotTried,
    /// It was refused.
    Failed {
        /// Who owns the attribute, where that is why.
        owner: Option<String>,
        /// One sentence.
        why: String,
    },
}

impl Reacquire {
    /// Acquires through the client that `clients` gives for the target's user and service; none if there is no token,
    /// and the write is refused then.
    pub fn new<C, F>(clients: C) -> Self
    where
        C: Fn(Target) -> F + Send + Sync + 'static,
        F: Future<Output = Option<OwnerClient>> + Send + 'static,
    {
        Self {
            clients: Arc::new(move |target| Box::pin(clients(target))),
            take: Take::IfAvailable,
        }
    }

    /// Acquires from whom `take` says.
    #[must_use]
    pub fn taking(self, take: Take) -> Self {
        Self { take, ..self }
    }

    pub(super) async fn acquire(&self, target: &Target) -> Result<Reacquired, Error> {
        let Some(client) = (self.clients)(target.clone()).await else {
            return Ok(Reacquired::NotTried);
        };
        let names = [&*target.attribute];
        match client.acquire(names, self.take).await.and_then(single) {
            Ok(Ok(_)) => Ok(Reacquired::Done),
            Ok(Err(failed)) => Ok(Reacquired::Failed {
                owner: failed.owner,
                why: failed.text,
            }),
            // The token of a service that the user disconnected; the guard's own is good.
            Err(error @ Error::Credentials(_)) => Ok(Reacquired::Failed {
                owner: None,
                why: error.to_string(),
            }),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Reacquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Reacquire");
        debug.field("take", &self.take).finish_non_exhaustive()
    }
}

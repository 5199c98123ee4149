//! What every call has in common.
//!
//! It is one layer, for each would copy all that is below it for every call: as five they cost as much as the rest of
//! a small call.

mod authenticate;
mod deadline;
mod limit;
mod load;
mod metrics;
mod request_id;

use super::{
    Config,
    audit::{self, Who},
    session, status,
};
use crate::auth::{self, Certified, Principal, Verifier};
pub(super) use authenticate::Credentials;
use axum::{
    body::Body,
    extract::{Request, State},
    http::HeaderMap,
    middleware::{Next, from_fn_with_state},
    response::Response,
};
pub use limit::{Limits, Rate, Rates};
pub(super) use load::MAX_MESSAGE;
use load::Room;
pub use metrics::Metrics;
pub(super) use request_id::RequestId;
use std::{sync::Arc, time::Duration};
use tonic::{Status, service::Routes};
use tracing::Instrument as _;

/// What the layer needs to know.
struct Common {
    verifier: Arc<dyn Verifier>,
    limits: Limits,
    longest: Duration,
    room: Room,
    metrics: Metrics,
}

/// The routes behind their layer.
pub(super) fn around(
    routes: Routes,
    config: &Config,
    verifier: Arc<dyn Verifier>,
    limits: Limits,
    metrics: Metrics,
) -> Routes {
    let common = Arc::new(Common {
        verifier,
        limits,
        longest: config.request_timeout,
        room: Room::new(config.max_requests),
        metrics,
    });
    let layer = from_fn_with_state(common, call);
    Routes::from(routes.into_axum_router().route_layer(layer))
}

async fn call(State(common): State<Arc<Common>>, mut request: Request, next: Next) -> Response {
    let id = RequestId::of(request.headers());
    // All that happens is logged under the request's id.
    let span = tracing::info_span!("rpc", request_id = id.0, path = request.uri().path());
    request.extensions_mut().insert(id.clone());
    let path = request.uri().path().to_owned();
    // Refusals are counted too.
    let measured = common.metrics.start(&path);
    let answer = async {
        let (who, response) = common.answer(request, next).await;
        let method = path.rsplit('/').next().unwrap_or_default();
        audit::refusal(&id, who.as_ref(), method, &response);
        response
    };
    let mut response = answer.instrument(span).await;
    measured.end(&response);
    id.tell(&mut response);
    response
}

impl Common {
    /// The answer, in time, and who asked for it: to look the token up may hang as the database may.
    async fn answer(&self, request: Request, next: Next) -> (Option<Who>, Response) {
        let limit = deadline::of(request.headers(), self.longest);
        let mut who = None;
        let answer = async {
            let mut arrived = self.room.arrived(request).await?;
            self.admit(&mut arrived.request, &mut who).await?;
            Ok(next.run(arrived.request).await)
        };
        let answer = tokio::time::timeout(limit, answer).await;
        let answer = answer.unwrap_or_else(|_| Err(status::too_late()));
        (who, answer.unwrap_or_else(Status::into_http::<Body>))
    }

    /// Gives the request its principal, if that may call now. Which calls it may make, these themselves say.
    async fn admit(&self, request: &mut Request, who: &mut Option<Who>) -> Result<(), Status> {
        if session::is_open(request.uri().path()) {
            return Ok(());
        }
        let principal = self
            .principal(request.headers(), request.extensions().get())
            .await?;
        *who = Some(Who::from(&principal));
        tracing::debug!(%principal, "authenticated");
        // Only a caller that is let in uses up its allowance: junk tokens must not fill the table.
        self.limits.take(&principal)?;
        request.extensions_mut().insert(principal);
        Ok(())
    }

    /// Who calls: whoever the token is of, or where there is none, the certificate of the connection.
    async fn principal(
        &self,
        headers: &HeaderMap,
        certified: Option<&Certified>,
    ) -> Result<Principal, auth::Error> {
        match certified {
            Some(Certified(principal)) if !authenticate::has_token(headers) => {
                if self.verifier.remaining(principal).is_zero() {
                    return Err(auth::Error::Invalid);
                }
                Ok(principal.clone())
            }
            _ => self.verifier.verify(authenticate::bearer(headers)?).await,
        }
    }
}

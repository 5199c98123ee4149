//! One request as one call of the service.

use super::Gateway;
use crate::{
    config::Config,
    proto::{GetCallerRequest, GetCallerResponse},
    rest::{self, Asker, Problem, RequestId},
};
use http::{HeaderMap, request::Parts};
use std::time::Duration;
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
};

/// What goes along with every call that a request causes.
pub(super) struct Call {
    authorization: MetadataValue<Ascii>,
    request_id: Option<MetadataValue<Ascii>>,
    timeout: Duration,
}

/// The kinds of caller that an endpoint is for. The service refuses the others; here it is known to tell them so before
/// anything else.
#[derive(Clone, Copy)]
pub(super) enum Callers {
    /// OAuth2 clients.
    Clients,
    /// Internal services.
    Internal,
    /// Both.
    Both,
    /// Users, with a token of their own.
    Users,
    /// Whoever has a good token.
    Any,
}

impl Callers {
    /// What a caller is told whom the endpoint is not for.
    fn refusal(self, caller: &GetCallerResponse) -> Option<Problem> {
        let (is_client, is_internal) = (!caller.service.is_empty(), !caller.internal.is_empty());
        match self {
            Self::Clients => (!is_client).then(Problem::not_a_client),
            Self::Internal => (!is_internal).then(Problem::not_internal),
            Self::Both => (!is_client && !is_internal).then(Problem::not_a_client),
            Self::Users => (is_client || is_internal).then(Problem::not_a_user),
            Self::Any => None,
        }
    }
}

impl Call {
    /// Takes along the bearer token that the request has: the service judges it.
    pub(super) fn new(parts: &Parts, config: &Config) -> Result<Self, Problem> {
        let request_id = parts.extensions.get::<RequestId>();
        Ok(Self {
            authorization: authorization(&parts.headers)?,
            request_id: request_id
                .and_then(|id| MetadataValue::try_from(id.value().as_bytes()).ok()),
            timeout: config.request_timeout,
        })
    }

    /// The message, with all that goes along.
    pub(super) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = self.without_end(message);
        request.set_timeout(self.timeout);
        request
    }

    /// The same for a stream that has no end: a deadline would hold for all of it.
    pub(super) fn without_end<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let authorization = self.authorization.clone();
        request
            .metadata_mut()
            .insert("authorization", authorization);
        if let Some(id) = &self.request_id {
            request.metadata_mut().insert("x-request-id", id.clone());
        }
        request
    }
}

/// The bearer token, written anew: what surrounds it can be longer than a call may carry.
fn authorization(headers: &HeaderMap) -> Result<MetadataValue<Ascii>, Problem> {
    let bearer = format!("Bearer {}", rest::bearer(headers)?);
    MetadataValue::try_from(bearer).map_err(|_| Problem::invalid_token())
}

/// A caller, for the log.
fn asker(caller: GetCallerResponse) -> Asker {
    let named = |kind: &str, name: &str| (!name.is_empty()).then(|| format!("{kind}:{name}"));
    let principal = named("service", &caller.service);
    let principal = principal.or_else(|| named("internal", &caller.internal));
    Asker {
        principal: Some(principal.unwrap_or_else(|| "user".to_owned())),
        user: Some(caller.user).filter(|user| !user.is_empty()),
    }
}

impl Gateway {
    /// What a caller is told whose request has this problem: it is only told to one who is let in, because who is
    /// asking comes before what is asked (the contract, which error first).
    async fn told(&self, call: &Call, callers: Callers, problem: Problem) -> Problem {
        let mut service = self.service.clone();
        match service.get_caller(call.request(GetCallerRequest {})).await {
            Ok(caller) => {
                let caller = caller.into_inner();
                let problem = callers.refusal(&caller).unwrap_or(problem);
                problem.asked_by(asker(caller))
            }
            Err(status) => status.into(),
        }
    }

    /// The result, or what the caller is told instead.
    pub(super) async fn checked<T>(
        &self,
        call: &Call,
        callers: Callers,
        result: Result<T, Problem>,
    ) -> Result<T, Problem> {
        match result {
            Ok(value) => Ok(value),
            Err(problem) => Err(self.told(call, callers, problem).await),
        }
    }
}

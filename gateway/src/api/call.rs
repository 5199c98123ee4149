//! Whom an endpoint is for.

use super::Gateway;
pub(super) use crate::call::Call;
use crate::{
    proto::{GetCallerRequest, GetCallerResponse},
    rest::{Asker, Problem},
};

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

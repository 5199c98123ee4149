//! `POST /oauth2/revoke`: an authorization server tells what was revoked (RFC 7009), one token or a whole grant.

use super::{Gateway, call::Call};
use crate::{
    proto::{
        NotifyRevocationRequest, RevokedGrant, RevokedToken, notify_revocation_request::Revoked,
    },
    rest::{self, Form, Problem, drop_rest},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use prost_types::Timestamp;
use tonic::Code;

/// What RFC 6749, section 5.2, calls a request that makes no sense.
const INVALID_REQUEST: &str = "invalid_request";

pub(super) async fn handle(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let call = match Call::new(&parts, &gateway.config) {
        Ok(call) => call,
        Err(problem) => {
            drop_rest(body).await;
            return Err(problem);
        }
    };
    let revoked = Form::read(&parts.headers, body).await;
    let revoked = revoked.and_then(|form| revoked_by(&form));
    // A form that makes no sense is sent as a notice of nothing: that is refused, and to one who may send none first of
    // all because of that.
    let request = NotifyRevocationRequest {
        revoked: revoked.as_ref().ok().cloned(),
    };
    let mut registry = gateway.registry.clone();
    let told = registry.notify_revocation(call.request(request)).await;
    match (told, revoked) {
        (Ok(_), Ok(_)) => Ok(rest::json("{}".to_owned()).into_response()),
        (Err(status), Err(problem)) if status.code() == Code::InvalidArgument => Err(problem),
        (Err(status), _) => {
            let is_invalid = status.code() == Code::InvalidArgument;
            let problem = Problem::from(status);
            Err(if is_invalid {
                problem.with_error(INVALID_REQUEST)
            } else {
                problem
            })
        }
        (Ok(_), Err(problem)) => Err(problem),
    }
}

/// What the form says: `token`, and maybe `exp`; or `user` and `service`, and maybe `scope`, which remains. What kind of
/// token it is (`token_type_hint`) need not be known.
fn revoked_by(form: &Form) -> Result<Revoked, Problem> {
    let invalid = |detail: &str| Problem::bad_request(detail).with_error(INVALID_REQUEST);
    let of_grant = ["user", "service", "scope"];
    let is_grant = of_grant.iter().any(|name| form.get(name).is_some());
    let Some(token) = form.get("token") else {
        if !is_grant {
            return Err(invalid(
                "Parameter 'token' is missing, or 'user' and 'service'.",
            ));
        }
        let text = |name| form.get(name).unwrap_or_default();
        return Ok(Revoked::Grant(RevokedGrant {
            user: text("user").to_owned(),
            service: text("service").to_owned(),
            remaining_scopes: text("scope")
                .split(' ')
                .filter(|scope| !scope.is_empty())
                .map(str::to_owned)
                .collect(),
        }));
    };
    if is_grant {
        return Err(invalid(
            "Parameter 'token' does not go with 'user', 'service' or 'scope'.",
        ));
    }
    let seconds = form.get("exp").map(str::parse).transpose();
    let seconds =
        seconds.map_err(|_| invalid("Parameter 'exp' must be a number of seconds since 1970."))?;
    Ok(Revoked::Token(RevokedToken {
        token: token.to_owned(),
        expire_time: seconds.map(|seconds| Timestamp { seconds, nanos: 0 }),
    }))
}

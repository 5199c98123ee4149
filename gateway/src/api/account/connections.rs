//! `GET /api/2/account/connections/` and `DELETE /api/2/account/connections/NAME/`

use super::{
    condition::{Condition, etag},
    named_by_path,
    object::{ConnectionObject, PassingObject},
};
use crate::{
    account::Account,
    api::{
        Gateway, REVISION,
        call::{Call, Callers},
    },
    proto::DisconnectRequest,
    rest::{Name, Problem, Query, json, text},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::request::Parts;
use serde::Serialize;

#[derive(Serialize)]
struct Connections<'a> {
    connections: Vec<ConnectionObject<'a>>,
    revision: i64,
}

#[derive(Serialize)]
struct Disconnected<'a> {
    passing: Vec<PassingObject<'a>>,
    revision: i64,
}

pub(super) async fn list(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let call = Call::new(&parts, &gateway.config)?;
    let listed = Account::new(&gateway.users, &call).connections().await?;
    let connections = listed.connections.iter();
    let body = Connections {
        connections: connections.map(ConnectionObject::from).collect(),
        revision: listed.revision,
    };
    Ok(([(REVISION, listed.revision)], json(text(&body))).into_response())
}

/// Tells what passes to whom; with `?validate_only=1` what would, and an `ETag` to be sent along as `If-Match` so that it
/// is that which happens.
pub(super) async fn disconnect(
    State(gateway): State<Gateway>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let call = Call::new(&parts, &gateway.config)?;
    let asked = wire(&parts, name);
    let asked = gateway.checked(&call, Callers::Users, asked).await?;
    let is_preview = asked.validate_only;
    let done = Account::new(&gateway.users, &call).disconnect(asked).await;
    let done = done.map_err(named_by_path("service"))?;
    let body = Disconnected {
        passing: done.passing.iter().map(PassingObject::from).collect(),
        revision: done.revision,
    };
    let mut response = ([(REVISION, done.revision)], json(text(&body))).into_response();
    if is_preview {
        response.headers_mut().extend(etag(done.revision));
    }
    Ok(response)
}

fn wire(parts: &Parts, service: String) -> Result<DisconnectRequest, Problem> {
    let validate_only = Query::of(&parts.uri).flag("validate_only")?;
    Ok(DisconnectRequest {
        service,
        validate_only: validate_only.unwrap_or_default(),
        revision: Condition::of(&parts.headers)?.revision()?,
    })
}

//! `GET /api/2/account/attributes/` and `GET /api/2/account/attributes/NAME/`

use super::{
    condition::etag,
    object::{AttributeObject, GroupOfAttributes},
};
use crate::{
    account::Account,
    api::{Gateway, REVISION, call::Call},
    rest::{Name, Problem, json, text},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

#[derive(Serialize)]
struct Body<'a> {
    groups: Vec<GroupOfAttributes<'a>>,
    revision: i64,
}

pub(super) async fn list(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let call = Call::new(&parts, &gateway.config)?;
    let listed = Account::new(&gateway.users, &call).attributes(None).await?;
    let body = Body {
        groups: listed.groups.iter().map(GroupOfAttributes::from).collect(),
        revision: listed.revision,
    };
    Ok(([(REVISION, listed.revision)], json(text(&body))).into_response())
}

pub(super) async fn one(
    State(gateway): State<Gateway>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let call = Call::new(&parts, &gateway.config)?;
    let found = Account::new(&gateway.users, &call).attribute(&name).await?;
    let (attribute, revision) = found.ok_or_else(Problem::not_found)?;
    let body = json(text(&AttributeObject::from(&attribute)));
    Ok(([(REVISION, revision)], etag(&attribute.etag), body).into_response())
}

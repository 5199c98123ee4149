//! `GET /api/2/account/attributes/` and `GET /api/2/account/attributes/NAME/`

use super::{
    condition::etag,
    object::{AttributeObject, GroupOfAttributes},
};
use crate::{
    api::{Gateway, REVISION, call::Call},
    proto::ListUserAttributesRequest,
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
    let mut account = gateway.account.clone();
    let all = ListUserAttributesRequest::default();
    let listed = account.list_user_attributes(call.request(all)).await?;
    let listed = listed.into_inner();
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
    let mut account = gateway.account.clone();
    let asked = ListUserAttributesRequest {
        attributes: vec![name],
    };
    let listed = account.list_user_attributes(call.request(asked)).await?;
    let listed = listed.into_inner();
    let mut found = listed.groups.iter().flat_map(|group| &group.attributes);
    let found = found.next().ok_or_else(Problem::not_found)?;
    let body = json(text(&AttributeObject::from(found)));
    Ok(([(REVISION, listed.revision)], etag(&found.etag), body).into_response())
}

//! `PUT /api/2/account/attributes/NAME/...`: `owner`, `active`, `pinned` and `succession`.

use super::{
    condition::{Condition, etag},
    named_by_path,
    object::AttributeObject,
};
use crate::{
    api::{
        Gateway, REVISION,
        call::{Call, Callers},
    },
    proto::{
        SetActiveRequest, SetOwnerRequest, SetPinnedRequest, SetSuccessionRequest, UserAttribute,
    },
    rest::{Fields, Name, Problem, json, text},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::HeaderMap;

/// `{"service": "oura", "pinned": true}`; a `service` of null is nobody, and without `pinned` or `active` that stays as it is.
pub(super) async fn owner(
    State(gateway): State<Gateway>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Problem> {
    let mut account = gateway.account.clone();
    let (call, asked) = read(&gateway, request, |fields, etag| {
        Ok(SetOwnerRequest {
            attribute: name,
            service: fields.text_or_null("service")?.unwrap_or_default(),
            pinned: fields.optional_flag("pinned")?,
            active: fields.optional_flag("active")?,
            etag,
        })
    })
    .await?;
    let set = account.set_owner(call.request(asked)).await;
    let set = set.map_err(named_by_path("attribute"))?.into_inner();
    answer(set.attribute.as_ref(), set.revision)
}

/// `{"active": false}`
pub(super) async fn active(
    State(gateway): State<Gateway>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Problem> {
    let mut account = gateway.account.clone();
    let (call, asked) = read(&gateway, request, |fields, etag| {
        Ok(SetActiveRequest {
            attribute: name,
            active: fields.flag("active")?,
            etag,
        })
    })
    .await?;
    let set = account.set_active(call.request(asked)).await;
    let set = set.map_err(named_by_path("attribute"))?.into_inner();
    answer(set.attribute.as_ref(), set.revision)
}

/// `{"pinned": true}`
pub(super) async fn pinned(
    State(gateway): State<Gateway>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Problem> {
    let mut account = gateway.account.clone();
    let (call, asked) = read(&gateway, request, |fields, etag| {
        Ok(SetPinnedRequest {
            attribute: name,
            pinned: fields.flag("pinned")?,
            etag,
        })
    })
    .await?;
    let set = account.set_pinned(call.request(asked)).await;
    let set = set.map_err(named_by_path("attribute"))?.into_inner();
    answer(set.attribute.as_ref(), set.revision)
}

/// `{"services": ["oura", "withings"]}`
pub(super) async fn succession(
    State(gateway): State<Gateway>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Problem> {
    let mut account = gateway.account.clone();
    let (call, asked) = read(&gateway, request, |fields, etag| {
        Ok(SetSuccessionRequest {
            attribute: name,
            services: fields.texts("services")?,
            etag,
        })
    })
    .await?;
    let set = account.set_succession(call.request(asked)).await;
    let set = set.map_err(named_by_path("attribute"))?.into_inner();
    answer(set.attribute.as_ref(), set.revision)
}

/// The call that the request asks for: `wire` makes its message of the body's fields and the entity tag.
async fn read<T>(
    gateway: &Gateway,
    request: Request,
    wire: impl FnOnce(&Fields, String) -> Result<T, Problem>,
) -> Result<(Call, T), Problem> {
    let (parts, body) = request.into_parts();
    let fields = Fields::read(&parts.headers, body).await;
    let call = Call::new(&parts, &gateway.config)?;
    let asked = fields.and_then(|fields| wire(&fields, tag(&parts.headers)?));
    let asked = gateway.checked(&call, Callers::Users, asked).await?;
    Ok((call, asked))
}

fn tag(headers: &HeaderMap) -> Result<String, Problem> {
    Condition::of(headers)?.tag()
}

fn answer(attribute: Option<&UserAttribute>, revision: i64) -> Result<Response, Problem> {
    let attribute = attribute.ok_or_else(Problem::internal)?;
    let body = json(text(&AttributeObject::from(attribute)));
    Ok(([(REVISION, revision)], etag(&attribute.etag), body).into_response())
}

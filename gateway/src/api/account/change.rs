//! `PUT /api/2/account/attributes/NAME/...`: `owner`, `active`, `pinned` and `succession`.

use super::{
    condition::{Condition, etag},
    named_by_path,
    object::AttributeObject,
};
use crate::{
    account::{Account, Change},
    api::{
        Gateway, REVISION,
        call::{Call, Callers},
    },
    proto::{SetActiveRequest, SetOwnerRequest, SetPinnedRequest, SetSuccessionRequest},
    rest::{Fields, Name, Problem, json, text},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};

/// `{"service": "oura", "pinned": true}`; a `service` of null is nobody, and without `pinned` or `active` that stays as it is.
pub(super) async fn owner(
    State(gateway): State<Gateway>,
    Name(attribute): Name,
    request: Request,
) -> Result<Response, Problem> {
    change(&gateway, request, |fields, etag| {
        Ok(Change::Owner(SetOwnerRequest {
            attribute,
            service: fields.text_or_null("service")?.unwrap_or_default(),
            pinned: fields.optional_flag("pinned")?,
            active: fields.optional_flag("active")?,
            etag,
        }))
    })
    .await
}

/// `{"active": false}`
pub(super) async fn active(
    State(gateway): State<Gateway>,
    Name(attribute): Name,
    request: Request,
) -> Result<Response, Problem> {
    change(&gateway, request, |fields, etag| {
        let active = fields.flag("active")?;
        Ok(Change::Active(SetActiveRequest {
            attribute,
            active,
            etag,
        }))
    })
    .await
}

/// `{"pinned": true}`
pub(super) async fn pinned(
    State(gateway): State<Gateway>,
    Name(attribute): Name,
    request: Request,
) -> Result<Response, Problem> {
    change(&gateway, request, |fields, etag| {
        let pinned = fields.flag("pinned")?;
        Ok(Change::Pinned(SetPinnedRequest {
            attribute,
            pinned,
            etag,
        }))
    })
    .await
}

/// `{"services": ["oura", "withings"]}`
pub(super) async fn succession(
    State(gateway): State<Gateway>,
    Name(attribute): Name,
    request: Request,
) -> Result<Response, Problem> {
    change(&gateway, request, |fields, etag| {
        let services = fields.texts("services")?;
        Ok(Change::Succession(SetSuccessionRequest {
            attribute,
            services,
            etag,
        }))
    })
    .await
}

/// Makes the change that the request asks for: `wire` makes it of the body's fields and the entity tag.
async fn change(
    gateway: &Gateway,
    request: Request,
    wire: impl FnOnce(&Fields, String) -> Result<Change, Problem>,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let fields = Fields::read(&parts.headers, body).await;
    let call = Call::new(&parts, &gateway.config)?;
    let tag = || Condition::of(&parts.headers)?.tag();
    let asked = fields.and_then(|fields| wire(&fields, tag()?));
    let asked = gateway.checked(&call, Callers::Users, asked).await?;
    let changed = Account::new(&gateway.users, &call).change(asked).await;
    let (attribute, revision) = changed.map_err(named_by_path("attribute"))?;
    let body = json(text(&AttributeObject::from(&attribute)));
    Ok(([(REVISION, revision)], etag(&attribute.etag), body).into_response())
}

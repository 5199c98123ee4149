//! `GET` and `POST /account/connections/{service}/`

use super::{
    Pages,
    change::reason,
    done::Done,
    fields, form,
    notice::Notice,
    signed_in::{SignedIn, html},
    view::DisconnectPage,
};
use crate::{
    proto::DisconnectRequest,
    rest::{Name, Problem},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use std::sync::Arc;

/// What a disconnection would do.
pub(super) async fn get(
    State(pages): State<Arc<Pages>>,
    Name(service): Name,
    request: Request,
) -> Result<Response, Notice> {
    let (parts, _) = request.into_parts();
    let signed_in = SignedIn::new(&pages, &parts)?;
    html(StatusCode::OK, &preview(&signed_in, service, false).await?)
}

/// Disconnects as the preview told, or shows what has become of that.
pub(super) async fn post(
    State(pages): State<Arc<Pages>>,
    Name(service): Name,
    request: Request,
) -> Result<Response, Notice> {
    let (parts, body) = request.into_parts();
    let signed_in = SignedIn::new(&pages, &parts)?;
    let fields = form::read(&signed_in.session, &parts.headers, body).await?;
    let revision = fields::first(&fields, "revision").and_then(|text| text.parse().ok());
    let revision = revision.ok_or_else(|| Problem::bad_request("The form is none of ours."))?;
    let label = fields::first(&fields, "label").unwrap_or(&service);
    let asked = DisconnectRequest {
        service: service.clone(),
        revision: Some(revision),
        ..DisconnectRequest::default()
    };
    match signed_in.account.disconnect(asked).await {
        Ok(_) => {
            let done = Done::said(format!("{label} is disconnected."));
            let to = "/account/attributes/#connections";
            Ok(signed_in.redirect(to, Some(&done)))
        }
        Err(status) if reason(&status) == "CHANGED_MEANWHILE" => {
            let page = preview(&signed_in, service, true).await?;
            html(StatusCode::PRECONDITION_FAILED, &page)
        }
        Err(status) => Err(status.into()),
    }
}

async fn preview(
    signed_in: &SignedIn<'_>,
    service: String,
    overtaken: bool,
) -> Result<DisconnectPage, Notice> {
    let account = &signed_in.account;
    let asked = DisconnectRequest {
        service: service.clone(),
        validate_only: true,
        ..DisconnectRequest::default()
    };
    let (preview, connections) =
        tokio::try_join!(account.disconnect(asked), account.connections())?;
    let connections = connections.connections.into_iter();
    let mut services = connections.filter_map(|connection| connection.service);
    let known = services.find(|known| known.name == service);
    let label = known.map_or_else(|| service.clone(), |known| known.label);
    let names = (service, label);
    Ok(DisconnectPage::new(
        signed_in.frame(),
        names,
        preview,
        overtaken,
    ))
}

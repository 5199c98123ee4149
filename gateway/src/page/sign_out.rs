//! `POST /account/sign-out/`

use super::{
    Pages,
    cookies::Kind,
    form,
    next::Next,
    notice::Notice,
    session::{Session, tell},
};
use axum::{
    Extension,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use std::sync::Arc;

/// Ends the session in the service, so that its cookie is of no use any more, wherever else it may be.
pub(super) async fn handle(
    State(pages): State<Arc<Pages>>,
    Extension(session): Extension<Session>,
    request: Request,
) -> Result<Response, Notice> {
    let (parts, body) = request.into_parts();
    form::read(&session, &parts.headers, body).await?;
    session.end(&pages).await?;
    let text = "Whoever uses this browser after you sees nothing of yours.";
    let notice = Notice::new(StatusCode::OK, "You are signed out", text);
    let notice = notice.with_action(Next::of(None).sign_in(), "Sign in again");
    let mut response = notice.into_response();
    tell(&mut response, pages.cookies(&parts)?.clear(Kind::Session));
    Ok(response)
}

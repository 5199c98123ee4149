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
    let mut response = match session.end(&pages).await {
        Ok(()) => signed_out().into_response(),
        Err(status) => but_not_everywhere(status.into()).into_response(),
    };
    let cookies = pages.cookies(&parts)?;
    for kind in [Kind::Session, Kind::Done] {
        tell(&mut response, cookies.clear(kind));
    }
    Ok(response)
}

fn signed_out() -> Notice {
    let text = "If others use this browser, sign out at the place where you signed in, too.";
    Notice::new(StatusCode::OK, "You are signed out", text)
        .with_action(Next::of(None).sign_in_anew(), "Sign in again")
}

/// What the service cannot be told now, this browser forgets all the same.
fn but_not_everywhere(notice: Notice) -> Notice {
    let title = "You are signed out in this browser";
    let text = "A copy of your session, if there is one elsewhere, works until its time is over: it could not be ended now.";
    notice.saying(title, text, &Next::of(None))
}

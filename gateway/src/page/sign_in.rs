//! `GET /account/sign-in/`

use super::{Pages, flow, next::Next, notice::Notice, session};
use crate::{
    call::Call,
    proto::{GetCallerRequest, attribute_ownership_client::AttributeOwnershipClient},
    rest::MAX_TOKEN,
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{StatusCode, request::Parts};
use std::{collections::HashMap, sync::Arc};

/// Sends people to where they sign in; where links let them in, takes the token of a link.
pub(super) async fn handle(
    State(pages): State<Arc<Pages>>,
    request: Request,
) -> Result<Response, Notice> {
    let (parts, _) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let query: HashMap<_, _> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let next = Next::of(query.get("next").map(String::as_str));
    match (&pages.openid, query.get("token")) {
        (Some(openid), None) => {
            let is_anew = query.contains_key("anew");
            flow::begin(&pages, openid, &parts, &next, is_anew).await
        }
        (Some(_), Some(_)) => Err(no_links()),
        (None, Some(token)) => by_link(&pages, &parts, token, &next).await,
        (None, None) => Err(no_link()),
    }
}

/// A token is good for what the service says that it is.
async fn by_link(
    pages: &Pages,
    parts: &Parts,
    token: &str,
    next: &Next,
) -> Result<Response, Notice> {
    if token.is_empty() || token.len() > MAX_TOKEN || !token.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(bad_link());
    }
    let call = Call::with_token(token, parts, &pages.config).map_err(|_| bad_link())?;
    let mut service = AttributeOwnershipClient::new(pages.channel.clone());
    let caller = service.get_caller(call.request(GetCallerRequest {})).await;
    let caller = match caller {
        Ok(caller) => caller.into_inner(),
        Err(status) if status.code() == tonic::Code::Unauthenticated => return Err(bad_link()),
        Err(status) => return Err(status.into()),
    };
    if caller.user.is_empty() || !caller.service.is_empty() || !caller.internal.is_empty() {
        return Err(not_a_users());
    }
    let cookies = pages.cookies(parts)?;
    let (user, token) = (caller.user, token.to_owned());
    Ok(session::begin(pages, cookies, user, token, next))
}

fn no_link() -> Notice {
    let text = "This is a demo: open one of the links that it printed when it began. A link works until you sign out.";
    Notice::new(StatusCode::UNAUTHORIZED, "You are not signed in", text)
}

fn no_links() -> Notice {
    let text = "Nobody is signed in by a link here.";
    Notice::new(StatusCode::FORBIDDEN, "This link does not work", text)
        .with_action(Next::of(None).sign_in(), "Sign in")
}

fn bad_link() -> Notice {
    let text = "It is not complete, or its time is over. A link works until you sign out, or the demo ends.";
    Notice::new(StatusCode::UNAUTHORIZED, "This link does not work", text)
}

fn not_a_users() -> Notice {
    let text = "The token in it is good, but not a user's own: it is that of a service, which has no page.";
    Notice::new(StatusCode::FORBIDDEN, "This link is nobody's", text)
}

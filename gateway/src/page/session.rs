//! Who is signed in.
//!
//! A session is a token of the user's own, in a signed cookie with the time at which it was used last. The service knows the
//! token, and says when it is over; here it is only seen whether it was idle for too long.

use super::{
    Pages,
    cookies::{Cookies, Kind},
    csrf::Csrf,
    frame::Frame,
    next::Next,
    notice::Notice,
};
use crate::{
    call::Call,
    proto::{EndSessionRequest, sessions_client::SessionsClient},
    rest::{self, Problem},
};
use axum::{
    extract::{Request, State},
    middleware,
    response::{IntoResponse as _, Response},
};
use http::{
    HeaderName, HeaderValue, Method, StatusCode, header, request::Parts, uri::PathAndQuery,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use tonic::{Code, Status};

/// How old the time of last use becomes at most before it is written anew, in seconds.
const RENEWED: u64 = 60;

/// What the cookie says.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub(super) token: String,
    pub(super) user: String,
    /// When it was used last, in seconds since 1970.
    pub(super) used: u64,
}

/// A session that is good as far as this gateway knows: what a handler needs to speak for whoever is signed in.
#[derive(Debug, Clone)]
pub(super) struct Session {
    user: String,
    csrf: Csrf,
    call: Call,
}

impl Session {
    /// Makes calls with the session's token.
    pub(super) fn call(&self) -> &Call {
        &self.call
    }

    /// What every page shows of it.
    pub(super) fn frame(&self) -> Frame {
        Frame {
            user: self.user.clone(),
            csrf: self.csrf.shown().to_owned(),
        }
    }

    /// Whether this is what forms of the session carry. The time that this takes tells nothing.
    pub(super) fn wrote(&self, csrf: &str) -> bool {
        self.csrf.is(csrf)
    }

    /// Ends it in the service, so that its cookie is of no use any more, wherever else it may be.
    pub(super) async fn end(&self, pages: &Pages) -> Result<(), Status> {
        let mut sessions = SessionsClient::new(pages.channel.clone());
        let ended = sessions.end_session(self.call.request(EndSessionRequest {}));
        match ended.await {
            Err(status) if status.code() != Code::Unauthenticated => Err(status),
            _ => Ok(()),
        }
    }

    fn new(pages: &Pages, ticket: &Ticket, parts: &Parts) -> Result<Self, Problem> {
        Ok(Self {
            user: ticket.user.clone(),
            csrf: Csrf::new(&pages.key, &ticket.token).map_err(|_| Problem::internal())?,
            call: Call::with_token(&ticket.token, parts, &pages.config)?,
        })
    }
}

impl Pages {
    /// The cookies of a request.
    pub(super) fn cookies(&self, parts: &Parts) -> Result<Cookies<'_>, Problem> {
        let origin = rest::origin(parts, &self.config).ok_or_else(Problem::internal)?;
        Ok(Cookies::new(&self.key, &origin))
    }

    /// For how long the session was without a request, in seconds.
    fn idle(&self, ticket: &Ticket) -> u64 {
        self.settings.clock.now().saturating_sub(ticket.used)
    }

    /// How old the time of last use becomes before it is written anew, in seconds: a small part of what is idle.
    fn renewed(&self) -> u64 {
        RENEWED.min(self.settings.session_idle.as_secs() / 10)
    }

    /// The session of the cookie, which ends if it was idle for too long.
    async fn session(&self, cookies: Cookies<'_>, parts: &Parts) -> Option<(Ticket, Session)> {
        let ticket: Ticket = cookies.read(Kind::Session, &parts.headers)?;
        let session = Session::new(self, &ticket, parts).ok()?;
        if self.idle(&ticket) < self.settings.session_idle.as_secs() {
            return Some((ticket, session));
        }
        if let Err(status) = session.end(self).await {
            tracing::warn!(code = ?status.code(), "an idle session cannot be ended; its token lasts for its time");
        }
        None
    }
}

/// Lets those in who are signed in, and gives the request their [`Session`]; the others are sent to sign in.
pub(super) async fn required(
    State(pages): State<Arc<Pages>>,
    request: Request,
    next: middleware::Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let cookies = match pages.cookies(&parts) {
        Ok(cookies) => cookies,
        Err(problem) => return Notice::from(problem).into_response(),
    };
    let asked = Asked::of(&parts);
    let Some((mut ticket, session)) = pages.session(cookies, &parts).await else {
        rest::drop_rest(body).await;
        return asked.signed_out(cookies, &parts);
    };
    let mut request = Request::from_parts(parts.clone(), body);
    request.extensions_mut().insert(session);
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNAUTHORIZED {
        return asked.signed_out(cookies, &parts);
    }
    if pages.idle(&ticket) >= pages.renewed() && !cookies.is_told(Kind::Session, response.headers())
    {
        ticket.used = pages.settings.clock.now();
        tell(&mut response, cookies.set(Kind::Session, &ticket, None));
    }
    response
}

/// What was asked for by somebody who may not be signed in.
struct Asked {
    next: Next,
    /// Whether it can be asked for again after signing in.
    is_again: bool,
    /// Whether a script of the page asks.
    is_script: bool,
}

impl Asked {
    fn of(parts: &Parts) -> Self {
        let is_got = parts.method == Method::GET || parts.method == Method::HEAD;
        let path = parts.uri.path_and_query().map(PathAndQuery::as_str);
        let is_script = parts.headers.contains_key("hx-request");
        Self {
            next: Next::of(path.filter(|_| is_got)),
            is_again: is_got,
            is_script,
        }
    }

    /// Sends whoever asked to sign in, whom the provider is to ask who they are if they were signed in before. What was sent by a form is not lost without a word: after signing in it would have
    /// to be sent again.
    fn signed_out(&self, cookies: Cookies<'_>, parts: &Parts) -> Response {
        let was_signed_in = cookies
            .read::<Ticket>(Kind::Session, &parts.headers)
            .is_some();
        let to = HeaderValue::try_from(if was_signed_in {
            self.next.sign_in_anew()
        } else {
            self.next.sign_in()
        });
        let mut response = match to {
            Ok(to) if self.is_again && self.is_script => {
                // A script could not follow to another site.
                let name = HeaderName::from_static("hx-redirect");
                (StatusCode::NO_CONTENT, [(name, to)]).into_response()
            }
            // What is searched for comes by a form, and a browser sends no form on to another site (`form-action`).
            Ok(to) if self.is_again && !(was_signed_in && parts.uri.query().is_some()) => {
                (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response()
            }
            _ => Notice::signed_out(&self.next).into_response(),
        };
        if parts.headers.contains_key(header::COOKIE) {
            tell(&mut response, cookies.clear(Kind::Session));
        }
        response
    }
}

/// Has an answer set a cookie.
pub(super) fn tell(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Begins a session, and goes on to where the user was going.
pub(super) fn begin(
    pages: &Pages,
    cookies: Cookies<'_>,
    user: String,
    token: String,
    next: &Next,
) -> Response {
    let ticket = Ticket {
        token,
        user,
        used: pages.settings.clock.now(),
    };
    let mut response = redirect(next.as_str());
    tell(&mut response, cookies.set(Kind::Session, &ticket, None));
    response
}

/// 303 to a place that is known to be a fit value of a header.
pub(super) fn redirect(to: &str) -> Response {
    let to = HeaderValue::try_from(to);
    match to {
        Ok(to) => (StatusCode::SEE_OTHER, [(header::LOCATION, to)]).into_response(),
        Err(_) => Notice::from(Problem::internal()).into_response(),
    }
}

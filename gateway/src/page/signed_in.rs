//! One request of somebody who is signed in.

use super::{
    Pages,
    cookies::{Cookies, Kind},
    done::Done,
    frame::Frame,
    notice::Notice,
    session::{self, Session},
};
use crate::{account::Account, rest::Problem};
use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use cookie::time::Duration;
use http::{StatusCode, request::Parts};

/// How long what the last change did is told; an attribute that has changed since is not spoken of in any case.
const TOLD: Duration = Duration::minutes(10);

/// The same of what concerns no attribute.
const SAID: Duration = Duration::minutes(1);

/// What a handler needs of it.
pub(super) struct SignedIn<'p> {
    pub(super) account: Account,
    pub(super) session: Session,
    /// What the last change did.
    pub(super) done: Option<Done>,
    cookies: Cookies<'p>,
}

impl<'p> SignedIn<'p> {
    /// Behind `session::required` alone.
    pub(super) fn new(pages: &'p Pages, parts: &Parts) -> Result<Self, Notice> {
        let session = parts.extensions.get::<Session>().cloned();
        let session = session.ok_or_else(Problem::internal)?;
        let cookies = pages.cookies(parts)?;
        let done: Option<(String, Done)> = cookies.read(Kind::Done, &parts.headers);
        // Somebody else may have used this browser before.
        let done = done.filter(|(user, _)| *user == session.frame().user);
        Ok(Self {
            account: Account::new(&pages.stub, session.call()),
            done: done.map(|(_, done)| done),
            session,
            cookies,
        })
    }

    pub(super) fn frame(&self) -> Frame {
        self.session.frame()
    }

    /// To a page that tells what was done.
    pub(super) fn redirect(&self, to: &str, done: Option<&Done>) -> Response {
        let mut response = session::redirect(to);
        if let Some(done) = done {
            let lasts = if done.attribute.is_empty() {
                SAID
            } else {
                TOLD
            };
            let said = (self.frame().user, done);
            let cookie = self.cookies.set(Kind::Done, &said, Some(lasts));
            // A browser keeps none that is larger; the change is made all the same.
            session::tell(&mut response, cookie.filter(|cookie| cookie.len() < 4096));
        }
        response
    }
}

/// A page with this status.
pub(super) fn html(status: StatusCode, page: &impl Template) -> Result<Response, Notice> {
    let text = page.render().map_err(|_| Problem::internal())?;
    Ok((status, Html(text)).into_response())
}

/// The value of this parameter of the query; empty where there is none.
pub(super) fn parameter(parts: &Parts, name: &str) -> String {
    let query = parts.uri.query().unwrap_or_default();
    let mut fields = form_urlencoded::parse(query.as_bytes());
    let found = fields.find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

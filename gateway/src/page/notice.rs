//! A page that tells one thing, mostly that something cannot be.

use super::next::{HOME, Next};
use crate::rest::Problem;
use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;
use tonic::Status;

/// What is told, and where to go from there.
#[derive(Debug, Template)]
#[template(path = "notice.html")]
pub(super) struct Notice {
    status: StatusCode,
    title: &'static str,
    text: &'static str,
    /// A link: where to, and what it says.
    action: Option<(String, &'static str)>,
    /// What the answer would be for a program: its headers, and what is logged of it.
    problem: Option<Box<Problem>>,
}

impl Notice {
    pub(super) fn new(status: StatusCode, title: &'static str, text: &'static str) -> Self {
        Self {
            status,
            title,
            text,
            action: None,
            problem: None,
        }
    }

    /// With a link.
    pub(super) fn with_action(mut self, href: impl Into<String>, says: &'static str) -> Self {
        self.action = Some((href.into(), says));
        self
    }

    /// Nobody is signed in any more, and what was sent has not been done.
    pub(super) fn signed_out(next: &Next) -> Self {
        let text = "You were signed out, or away for too long. Nothing was changed.";
        Self::from(Problem::invalid_token()).saying("Please sign in again", text, next)
    }

    /// The same in other words, with a link to sign in.
    pub(super) fn saying(mut self, title: &'static str, text: &'static str, next: &Next) -> Self {
        (self.title, self.text) = (title, text);
        self.with_action(next.sign_in_anew(), "Sign in")
    }

    /// A form that is not of this session.
    pub(super) fn forged() -> Self {
        let problem = Problem::forbidden("The form is not of this session.");
        let mut notice = Self::from(problem);
        notice.title = "That was not done";
        notice.text = "It was sent from a page that is not of your present session, from an old tab, say. Nothing was \
                       changed; open the page anew and try again.";
        notice
    }

    /// There is no such page.
    pub(super) fn not_found() -> Self {
        Self::from(Problem::not_found())
    }
}

/// What each status is called, and what people are told of it.
fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::UNAUTHORIZED => (
            "Please sign in again",
            "Your session is over. Nothing was changed.",
        ),
        StatusCode::FORBIDDEN => ("Not for you", "You may not see or do this."),
        StatusCode::NOT_FOUND => ("There is nothing here", "This page does not exist."),
        StatusCode::METHOD_NOT_ALLOWED => (
            "That is not how this page is used",
            "Go back, and use its buttons.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => ("Too much at once", "What was sent is too large."),
        StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED => (
            "Something changed meanwhile",
            "Nothing was done. Open the page anew and try again.",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "Not so fast",
            "You have asked for too much in a short time. Wait a little, and try again.",
        ),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => {
            (
                "Just a moment",
                "This cannot be answered now. Try again in a little while.",
            )
        }
        _ if status.is_client_error() => (
            "That could not be understood",
            "Go back, and try again from the page.",
        ),
        _ => (
            "Something went wrong on our side",
            "It is not your fault. Try again in a little while.",
        ),
    }
}

impl From<Problem> for Notice {
    fn from(problem: Problem) -> Self {
        let status = problem.status();
        let (title, text) = words(status);
        let action = match status {
            StatusCode::UNAUTHORIZED => (Next::of(None).sign_in(), "Sign in"),
            _ => (HOME.to_owned(), "Your attributes"),
        };
        Self {
            status,
            title,
            text,
            action: Some(action),
            problem: Some(Box::new(problem)),
        }
    }
}

impl From<Status> for Notice {
    fn from(status: Status) -> Self {
        Problem::from(status).into()
    }
}

impl IntoResponse for Notice {
    fn into_response(mut self) -> Response {
        let problem = self.problem.take();
        let html = self.render().map(Html);
        let Ok(html) = html else {
            return Problem::internal().into_response();
        };
        let mut response = (self.status, html).into_response();
        if let Some(problem) = problem {
            problem.mark(&mut response);
        }
        response
    }
}

//! The forms of the page.

use super::{notice::Notice, session::Session};
use crate::rest;
use axum::body::Body;
use http::HeaderMap;

/// The field that shows that a form is of this session.
const CSRF: &str = "csrf";

/// Names and values, in their order.
pub(super) type Fields = Vec<(String, String)>;

/// Reads a form that somebody who is signed in has sent.
///
/// # Errors
/// 415 and 413 where it is no form or too large; 403 where it is not of this session.
pub(super) async fn read(
    session: &Session,
    headers: &HeaderMap,
    body: Body,
) -> Result<Fields, Notice> {
    let fields = rest::fields(headers, body).await?;
    let (csrf, fields): (Vec<_>, Fields) = fields.into_iter().partition(|(name, _)| name == CSRF);
    match &csrf[..] {
        [(_, csrf)] if session.wrote(csrf) => Ok(fields),
        _ => Err(Notice::forged()),
    }
}

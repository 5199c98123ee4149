//! `GET /account/attributes/`

use super::{
    Pages,
    frame::Frame,
    notice::Notice,
    signed_in::{SignedIn, html, parameter},
    view::AttributesPage,
};
use crate::account::Account;
use axum::{
    extract::{Request, State},
    response::Response,
};
use http::{StatusCode, request::Parts};
use std::sync::Arc;
use tonic::Status;

/// How much of what happened lately is shown.
const LATELY: i32 = 8;

/// The longest text that is searched for, in characters.
const MAX_SEARCH: usize = 100;

pub(super) async fn handle(
    State(pages): State<Arc<Pages>>,
    request: Request,
) -> Result<Response, Notice> {
    let (parts, _) = request.into_parts();
    let signed_in = SignedIn::new(&pages, &parts)?;
    let page = page(&signed_in.account, signed_in.frame(), &search(&parts)).await?;
    let page = match signed_in.done {
        Some(done) => page.after(done),
        None => page,
    };
    html(StatusCode::OK, &page)
}

/// The page as things stand, with what is searched for.
pub(super) async fn page(
    account: &Account,
    frame: Frame,
    q: &str,
) -> Result<AttributesPage, Status> {
    let (attributes, connections, events) = tokio::try_join!(
        account.attributes(None),
        account.connections(),
        account.events("", LATELY, ""),
    )?;
    let page = AttributesPage::new(frame, q, attributes, connections, events);
    Ok(page)
}

/// What is searched for.
pub(super) fn search(parts: &Parts) -> String {
    let q = parameter(parts, "q");
    q.trim().chars().take(MAX_SEARCH).collect()
}

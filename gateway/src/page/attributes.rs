//! The page of all attributes.

use super::{
    Pages, account::Account, frame::Frame, notice::Notice, session::Session, view::AttributesPage,
};
use crate::rest::Problem;
use askama::Template as _;
use axum::{Extension, extract::State, response::Html};
use http::Uri;
use std::sync::Arc;
use tonic::Status;

/// How much of what happened lately is shown.
const LATELY: i32 = 8;

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

pub(super) async fn handle(
    State(pages): State<Arc<Pages>>,
    Extension(session): Extension<Session>,
    uri: Uri,
) -> Result<Html<String>, Notice> {
    let query = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let q = query.into_owned().find(|(name, _)| name == "q");
    let q = q.map(|(_, q)| q).unwrap_or_default();
    let account = Account::new(pages.channel.clone(), session.call());
    let page = page(&account, session.frame(), &q).await?;
    let html = page.render().map_err(|_| Problem::internal())?;
    Ok(Html(html))
}

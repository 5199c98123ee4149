//! `GET` and `POST /account/attributes/{name}/`

use super::{
    Pages, attributes,
    change::{Outcome, change},
    fields,
    form::{self, Fields},
    frame::Frame,
    notice::Notice,
    seen::{Seen, Unreadable},
    signed_in::{SignedIn, html, parameter},
    view::{self, AttributePage},
    wish::Wish,
};
use crate::{
    account::Account,
    rest::{Name, Problem},
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use http::StatusCode;
use std::sync::Arc;
use tonic::Status;

/// How much of an attribute's history is on a page.
const HISTORY: i32 = 30;

/// All about one attribute.
pub(super) async fn get(
    State(pages): State<Arc<Pages>>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Notice> {
    let (parts, _) = request.into_parts();
    let signed_in = SignedIn::new(&pages, &parts)?;
    let older = parameter(&parts, "page");
    let page = page(&signed_in.account, signed_in.frame(), &name, &older).await?;
    let page = page.ok_or_else(Notice::not_found)?;
    let page = match &signed_in.done {
        Some(done) => page.after(done),
        None => page,
    };
    html(StatusCode::OK, &page)
}

/// What the user wishes of it. The query says which page asks: this one, or that of all with what is searched for.
pub(super) async fn post(
    State(pages): State<Arc<Pages>>,
    Name(name): Name,
    request: Request,
) -> Result<Response, Notice> {
    let (parts, body) = request.into_parts();
    let signed_in = SignedIn::new(&pages, &parts)?;
    let fields = form::read(&signed_in.session, &parts.headers, body).await?;
    let (wish, seen) =
        read(&fields).map_err(|Unreadable| Problem::bad_request("The form is none of ours."))?;
    let is_one = parts.uri.query() == Some("one");
    let q = attributes::search(&parts);
    let account = &signed_in.account;
    let (status, trouble) = match change(account, &name, wish, &seen).await? {
        Outcome::Not(status, trouble) => (status, trouble),
        Outcome::Done(done) => {
            let to = place(&name, is_one, &q);
            return Ok(signed_in.redirect(&to, Some(&done)));
        }
        Outcome::Nothing => return Ok(signed_in.redirect(&place(&name, is_one, &q), None)),
    };
    if is_one && let Some(page) = page(account, signed_in.frame(), &name, "").await? {
        return html(status, &page.but(trouble));
    }
    let page = attributes::page(account, signed_in.frame(), &q).await?;
    html(status, &page.but(&name, trouble))
}

fn read(fields: &Fields) -> Result<(Wish, Seen), Unreadable> {
    let seen = fields::first(fields, "seen").ok_or(Unreadable)?;
    Ok((Wish::parse(fields)?, seen.parse()?))
}

/// Where the attribute is on the page that asked.
fn place(name: &str, is_one: bool, q: &str) -> String {
    if is_one {
        format!("/account/attributes/{name}/")
    } else {
        format!("/account/attributes/{}#a-{name}", view::query(q))
    }
}

/// The page as things stand, if there is such an attribute; `older` continues its history from an earlier page.
async fn page(
    account: &Account,
    frame: Frame,
    name: &str,
    older: &str,
) -> Result<Option<AttributePage>, Status> {
    let (attribute, connections, events) = tokio::try_join!(
        account.attribute(name),
        account.connections(),
        account.events(name, HISTORY, older),
    )?;
    Ok(attribute.map(|(attribute, revision)| {
        AttributePage::new(
            frame,
            &attribute,
            revision,
            &connections.connections,
            events,
        )
    }))
}

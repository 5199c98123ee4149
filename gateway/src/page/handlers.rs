//! The handlers of the pages: each asks the service, and lays out what it says.

use super::{
    attribute, attributes,
    change::{Outcome, change, reason},
    done::Done,
    failed::Failed,
    fields::{self, Fields},
    seen::{Seen, Unreadable},
    standin::Signed,
    view::{self, DisconnectPage},
    wish::Wish,
};
use askama::Template;
use axum::{
    body::Bytes,
    extract::{Path, RawQuery},
    response::{Html, IntoResponse as _, Redirect, Response},
};
use http::{HeaderValue, StatusCode, header::SET_COOKIE};
use tonic::Code;

/// The longest text that is searched for, in characters.
const MAX_SEARCH: usize = 100;

/// All attributes.
pub(super) async fn list(signed: Signed, RawQuery(query): RawQuery) -> Result<Response, Failed> {
    let q = search(query.as_deref());
    let page = attributes::page(&signed.account, signed.frame, &q).await?;
    let page = match signed.done {
        Some(done) => page.after(done),
        None => page,
    };
    html(StatusCode::OK, &page)
}

/// One attribute.
pub(super) async fn one(
    signed: Signed,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failed> {
    let fields = fields::parse(query.unwrap_or_default().as_bytes());
    let older = fields::first(&fields, "page").unwrap_or_default();
    let page = attribute::page(&signed.account, signed.frame, &name, older).await?;
    let page = page.ok_or(Failed::NotFound)?;
    let page = match &signed.done {
        Some(done) => page.after(done),
        None => page,
    };
    html(StatusCode::OK, &page)
}

/// A wish for an attribute; the query says from which page it comes.
pub(super) async fn wish(
    signed: Signed,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Failed> {
    let fields = signed.form(&body)?;
    let Signed { account, frame, .. } = signed;
    let (wish, seen) = read(&fields)?;
    let one = query.as_deref() == Some("one");
    let q = search(query.as_deref());
    let (status, trouble) = match change(&account, &name, wish, &seen).await? {
        Outcome::Done(done) => return Ok(back(&name, one, &q, Some(&done))),
        Outcome::Nothing => return Ok(back(&name, one, &q, None)),
        Outcome::Not(status, trouble) => (status, trouble),
    };
    if one && let Some(page) = attribute::page(&account, frame.clone(), &name, "").await? {
        return html(status, &page.but(trouble));
    }
    let page = attributes::page(&account, frame, &q).await?;
    html(status, &page.but(&name, trouble))
}

/// What a disconnection would do.
pub(super) async fn preview(
    signed: Signed,
    Path(service): Path<String>,
) -> Result<Response, Failed> {
    let page = disconnection(signed, service, false).await?;
    html(StatusCode::OK, &page)
}

/// Disconnects as the preview told, or shows what has become of it.
pub(super) async fn disconnect(
    signed: Signed,
    Path(service): Path<String>,
    body: Bytes,
) -> Result<Response, Failed> {
    let fields = signed.form(&body)?;
    let revision = fields::first(&fields, "revision").and_then(|text| text.parse().ok());
    let label = fields::first(&fields, "label")
        .unwrap_or(&service)
        .to_owned();
    let revision = revision.ok_or(Failed::Unreadable)?;
    match signed.account.disconnect(&service, revision).await {
        Ok(_) => {
            let done = Done::said(format!("{label} is disconnected."));
            let to = "/account/attributes/#connections";
            Ok(redirect(to, Some(&done)))
        }
        Err(status) if reason(&status) == "CHANGED_MEANWHILE" => {
            let page = disconnection(signed, service, true).await?;
            html(StatusCode::PRECONDITION_FAILED, &page)
        }
        Err(status) => Err(status.into()),
    }
}

async fn disconnection(
    signed: Signed,
    service: String,
    overtaken: bool,
) -> Result<DisconnectPage, Failed> {
    let Signed { account, frame, .. } = signed;
    let asked = tokio::try_join!(account.preview(&service), account.connections());
    let (preview, connections) = match asked {
        Err(status) if status.code() == Code::NotFound => return Err(Failed::NotFound),
        asked => asked?,
    };
    let mut known = connections
        .connections
        .into_iter()
        .filter_map(|c| c.service);
    let known = known.find(|known| known.name == service);
    let label = known.map_or_else(|| service.clone(), |known| known.label);
    Ok(DisconnectPage::new(
        frame,
        (service, label),
        preview,
        overtaken,
    ))
}

fn read(fields: &Fields) -> Result<(Wish, Seen), Unreadable> {
    let seen = fields::first(fields, "seen").ok_or(Unreadable)?;
    Ok((Wish::parse(fields)?, seen.parse()?))
}

/// What a query searches for.
fn search(query: Option<&str>) -> String {
    let fields = fields::parse(query.unwrap_or_default().as_bytes());
    let q = fields::first(&fields, "q").unwrap_or_default();
    q.trim().chars().take(MAX_SEARCH).collect()
}

/// To the page that a wish came from, at the attribute's place.
fn back(name: &str, one: bool, q: &str, done: Option<&Done>) -> Response {
    let to = if one {
        format!("/account/attributes/{name}/")
    } else {
        format!("/account/attributes/{}#a-{name}", view::query(q))
    };
    redirect(&to, done)
}

fn redirect(to: &str, done: Option<&Done>) -> Response {
    let mut response = Redirect::to(to).into_response();
    if let Some(cookie) = done.and_then(|d| HeaderValue::try_from(super::standin::cookie(d)).ok()) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

fn html(status: StatusCode, page: &impl Template) -> Result<Response, Failed> {
    let text = page.render().map_err(|_| Failed::Unrenderable)?;
    Ok((status, Html(text)).into_response())
}

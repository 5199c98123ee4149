//! `GET /api/2/attributes/ownership/watch/`: an answer that has no end.

mod form;
mod stream;

use super::{
    Gateway,
    call::{Call, Callers},
};
use crate::{
    proto::{WatchOwnershipRequest, WatchOwnershipResponse, watch_ownership_request::After},
    rest::{Problem, Query, number, wrong},
    serve::Stopping,
};
use axum::{
    extract::{Request, State},
    response::Response,
};
use form::Form;
use http::{HeaderMap, request::Parts};
use prost_types::Duration;
use tonic::{Request as Message, Status, Streaming};

/// What a browser sends when it connects again: the id of the last event that it has.
const LAST_EVENT_ID: &str = "last-event-id";

/// The shortest and the longest silence that can be asked for, in seconds.
const HEARTBEAT: (u64, u64) = (1, 3600);

pub(super) async fn handle(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let call = Call::new(&parts, &gateway.config)?;
    let wire = wire(&parts);
    let (request, form) = gateway.checked(&call, Callers::Internal, wire).await?;
    let stopping = Stopping::of(&parts.extensions);
    let opened = open(&gateway, call.without_end(request));
    let opened = stopping.unless(opened).await;
    let (first, rest) = opened.ok_or_else(Problem::shutting_down)??;
    Ok(form.answer(stream::parts(first, rest, stopping)))
}

/// Waits for the first message, which comes at once: an error before it can still be the answer's status.
async fn open(
    gateway: &Gateway,
    request: Message<WatchOwnershipRequest>,
) -> Result<(WatchOwnershipResponse, Streaming<WatchOwnershipResponse>), Problem> {
    let mut service = gateway.service.clone();
    let mut messages = service.watch_ownership(request).await?.into_inner();
    let first = messages.message().await?;
    let first = first.ok_or_else(|| Status::unavailable("a watch ended before it began"))?;
    Ok((first, messages))
}

/// The call that the request asks for, and the form of its answer.
fn wire(parts: &Parts) -> Result<(WatchOwnershipRequest, Form), Problem> {
    let form = Form::of(&parts.headers)?;
    let query = Query::of(&parts.uri);
    let user = query.last("user").unwrap_or_default().to_owned();
    let after_of_query = after(&query, &user)?;
    let last = last_event_id(&parts.headers)?;
    let request = WatchOwnershipRequest {
        user,
        // The header wins: a browser connects again with the address that it began with.
        after: last.map(After::Cursor).or(after_of_query),
        services: query.all_names("service"),
        attributes: query.all_names("attribute"),
        heartbeat: heartbeat(&query)?,
    };
    Ok((request, form))
}

/// The point after which the query asks for events.
fn after(query: &Query<'_>, user: &str) -> Result<Option<After>, Problem> {
    let cursor = query.last("cursor").filter(|cursor| !cursor.is_empty());
    match (query.count("revision")?, cursor) {
        (Some(_), Some(_)) => Err(Problem::bad_request(
            "Of the parameters 'revision' and 'cursor' only one can be given.",
        )),
        (Some(_), None) if user.is_empty() => Err(Problem::bad_request(
            "Parameter 'revision' is of one user: it needs 'user'.",
        )),
        (Some(revision), None) => Ok(Some(After::Revision(revision))),
        (None, cursor) => Ok(cursor.map(|cursor| After::Cursor(cursor.to_owned()))),
    }
}

/// The cursor in the header. An empty one is none: a browser has it before the first event.
fn last_event_id(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut values = headers.get_all(LAST_EVENT_ID).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    let text = text.ok_or_else(|| {
        Problem::bad_request("Header 'Last-Event-ID' must be a cursor, and there once.")
    })?;
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn heartbeat(query: &Query<'_>) -> Result<Option<Duration>, Problem> {
    let Some(text) = query.last("heartbeat") else {
        return Ok(None);
    };
    let (shortest, longest) = HEARTBEAT;
    let seconds = number(text).filter(|seconds| (shortest..=longest).contains(seconds));
    let seconds = seconds.and_then(|seconds| i64::try_from(seconds).ok());
    let expected = format!("a number of seconds from {shortest} to {longest}");
    let seconds = seconds.ok_or_else(|| wrong("heartbeat", &expected, text))?;
    Ok(Some(Duration { seconds, nanos: 0 }))
}

#[cfg(test)]
mod tests;

//! The two forms of a watch, and which one a reader accepts (RFC 9110, section 12.5.1).

use super::stream::Part;
use crate::rest::{Problem, text};
use axum::{
    body::Body,
    response::{IntoResponse as _, Response, Sse, sse},
};
use futures_util::{Stream, StreamExt as _};
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE},
};
use std::convert::Infallible;

/// How messages are written, one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Server-sent events, which browsers read and resume by themselves.
    Events,
    /// A JSON object a line.
    Lines,
}

const EVENTS: &str = "text/event-stream";
const LINES: &str = "application/x-ndjson";

/// Nobody on the way keeps it, or holds it back until there is more.
const HEADERS: [(HeaderName, HeaderValue); 2] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("x-accel-buffering"),
        HeaderValue::from_static("no"),
    ),
];

impl Form {
    /// The form that the reader would rather have; of two that it likes alike, events.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let lines = headers.get_all(ACCEPT).iter();
        let lines: Vec<_> = lines.filter_map(|line| line.to_str().ok()).collect();
        let accept = lines.join(",");
        if accept.trim().is_empty() {
            return Ok(Self::Events);
        }
        match (quality(&accept, EVENTS), quality(&accept, LINES)) {
            (0, 0) => Err(Problem::not_acceptable(&format!("{EVENTS} or {LINES}"))),
            (events, lines) if events >= lines => Ok(Self::Events),
            _ => Ok(Self::Lines),
        }
    }

    /// The parts as an answer.
    pub(super) fn answer(self, parts: impl Stream<Item = Part> + Send + 'static) -> Response {
        match self {
            Self::Events => {
                let events = parts.map(|part| Ok::<_, Infallible>(event(&part)));
                (HEADERS, Sse::new(events)).into_response()
            }
            Self::Lines => {
                let lines = parts.map(|part| Ok::<_, Infallible>(line(&part)));
                let content_type = [(CONTENT_TYPE, LINES)];
                (HEADERS, content_type, Body::from_stream(lines)).into_response()
            }
        }
    }
}

/// How much a media type is liked, in thousandths; 0 is not at all. The range that fits it most narrowly tells.
fn quality(accept: &str, media_type: &str) -> u16 {
    let (kind, _) = media_type.split_once('/').unwrap_or_default();
    let ranges = accept.split(',').filter_map(|element| {
        let mut parts = element.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default().to_ascii_lowercase();
        let narrowness = match range.strip_suffix("/*") {
            _ if range == media_type => 3,
            Some(of) if of == kind => 2,
            Some("*") => 1,
            _ => return None,
        };
        Some((narrowness, thousandths(parts)))
    });
    ranges.max().map_or(0, |(_, quality)| quality)
}

/// The weight among the parameters of a range: `q=0.5`. One that is none is as if it were not there.
fn thousandths<'a>(mut parameters: impl Iterator<Item = &'a str>) -> u16 {
    let weight = parameters.find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let is_weight = name.trim().eq_ignore_ascii_case("q");
        is_weight.then(|| value.trim())
    });
    let weight = weight.and_then(|text| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
        let whole: u16 = whole.parse().ok()?;
        (whole <= 1 && fraction.len() <= 3).then(|| (whole * 1000 + thousandths).min(1000))
    });
    weight.unwrap_or(1000)
}

fn event(part: &Part) -> sse::Event {
    let event = sse::Event::default();
    match part {
        Part::Event { cursor, object } => event.id(cursor).event("ownership").data(object),
        // Its id lets a reader go on from here, however long nothing happens.
        Part::Heartbeat { cursor } => event.id(cursor).event("heartbeat").data("{}"),
        Part::End { ending } => event.event("error").data(ending),
    }
}

fn line(part: &Part) -> String {
    match part {
        Part::Event { cursor, object } => {
            format!("{{\"cursor\":{},\"event\":{object}}}\n", text(cursor))
        }
        Part::Heartbeat { cursor } => format!("{{\"cursor\":{}}}\n", text(cursor)),
        Part::End { ending } => format!("{{\"error\":{ending}}}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(accept: &str) -> Option<Form> {
        let value = HeaderValue::from_str(accept).unwrap();
        Form::of(&HeaderMap::from_iter([(ACCEPT, value)])).ok()
    }

    #[test]
    fn the_form_is_the_one_that_is_accepted() {
        assert_eq!(Form::of(&HeaderMap::new()).unwrap(), Form::Events);
        for accept in [
            "",
            "*/*",
            "text/event-stream",
            "TEXT/Event-Stream; charset=utf-8",
            "text/*",
            "application/x-ndjson, text/event-stream",
            "application/x-ndjson;q=0.5, */*;q=0.8",
            "application/x-ndjson;q=0, */*",
            "text/html, */*;q=0.1",
            "*/*;q=nonsense",
        ] {
            assert_eq!(of(accept), Some(Form::Events), "{accept}");
        }
        for accept in [
            "application/x-ndjson",
            "application/*",
            "application/x-ndjson, */*;q=0.1",
            "text/event-stream;q=0, */*;q=0.001",
            "text/event-stream;q=0.25,application/x-ndjson; Q=0.3",
        ] {
            assert_eq!(of(accept), Some(Form::Lines), "{accept}");
        }
        for accept in [
            "application/json",
            "text/html",
            "nonsense",
            "*",
            "*/*;q=0",
            "text/event-stream;q=0.000",
        ] {
            assert_eq!(of(accept), None, "{accept}");
        }
    }
}

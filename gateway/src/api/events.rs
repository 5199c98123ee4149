//! `GET /api/2/attributes/ownership/events/`

use super::{
    Gateway, REVISION,
    call::{Call, Callers},
    event,
};
use crate::{
    config::Origin,
    proto::{ListOwnershipEventsRequest, ListOwnershipEventsResponse},
    rest::{self, Problem, Query, json, text, wrong},
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::Uri;
use prost_types::Timestamp;
use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The default and the largest `limit`.
const LIMIT: (u64, u64) = (100, 500);

#[derive(Serialize)]
struct Body<'a> {
    results: Vec<event::Object<'a>>,
    next: Option<String>,
    revision: i64,
    complete_after_revision: i64,
}

pub(super) async fn handle(
    State(gateway): State<Gateway>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let call = Call::new(&parts, &gateway.config)?;
    let wire = wire(&parts.uri);
    let request = gateway.checked(&call, Callers::Both, wire).await?;
    let mut service = gateway.service.clone();
    let page = service.list_ownership_events(call.request(request)).await?;
    let origin = rest::origin(&parts, &gateway.config).ok_or_else(Problem::internal)?;
    let page = page.into_inner();
    let body = text(&body(&page, &origin, &parts.uri));
    Ok(([(REVISION, page.revision)], json(body)).into_response())
}

/// The call that the query asks for. Whether a user must be named depends on who is asking, which the service knows.
fn wire(uri: &Uri) -> Result<ListOwnershipEventsRequest, Problem> {
    let query = Query::of(uri);
    let text = |name| query.last(name).unwrap_or_default().to_owned();
    Ok(ListOwnershipEventsRequest {
        user: text("user"),
        attribute: text("attribute"),
        after_revision: query.count("after")?.unwrap_or_default(),
        until: query.last("until").map(moment).transpose()?,
        newest_first: newest_first(&query)?,
        page_size: i32::try_from(query.limit(LIMIT)?).unwrap_or(i32::MAX),
        page_token: text("page_token"),
    })
}

fn moment(text: &str) -> Result<Timestamp, Problem> {
    let expected = "a time like 2026-01-31T12:00:00Z";
    let moment =
        OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong("until", expected, text))?;
    Ok(Timestamp {
        seconds: moment.unix_timestamp(),
        nanos: i32::try_from(moment.nanosecond()).unwrap_or_default(),
    })
}

fn newest_first(query: &Query<'_>) -> Result<bool, Problem> {
    match query.last("order").unwrap_or_default() {
        "" | "asc" => Ok(false),
        "desc" => Ok(true),
        other => Err(wrong("order", "asc or desc", other)),
    }
}

fn body<'a>(page: &'a ListOwnershipEventsResponse, origin: &Origin, uri: &Uri) -> Body<'a> {
    let token = Some(&page.next_page_token).filter(|token| !token.is_empty());
    Body {
        results: page.events.iter().map(event::Object::from).collect(),
        next: token.map(|token| rest::by_token(origin, uri, token)),
        revision: page.revision,
        complete_after_revision: page.complete_after_revision,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Result<ListOwnershipEventsRequest, Problem> {
        wire(&format!("/events/?{query}").parse().unwrap())
    }

    #[test]
    fn every_parameter_has_its_field() {
        let request = of(
            "user=ada&attribute=steps&after=7&until=2026-01-31T12:00:00.5%2B01:00&order=desc&limit=9&page_token=t",
        );
        let expected = ListOwnershipEventsRequest {
            user: "ada".to_owned(),
            attribute: "steps".to_owned(),
            after_revision: 7,
            until: Some(Timestamp {
                seconds: 1_769_857_200,
                nanos: 500_000_000,
            }),
            newest_first: true,
            page_size: 9,
            page_token: "t".to_owned(),
        };
        assert_eq!(request.unwrap(), expected);
        let usual = ListOwnershipEventsRequest {
            page_size: 100,
            ..ListOwnershipEventsRequest::default()
        };
        assert_eq!(of("").unwrap(), usual);
        assert_eq!(of("limit=501").unwrap().page_size, 500);
    }

    #[test]
    fn a_wrong_value_names_its_parameter() {
        for wrong in [
            "after=-1",
            "after=",
            "until=2026-01-31",
            "until=2026-01-31T12:00:00",
            "until=2026-01-31T12:00:00+01:00",
            "until=",
            "order=newest",
            "limit=0",
        ] {
            let problem = of(wrong).unwrap_err();
            let name = wrong.split('=').next().unwrap();
            assert!(
                format!("{problem:?}").contains(&format!("'{name}'")),
                "{problem:?}"
            );
        }
    }
}

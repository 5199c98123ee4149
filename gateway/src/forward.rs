//! What the gateway does not serve itself goes to another service of the platform: one address for its clients.

mod headers;
mod lent;

use crate::{
    config::{Config, Upstream},
    rest::{self, Problem},
};
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse as _, Response},
};
use http::{Method, StatusCode, Version, header::CONTENT_LENGTH, request::Parts};
use hyper::body::Incoming;
use hyper_util::{
    client::legacy::{Client, Error, connect::HttpConnector},
    rt::{TokioExecutor, TokioTimer},
};
use std::{error, sync::Arc, time::Duration};

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(2);

/// How long a connection that nobody uses is kept: less than servers commonly keep theirs, since a request that meets
/// a server's farewell on the way is lost.
const IDLE: Duration = Duration::from_secs(4);

/// How long an answer waits for a body to come back.
const MOMENT: Duration = Duration::from_secs(1);

/// The way to the service that answers what the gateway does not.
#[derive(Clone)]
pub(crate) struct Forward {
    client: Client<HttpConnector, Body>,
    upstream: Upstream,
    config: Arc<Config>,
}

impl Forward {
    pub(crate) fn new(upstream: Upstream, config: Arc<Config>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT));
        let mut builder = Client::builder(TokioExecutor::new());
        // What it sends again by itself is what was never sent: a request that was handed to a connection which had
        // ended.
        builder
            .retry_canceled_requests(true)
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE);
        Self {
            client: builder.build(connector),
            upstream,
            config,
        }
    }

    /// Passes the request on, and the answer back, both bit by bit as they come.
    pub(crate) async fn handle(self, request: Request) -> Result<Response, Problem> {
        // A tunnel to wherever it says.
        if request.method() == Method::CONNECT {
            return Err(Problem::not_found());
        }
        let (parts, body) = request.into_parts();
        let parts = match self.parts(parts) {
            Ok(parts) => parts,
            Err(problem) => {
                rest::drop_rest(body).await;
                return Err(problem);
            }
        };
        let (body, back) = lent::lend(body);
        let request = Request::from_parts(parts, body);
        match self.client.request(request).await {
            Ok(answer) => passed(answer),
            Err(error) => {
                // The client may still be sending.
                if let Ok(Ok(body)) = tokio::time::timeout(MOMENT, back).await {
                    rest::drop_rest(body).await;
                }
                Err(told(&error))
            }
        }
    }

    /// The request as it is passed on.
    fn parts(&self, mut parts: Parts) -> Result<Parts, Problem> {
        parts.headers = headers::of_request(&parts, &self.upstream, &self.config)?;
        parts.uri = self
            .upstream
            .uri(&parts.uri)
            .ok_or_else(Problem::internal)?;
        parts.version = Version::HTTP_11;
        parts.extensions.clear();
        Ok(parts)
    }
}

/// The answer as it is passed back.
fn passed(answer: Response<Incoming>) -> Result<Response, Problem> {
    let (mut head, body) = answer.into_parts();
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        tracing::warn!("the upstream switched to a protocol that it was not asked for");
        return Err(Problem::unavailable());
    }
    headers::remove_hop_by_hop(&mut head.headers);
    let body = Body::new(body);
    // A body that knows its length tells it, and that of an answer to a HEAD is none.
    let body = if head.headers.contains_key(CONTENT_LENGTH) {
        body
    } else {
        Body::from_stream(body.into_data_stream())
    };
    let mut answer = (head.status, body).into_response();
    *answer.headers_mut() = head.headers;
    Ok(answer)
}

/// What the client is told of an answer that did not come. Why it did not is for the log.
fn told(error: &Error) -> Problem {
    let causes = causes(error);
    let is_of_client = causes.iter().any(|cause| {
        let cause = cause.downcast_ref::<hyper::Error>();
        cause.is_some_and(hyper::Error::is_user)
    });
    let texts: Vec<_> = causes.iter().map(ToString::to_string).collect();
    let error = texts.join(": ");
    if is_of_client {
        tracing::debug!(error, "a body broke off");
        return Problem::unreadable_body();
    }
    tracing::warn!(error, "the upstream gave no answer");
    Problem::unavailable()
}

/// The error, and what caused it.
fn causes(error: &Error) -> Vec<&(dyn error::Error + 'static)> {
    let mut causes: Vec<&(dyn error::Error + 'static)> = vec![error];
    while let Some(cause) = causes.last().and_then(|error| error.source()) {
        causes.push(cause);
    }
    causes
}

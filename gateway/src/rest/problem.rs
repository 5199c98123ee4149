//! Every answer that is an error about the whole request: a status and `{"detail": "<one sentence>"}`.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use std::time::Duration;

/// An error about the whole request. Nothing was changed by a 4xx.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    /// What OAuth 2.0 calls it, where that is spoken.
    error: Option<&'static str>,
    /// What the service calls it, if it is the service's.
    reason: Option<String>,
    /// The oldest point that a reader of the ledger can still go on from.
    oldest: Option<Box<str>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// In a box: most are made where nobody knows it.
    asker: Option<Box<Asker>>,
}

/// Who asked, as far as it is known where a problem is found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asker {
    /// `service:oura`, `user`, `internal:values`.
    pub(crate) principal: Option<String>,
    /// For whom.
    pub(crate) user: Option<String>,
}

/// A request that was refused here, for the log: it stays in the extensions of the answer. What another service refuses,
/// that one logs.
#[derive(Debug, Clone)]
pub(crate) struct Refused {
    pub(crate) asker: Asker,
    pub(crate) detail: String,
}

/// A problem as the body of an answer.
#[derive(Serialize)]
struct Body<'a> {
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest: Option<&'a str>,
}

/// A problem that ends a stream, whose answer began well.
#[derive(Serialize)]
struct Ending<'a> {
    status: u16,
    detail: &'a str,
    reason: Option<&'a str>,
    cursor: &'a str,
}

/// What a client is told to do its authentication with (RFC 6750, section 3).
const CHALLENGE: &str = "Bearer realm=\"api\"";
const CHALLENGE_INVALID: &str = "Bearer realm=\"api\", error=\"invalid_token\"";

impl Problem {
    /// An error with this status and this sentence.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            error: None,
            reason: None,
            oldest: None,
            headers: Vec::new(),
            asker: None,
        }
    }

    fn with(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.push((name, HeaderValue::from_static(value)));
        self
    }

    /// 400: the request makes no sense.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn unreadable_body() -> Self {
        Self::bad_request("The request body could not be read.")
    }

    /// 403: the token is good, and not for this.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail)
    }

    /// 404: there is no such path.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not found.")
    }

    /// 404: there is no such page.
    #[must_use]
    pub fn invalid_page() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Invalid page.")
    }

    pub(crate) fn method_not_allowed(method: &http::Method, allow: &'static str) -> Self {
        let detail = format!("Method \"{method}\" not allowed.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, detail).with(header::ALLOW, allow)
    }

    /// 401: the request has no bearer token.
    #[must_use]
    pub fn no_credentials() -> Self {
        let detail = "Authentication credentials were not provided.";
        Self::new(StatusCode::UNAUTHORIZED, detail).with(header::WWW_AUTHENTICATE, CHALLENGE)
    }

    /// 401: its token is not a good one.
    #[must_use]
    pub fn invalid_token() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "Invalid token")
            .with(header::WWW_AUTHENTICATE, CHALLENGE_INVALID)
    }

    /// 403: the token is not an OAuth2 client's. The words of the service, which refuses such a caller where the
    /// request is right.
    #[must_use]
    pub fn not_a_client() -> Self {
        Self::forbidden("This token is not an OAuth2 client's; only a service can do this.")
    }

    /// As [`Self::not_a_client`].
    pub(crate) fn not_a_user() -> Self {
        Self::forbidden("This token is not a user's own; only the user can do this.")
    }

    /// 412: what the request was made for is not so any more.
    pub(crate) fn changed_meanwhile() -> Self {
        let detail = "It was changed meanwhile.";
        Self::new(StatusCode::PRECONDITION_FAILED, detail)
    }

    /// As [`Self::not_a_client`].
    pub(crate) fn not_internal() -> Self {
        Self::forbidden("This token is not an internal service's; only such a service can do this.")
    }

    pub(crate) fn not_acceptable(offered: &str) -> Self {
        let detail = format!("The answer can be {offered}, none of which is accepted.");
        Self::new(StatusCode::NOT_ACCEPTABLE, detail)
    }

    pub(crate) fn unsupported_media_type(media_type: &str) -> Self {
        let detail = format!("Unsupported media type \"{media_type}\" in request.");
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        let detail = format!("Request body is larger than {limit} bytes.");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, detail)
    }

    pub(crate) fn headers_too_large(limit: usize) -> Self {
        let detail = format!("Request headers are larger than {limit} bytes.");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, detail)
    }

    /// 504: the time is over.
    #[must_use]
    pub fn time_limit() -> Self {
        let detail = "The request took longer than it may.";
        Self::new(StatusCode::GATEWAY_TIMEOUT, detail)
    }

    /// 503: whoever is needed for the answer is out of reach. Why, which says how this deployment is wired, is for the log.
    #[must_use]
    pub fn unavailable() -> Self {
        let detail = "The service cannot answer now; try again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail).retry_after(Duration::from_secs(1))
    }

    /// 503: more requests at once than there may be. The reason is the service's, which says so as well.
    pub(crate) fn overloaded() -> Self {
        let detail = "too much is under way here; try again";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
            .with_reason("OVERLOADED")
            .retry_after(Duration::from_secs(1))
    }

    /// This gateway stops, and ends what would have no end. The reason is the service's, which says so as well.
    pub(crate) fn shutting_down() -> Self {
        let detail = "This instance is shutting down; connect again.";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
            .with_reason("SHUTTING_DOWN")
            .retry_after(Duration::from_secs(1))
    }

    /// 500: what the client need not know, and the log tells.
    #[must_use]
    pub fn internal() -> Self {
        let detail = "Something went wrong on our side.";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
    }

    /// Says what OAuth 2.0 calls it (RFC 6749, section 5.2).
    #[must_use]
    pub fn with_error(mut self, error: &'static str) -> Self {
        self.error = Some(error);
        self
    }

    pub(crate) fn with_reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub(crate) fn asked_by(mut self, asker: Asker) -> Self {
        self.asker = Some(Box::new(asker));
        self
    }

    /// Says what a reader can still go on from, if it is known.
    pub(crate) fn with_oldest(mut self, oldest: Option<String>) -> Self {
        self.oldest = oldest.map(String::into_boxed_str);
        self
    }

    /// What a reader is told whose stream this ends, and from where it can go on, as JSON text.
    pub(crate) fn ending(&self, cursor: &str) -> String {
        text(&Ending {
            status: self.status.as_u16(),
            detail: &self.detail,
            reason: self.reason.as_deref(),
            cursor,
        })
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    /// Gives another answer that tells the same what a program and the log need of it.
    pub(crate) fn mark(self, response: &mut Response) {
        response.headers_mut().extend(self.headers);
        if self.reason.is_none() {
            response.extensions_mut().insert(Refused {
                asker: self.asker.map(|asker| *asker).unwrap_or_default(),
                detail: self.detail,
            });
        }
    }

    /// Says when to come back, in whole seconds, at least one.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let value = HeaderValue::from(seconds.max(1));
        self.headers.push((header::RETRY_AFTER, value));
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = text(&Body {
            detail: &self.detail,
            error: self.error,
            oldest: self.oldest.as_deref(),
        });
        let mut response = (self.status, json(body)).into_response();
        self.mark(&mut response);
        response
    }
}

/// A body of JSON text.
#[must_use]
pub fn json(text: String) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text)
}

/// A value of strings, numbers and booleans alone as JSON text: there is nothing that JSON lacks.
pub fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

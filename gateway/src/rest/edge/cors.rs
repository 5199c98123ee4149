//! Pages from elsewhere may call the API with a token of their own, and never with credentials of the browser.

use axum::{extract::Request, middleware::Next, response::Response};
use http::{HeaderMap, HeaderValue, Method, header};

/// The headers that a page may read, and those that it may send.
struct Headers {
    exposed: &'static str,
    allowed: &'static str,
}

/// `Last-Event-ID` need not be here: an `EventSource` sends it without a preflight.
const USUAL: Headers = Headers {
    exposed: "X-Request-Id, X-Ownership-Revision",
    allowed: "Authorization, Content-Type, Idempotency-Key",
};

/// Where answers have entity tags, and requests are conditional on them.
const OF_ACCOUNT: Headers = Headers {
    exposed: "X-Request-Id, X-Ownership-Revision, ETag",
    allowed: "Authorization, Content-Type, Idempotency-Key, If-Match",
};

/// Opens `/api/2/` to every origin, and answers what a preflight asks.
pub(super) async fn open(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_api = path.starts_with("/api/2/");
    let is_account = path.starts_with("/api/2/account/");
    let Headers { exposed, allowed } = if is_account { OF_ACCOUNT } else { USUAL };
    let is_options = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    if is_api {
        let headers = response.headers_mut();
        set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        // An upstream may have said otherwise.
        headers.remove(header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
        set(headers, header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        if is_options {
            if let Some(allow) = headers.get(header::ALLOW).cloned() {
                headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, allow);
            }
            set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
            set(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
        }
    }
    response
}

fn set(headers: &mut HeaderMap, name: header::HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

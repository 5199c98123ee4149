//! A service behind the gateway, which tells what it was sent.

use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use http::{StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Map, Value, json};
use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::TcpListener;

/// A service that runs.
pub struct Service {
    pub address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl Service {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(AtomicUsize::new(0));
        let router = Router::new()
            .route("/back", any(async |body: Body| body))
            .route("/never", any(std::future::pending::<()>))
            .route("/status/{status}", any(status))
            .route("/odd", get(odd))
            .route("/sized", get("ten bytes."))
            .route("/unsized", get(unsized_body))
            .route("/api/2/attributes/values/", any(preflight))
            .fallback(tell)
            .layer(axum::middleware::from_fn_with_state(
                Arc::clone(&asked),
                count,
            ));
        let (never, at_once) = (std::future::pending(), Duration::ZERO);
        tokio::spawn(tenure_gateway::serve(listener, router, never, at_once));
        Self { address, asked }
    }

    /// How many requests came here.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

async fn count(
    State(asked): State<Arc<AtomicUsize>>,
    request: Request,
    next: axum::middleware::Next,
) -> Response {
    asked.fetch_add(1, Ordering::Relaxed);
    next.run(request).await
}

/// What came here: the method, the target, every header with its values, the body.
async fn tell(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut headers = Map::new();
    for name in parts.headers.keys() {
        let values = parts.headers.get_all(name).iter();
        let values: Vec<_> = values.map(|value| value.to_str().unwrap()).collect();
        headers.insert(name.to_string(), json!(values));
    }
    let told = json!({
        "method": parts.method.as_str(),
        "target": parts.uri.to_string(),
        "headers": Value::Object(headers),
        "body": String::from_utf8_lossy(&body),
    });
    ([("x-upstream", "was here")], told.to_string()).into_response()
}

async fn status(Path(status): Path<u16>) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    let headers = [("x-upstream", "was here"), ("retry-after", "7")];
    (status, headers, "its own words").into_response()
}

/// An answer with what is between neighbours.
async fn odd() -> Response {
    let headers = [
        ("connection", "X-Named, keep-alive"),
        ("x-named", "secret"),
        ("keep-alive", "timeout=5"),
        ("proxy-authenticate", "Basic"),
        ("trailer", "x-end"),
        ("upgrade", "websocket"),
        ("x-request-id", "its-own"),
        ("x-kept", "yes"),
    ];
    (headers, "odd").into_response()
}

/// A body that does not know its length.
async fn unsized_body() -> Body {
    let parts = ["fi", "ve!"].map(Ok::<_, Infallible>);
    Body::from_stream(tokio_stream::iter(parts))
}

/// What a page from elsewhere asks first.
async fn preflight() -> Response {
    let headers = [
        (header::ALLOW, "GET, HEAD, OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "https://one.example"),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, "true"),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

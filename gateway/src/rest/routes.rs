//! Paths and methods.

use super::{body, problem::Problem};
use axum::{
    Router,
    body::Body,
    handler::Handler,
    response::IntoResponse as _,
    routing::{MethodRouter, get, post},
};
use http::{HeaderValue, Method, StatusCode, header::ALLOW};

/// The path with its last slash, and without: served, not redirected. `path` is the one without.
pub fn both<S>(router: Router<S>, path: &str, methods: &MethodRouter<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router
        .route(path, methods.clone())
        .route(&format!("{path}/"), methods.clone())
}

/// What is posted to, and answers every other method as the contract says.
pub fn posted<T, S>(handler: impl Handler<T, S>) -> MethodRouter<S>
where
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    closed(post(handler), "POST, OPTIONS")
}

/// What is got, and answers every other method as the contract says.
pub fn got<T, S>(handler: impl Handler<T, S>) -> MethodRouter<S>
where
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    closed(get(handler), "GET, HEAD, OPTIONS")
}

/// Answers every other method: `OPTIONS` without credentials, the rest with 405.
fn closed<S>(methods: MethodRouter<S>, allow: &'static str) -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
{
    let options = async move || {
        let headers = [(ALLOW, HeaderValue::from_static(allow))];
        (StatusCode::NO_CONTENT, headers).into_response()
    };
    methods
        .options(options)
        .fallback(async move |method: Method, body: Body| {
            body::drop_rest(body).await;
            Problem::method_not_allowed(&method, allow)
        })
}

/// The handler of every other path: 404.
pub async fn not_found(body: Body) -> Problem {
    body::drop_rest(body).await;
    Problem::not_found()
}

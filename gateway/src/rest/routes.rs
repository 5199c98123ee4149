//! Paths and methods.

use super::{body, problem::Problem};
use axum::{
    Router,
    body::Body,
    extract::{FromRequestParts, RawPathParams},
    handler::Handler,
    response::IntoResponse as _,
    routing::{self, MethodRouter, get, post},
};
use http::{HeaderValue, Method, StatusCode, header::ALLOW, request::Parts};

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

/// What is put, and answers every other method as the contract says.
pub fn put<T, S>(handler: impl Handler<T, S>) -> MethodRouter<S>
where
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    closed(routing::put(handler), "PUT, OPTIONS")
}

/// What is deleted, and answers every other method as the contract says.
pub fn deleted<T, S>(handler: impl Handler<T, S>) -> MethodRouter<S>
where
    T: 'static,
    S: Clone + Send + Sync + 'static,
{
    closed(routing::delete(handler), "DELETE, OPTIONS")
}

/// The one name in a path. What is not UTF-8 names nothing: 404.
pub struct Name(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Name {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let names = RawPathParams::from_request_parts(parts, state).await;
        let names = names.map_err(|_| Problem::not_found())?;
        let name = names.iter().next().map(|(_, name)| Self(name.to_owned()));
        name.ok_or_else(Problem::not_found)
    }
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

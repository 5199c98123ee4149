//! The endpoints, and what they share.

mod acquire;
mod attribute;
mod attributes;
mod batch;
mod body;
mod call;
mod create;
mod event;
mod events;
mod idempotency;
mod item;
mod links;
mod owned;
mod page;
mod query;
mod release;
mod templates;
mod watch;

use crate::{
    config::Config, edge, problem::Problem,
    proto::attribute_ownership_client::AttributeOwnershipClient,
};
use axum::{
    Router,
    body::Body,
    handler::Handler,
    http::{HeaderValue, Method, StatusCode, header::ALLOW},
    response::IntoResponse as _,
    routing::{MethodRouter, get, post},
};
use std::sync::Arc;
use tonic::transport::Channel;

/// The header that tells the user's revision.
const REVISION: &str = "x-ownership-revision";

/// What every handler works with.
#[derive(Clone)]
struct Gateway {
    service: AttributeOwnershipClient<Channel>,
    config: Arc<Config>,
}

/// The REST API in front of the service at the other end of `channel`.
pub fn router(channel: Channel, config: Config) -> Router {
    let config = Arc::new(config);
    let gateway = Gateway {
        service: AttributeOwnershipClient::new(channel),
        config: Arc::clone(&config),
    };
    let router = Router::new();
    let router = both(
        router,
        "/api/2/attributes/acquire",
        &posted(acquire::handle),
    );
    let router = both(router, "/api/2/attributes/create", &posted(create::handle));
    let router = both(
        router,
        "/api/2/attributes/release",
        &posted(release::handle),
    );
    let router = both(router, "/api/2/attributes/owned", &got(owned::handle));
    let router = both(router, "/api/2/attributes", &got(attributes::handle));
    let router = both(
        router,
        "/api/2/attributes/templates",
        &got(templates::handle),
    );
    let router = both(
        router,
        "/api/2/attributes/ownership/events",
        &got(events::handle),
    );
    let router = both(
        router,
        "/api/2/attributes/ownership/watch",
        &got(watch::handle),
    );
    let router = router.fallback(not_found).with_state(gateway);
    edge::around(router, &config)
}

/// The path with its last slash, and without: served, not redirected.
fn both(router: Router<Gateway>, path: &str, methods: &MethodRouter<Gateway>) -> Router<Gateway> {
    router
        .route(path, methods.clone())
        .route(&format!("{path}/"), methods.clone())
}

fn posted<T: 'static>(handler: impl Handler<T, Gateway>) -> MethodRouter<Gateway> {
    closed(post(handler), "POST, OPTIONS")
}

fn got<T: 'static>(handler: impl Handler<T, Gateway>) -> MethodRouter<Gateway> {
    closed(get(handler), "GET, HEAD, OPTIONS")
}

/// Answers every other method: `OPTIONS` without credentials, the rest with 405.
fn closed(methods: MethodRouter<Gateway>, allow: &'static str) -> MethodRouter<Gateway> {
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

async fn not_found(body: Body) -> Problem {
    body::drop_rest(body).await;
    Problem::not_found()
}

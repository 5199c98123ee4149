//! The endpoints, and what they share beyond what every service does.

mod account;
mod acquire;
mod attribute;
mod attributes;
mod batch;
mod call;
mod create;
mod event;
mod events;
mod owned;
mod release;
mod revoke;
mod templates;
mod watch;

use crate::{
    config::Config,
    forward::Forward,
    page,
    proto::{
        attribute_ownership_client::AttributeOwnershipClient, registry_client::RegistryClient,
    },
    rest::{around, both, got, not_found, posted},
};
use axum::{Router, extract::Request};
use std::sync::Arc;
use tonic::transport::Channel;

/// The header that tells the user's revision.
const REVISION: &str = "x-ownership-revision";

/// What every handler works with.
#[derive(Clone)]
struct Gateway {
    service: AttributeOwnershipClient<Channel>,
    registry: RegistryClient<Channel>,
    users: crate::account::Stub,
    config: Arc<Config>,
}

/// The REST API in front of the service at the other end of `channel`.
pub fn router(channel: Channel, config: Config) -> Router {
    let config = Arc::new(config);
    let pages = page::routes(&channel, &config);
    let gateway = Gateway {
        service: AttributeOwnershipClient::new(channel.clone()),
        registry: RegistryClient::new(channel.clone()),
        users: crate::account::stub(channel),
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
    let router = router.merge(account::routes());
    let router = both(router, "/oauth2/revoke", &posted(revoke::handle));
    let router = elsewhere(router, &config).with_state(gateway).merge(pages);
    page::protected(around(router, &config), &config)
}

/// What is served here, and for every other path whoever answers it.
fn elsewhere(router: Router<Gateway>, config: &Arc<Config>) -> Router<Gateway> {
    let Some(upstream) = config.upstream.clone() else {
        return router.fallback(not_found);
    };
    let forward = Forward::new(upstream, Arc::clone(config));
    router.fallback(async move |request: Request| forward.clone().handle(request).await)
}

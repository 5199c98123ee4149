//! The user's attributes page.
//!
//! - `session` is who is signed in, `sign_in` and `sign_out` how that begins and ends; `next` where one goes on to;
//! - `flow` is signing in at a provider, `openid` what that is asked;
//! - `attributes`, `attribute` and `connection` are the pages: `view` lays them out;
//! - `wish` is what a form asks for, `seen` what its user had before them, `change` and `done` what becomes of it;
//! - `cookies` is what a browser keeps of it, `signed` how that is known to be ours; `form` and `fields` what comes back from a page,
//!   `csrf` how that is known to be of this session;
//! - `signed_in` is all that a handler needs;
//! - `answers` is what every answer has in common, `notice` a page that tells one thing.

mod answers;
mod assets;
mod attribute;
mod attributes;
mod change;
mod connection;
mod cookies;
mod csrf;
mod done;
mod fields;
mod flow;
mod form;
mod frame;
mod next;
mod notice;
mod openid;
mod seen;
mod session;
mod sign_in;
mod sign_out;
mod signed;
mod signed_in;
mod view;
mod wish;

use crate::{
    account, ambient,
    config::{Config, Page, SignIn},
    rest::Problem,
};
use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use http::{StatusCode, Uri};
use notice::Notice;
use openid::OpenId;
use signed::Key;
use std::{fmt, sync::Arc};
use tonic::transport::Channel;
use tower_http::{
    compression::CompressionLayer,
    csrf::{CsrfLayer, ProtectionError},
};

/// What every handler works with.
pub(crate) struct Pages {
    channel: Channel,
    stub: account::Stub,
    config: Arc<Config>,
    settings: Page,
    key: Key,
    /// Where people sign in, unless by links.
    openid: Option<OpenId>,
}

impl fmt::Debug for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pages(..)")
    }
}

impl Pages {
    fn new(channel: Channel, config: &Arc<Config>, settings: Page) -> Self {
        let key = match &settings.session_key {
            Some(key) => Key::new(key),
            None => Key::of_bytes(&ambient::bits().expect("the system has randomness")),
        };
        let openid = match &settings.sign_in {
            SignIn::Links => None,
            SignIn::Provider(provider) => Some(OpenId::new(provider.clone())),
        };
        Self {
            stub: account::stub(channel.clone()),
            channel,
            openid,
            config: Arc::clone(config),
            settings,
            key,
        }
    }
}

/// The page below `/account/`, if there is to be one.
pub(crate) fn routes(channel: &Channel, config: &Arc<Config>) -> Router {
    let Some(settings) = config.page.clone() else {
        return Router::new();
    };
    let pages = Arc::new(Pages::new(channel.clone(), config, settings));
    let own = Router::new()
        .route("/account/attributes/", get(attributes::handle))
        .route(
            "/account/attributes/{name}/",
            get(attribute::get).post(attribute::post),
        )
        .route(
            "/account/connections/{service}/",
            get(connection::get).post(connection::post),
        )
        .route("/account/sign-out/", post(sign_out::handle))
        .route_layer(from_fn_with_state(Arc::clone(&pages), session::required));
    let open = Router::new()
        .route("/account", get(home))
        .route("/account/", get(home))
        .route("/account/sign-in/", get(sign_in::handle))
        .route("/account/signed-in/", get(flow::handle))
        .route("/account/assets/{file}", get(assets::handle))
        .route("/account/{*rest}", get(elsewhere).post(not_found));
    own.merge(open)
        .method_not_allowed_fallback(not_allowed)
        .layer(forms_from_here(config))
        .layer(CompressionLayer::new())
        .with_state(pages)
}

/// Refuses what another site has a browser send, by what the browser says of it.
fn forms_from_here(config: &Config) -> CsrfLayer<fn(ProtectionError) -> Response> {
    let layer = CsrfLayer::new();
    let known = config.public_origin.as_ref().map(ToString::to_string);
    let layer = match known.map(|origin| layer.clone().add_trusted_origin(origin)) {
        Some(Ok(trusting)) => trusting,
        _ => layer,
    };
    layer.with_rejection_response(|_| answers::from_elsewhere())
}

/// Protects the answers of the page, whoever gives them.
pub(crate) fn protected(router: Router, config: &Config) -> Router {
    if config.page.is_none() {
        return router;
    }
    router.layer(from_fn(answers::protected))
}

async fn home() -> Response {
    session::redirect(next::HOME)
}

/// A path without its last slash is one that people write; anything else is nothing.
async fn elsewhere(uri: Uri) -> Response {
    let (path, query) = (uri.path(), uri.query());
    if path.ends_with('/') || path.starts_with("/account/assets/") {
        return Notice::not_found().into_response();
    }
    let query = query.map(|query| format!("?{query}"));
    session::redirect(&format!("{path}/{}", query.unwrap_or_default()))
}

async fn not_found() -> Notice {
    Notice::not_found()
}

async fn not_allowed() -> Notice {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This method is not for that.",
    )
    .into()
}

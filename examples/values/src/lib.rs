//! A value service: it stores the values of attributes, each under the fence of its owner. It is the pattern for any
//! service of a platform that stores what Tenure says who may write; `docs/writing-safely.md` walks through it.
//!
//! - `update` is the way of a write, from the request to the commit; `values` that of a page of values;
//! - `platform` is what it asks Tenure: who is asking, and what attributes are;
//! - `store` has the tables, the fence, the answers that are kept and the statements; `value` what each type takes.
//!
//! The REST conventions (bodies, items, errors, pages) are those of the gateway, and so its library's.

mod platform;
mod store;
mod update;
mod value;
mod values;

pub use store::Store;

use axum::Router;
use platform::Platform;
use std::sync::Arc;
use tenure_client::{Client, GuardOptions, WriteGuard};
use tenure_gateway::{
    Config,
    rest::{Problem, around, both, got, not_found, posted},
};
use time::OffsetDateTime;
use update::{increment, update};

/// What is there, or what a client is told about its whole request.
type Answer<T> = Result<T, Problem>;

/// What every handler works with.
#[derive(Clone)]
struct Values {
    platform: Platform,
    guard: WriteGuard,
    store: Store,
    config: Arc<Config>,
}

/// The endpoints `update`, `increment` and `values` below `/api/2/attributes/`, for values that are kept in `store`. It
/// asks Tenure as an internal service, through `client`.
pub fn router(client: Client, store: Store, config: Config) -> Router {
    let config = Arc::new(config);
    let values = Values {
        guard: WriteGuard::new(client.clone(), guard_options()),
        platform: Platform(client),
        store,
        config: Arc::clone(&config),
    };
    let router = Router::new();
    let router = both(router, "/api/2/attributes/update", &posted(update));
    let router = both(router, "/api/2/attributes/increment", &posted(increment));
    let router = both(router, "/api/2/attributes/values", &got(values::list));
    around(router.fallback(not_found).with_state(values), &config)
}

/// A write is asked for by a client that owns the attribute now, and that is told if it does not: whatever was asked for
/// before ownership moved must not be written after it, even if it came back. So nothing is remembered or tried again.
fn guard_options() -> GuardOptions {
    GuardOptions {
        max_age: std::time::Duration::ZERO,
        retry_fenced: false,
        // "An attribute that is switched off still takes values from its owner" (`contract-around.md`).
        while_inactive: true,
        ..GuardOptions::default()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

#[cfg(doctest)]
#[doc = include_str!("../../../docs/writing-safely.md")]
struct WritingSafely;

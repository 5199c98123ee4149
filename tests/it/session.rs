//! Signing in to the user's page, and what a session is from then on.

mod answers;
mod browser;
mod csrf;
mod expiry;
mod flow;
mod id_token;
mod link;
mod refused;
mod secrets;
mod settings;
mod split;
mod tls;
pub mod world;

pub use browser::{Browser, Page};

use crate::harness::Tenure;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tenure::app::Config;
use tenure_gateway::{Clock, Page as Settings, SignIn};

const HOME: &str = "/account/attributes/";

/// Has people sign in by links.
fn by_links(config: &mut Config) {
    config.gateway.page = Some(Settings::new(SignIn::Links));
}

impl Tenure {
    /// A browser in which nobody has signed in.
    pub fn browser(&self) -> Browser {
        Browser::new(format!("http://{}", self.addresses.http))
    }

    /// A browser in which the user has signed in by a link, and the token of that.
    pub async fn signed_in(&self, user: &str) -> (Browser, String) {
        let token = self.own(user).await;
        let mut browser = self.browser();
        let page = browser
            .get(&format!("/account/sign-in/?token={token}"))
            .await;
        assert_eq!((page.status, page.location()), (303, HOME), "{page:?}");
        (browser, token)
    }
}

/// A clock that a test sets.
#[derive(Clone, Default)]
pub struct Time(Arc<AtomicU64>);

impl Time {
    fn clock(&self) -> Clock {
        let time = self.clone();
        Clock::new(move || time.0.load(Ordering::SeqCst))
    }

    fn pass(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

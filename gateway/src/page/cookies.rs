//! The cookies of the page: their names, their attributes, and what is signed of them.

use super::signed::Key;
use crate::config::Origin;
use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderMap, HeaderValue, header};
use serde::{Serialize, de::DeserializeOwned};

/// A cookie of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Who is signed in.
    Session,
    /// That somebody has gone to the provider to sign in.
    SigningIn,
    /// What the last change did.
    Done,
}

/// The cookies of one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cookies<'k> {
    key: &'k Key,
    is_https: bool,
}

impl<'k> Cookies<'k> {
    /// For whoever uses this origin.
    pub(super) fn new(key: &'k Key, origin: &Origin) -> Self {
        let is_https = origin.scheme() == "https";
        Self { key, is_https }
    }

    /// A browser takes a name with this prefix over https alone, for this host alone, and from nobody else.
    pub(super) fn name(self, kind: Kind) -> &'static str {
        match (kind, self.is_https) {
            (Kind::Session, true) => "__Host-tenure",
            (Kind::Session, false) => "tenure",
            (Kind::SigningIn, true) => "__Host-tenure-signing-in",
            (Kind::SigningIn, false) => "tenure-signing-in",
            (Kind::Done, true) => "__Host-tenure-done",
            (Kind::Done, false) => "tenure-done",
        }
    }

    /// What the cookie says, if it is there once and ours.
    pub(super) fn read<T: DeserializeOwned>(self, kind: Kind, headers: &HeaderMap) -> Option<T> {
        let name = self.name(kind);
        let texts = headers.get_all(header::COOKIE).iter();
        let texts = texts.filter_map(|text| text.to_str().ok());
        let cookies = texts.flat_map(|text| Cookie::split_parse(text).flatten());
        let mut named = cookies.filter(|cookie| cookie.name() == name);
        let value = named.next()?.value().to_owned();
        if named.next().is_some() {
            return None;
        }
        let said = self.key.open(name, &value)?;
        serde_json::from_slice(&said).ok()
    }

    /// A header that sets the cookie: for so long, or without an end until the browser is closed.
    pub(super) fn set(
        self,
        kind: Kind,
        said: &impl Serialize,
        lasts: Option<Duration>,
    ) -> Option<HeaderValue> {
        let name = self.name(kind);
        let value = self.key.seal(name, &serde_json::to_vec(said).ok()?);
        let mut cookie = self.bare(kind, value);
        cookie.set_max_age(lasts);
        header_of(&cookie)
    }

    /// A header that takes the cookie away.
    pub(super) fn clear(self, kind: Kind) -> Option<HeaderValue> {
        let mut cookie = self.bare(kind, String::new());
        cookie.set_max_age(Duration::ZERO);
        header_of(&cookie)
    }

    fn bare(self, kind: Kind, value: String) -> Cookie<'static> {
        Cookie::build((self.name(kind), value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_https)
            .build()
    }

    /// Whether an answer says something of the cookie already.
    pub(super) fn is_told(self, kind: Kind, headers: &HeaderMap) -> bool {
        let beginning = format!("{}=", self.name(kind));
        let mut told = headers.get_all(header::SET_COOKIE).iter();
        told.any(|value| value.as_bytes().starts_with(beginning.as_bytes()))
    }
}

fn header_of(cookie: &Cookie<'_>) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(cookie.to_string()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

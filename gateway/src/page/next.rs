//! Where somebody was going before they had to sign in.

use form_urlencoded::byte_serialize;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// Where one goes if nothing else is said.
pub(super) const HOME: &str = "/account/attributes/";

/// Where nobody is sent after signing in.
const NOWHERE: [&str; 4] = [
    "/account/sign-in",
    "/account/sign-out",
    "/account/signed-in",
    "/account/assets",
];

/// A path of the page, with its query: never another site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Next(String);

impl Next {
    /// The longest, in bytes.
    const LONGEST: usize = 1024;

    /// Takes a path below `/account/`, as a browser reads it; anything else is the page itself.
    pub(super) fn of(text: Option<&str>) -> Self {
        let parsed = text.and_then(Self::parse);
        parsed.unwrap_or_else(|| Self(HOME.to_owned()))
    }

    fn parse(text: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_graphic() && b != b'\\';
        if text.len() > Self::LONGEST || !text.bytes().all(is_plain) {
            return None;
        }
        // A path alone: what begins with two slashes names a host.
        if !text.starts_with('/') || text.starts_with("//") {
            return None;
        }
        let here = Url::parse("http://here.invalid/").ok()?;
        let url = here.join(text).ok()?;
        let path = url.path();
        let is_of_page = url.origin() == here.origin()
            && path.starts_with("/account/")
            && !NOWHERE.iter().any(|nowhere| path.starts_with(nowhere));
        let query = url.query().map(|query| format!("?{query}"));
        is_of_page.then(|| Self(format!("{path}{}", query.unwrap_or_default())))
    }

    /// As the value of a `Location`.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// Where to sign in before going there.
    pub(super) fn sign_in(&self) -> String {
        let next: String = byte_serialize(self.0.as_bytes()).collect();
        format!("/account/sign-in/?next={next}")
    }

    /// The same for somebody whose session is over: the provider is to ask who it is, though it may know.
    pub(super) fn sign_in_anew(&self) -> String {
        format!("{}&anew=1", self.sign_in())
    }
}

impl fmt::Display for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_the_page_is_kept() {
        for path in [
            "/account/attributes/",
            "/account/attributes/steps/?older=a%20b",
            "/account/connections/oura/",
            "/account/attributes/?q=https://evil.example",
        ] {
            assert_eq!(Next::of(Some(path)).as_str(), path);
        }
        let climbed = Next::of(Some("/account/attributes/../connections/oura/"));
        assert_eq!(climbed.as_str(), "/account/connections/oura/");
    }

    #[test]
    fn anything_else_is_the_page_itself() {
        let long = format!("/account/attributes/?q={}", "a".repeat(2000));
        for other in [
            "",
            "/",
            "account/attributes/",
            "//evil.example/account/",
            "/\\evil.example",
            "\\\\evil.example",
            "/account/\\evil.example",
            "///evil.example/account/",
            "https://evil.example/account/",
            "https:evil.example",
            "http:///account/",
            "javascript:alert(1)",
            "data:text/html,x",
            "/account/../evil",
            "/account/%2e%2e/evil",
            "/account/..//evil.example",
            "/accounts/",
            "/api/2/attributes/owned/",
            "/\t/evil.example",
            "/account/\r\nset-cookie: a=b",
            "/account/\0",
            "/account/\u{e9}",
            " /account/attributes/",
            "/account/sign-in/?token=tnr_of_somebody",
            "/account/sign-out/",
            "/account/attributes/../sign-in/",
            &long,
        ] {
            assert_eq!(Next::of(Some(other)).as_str(), HOME, "{other:?}");
        }
        assert_eq!(Next::of(None).as_str(), HOME);
    }
}

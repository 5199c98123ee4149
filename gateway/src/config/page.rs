//! What the user's page needs to know.

use super::Provider;
use crate::ambient::{self, Clock};
use std::{fmt, time::Duration};

/// The settings of the user's page.
#[derive(Debug, Clone)]
pub struct Page {
    /// How people sign in.
    pub sign_in: SignIn,
    /// What cookies are signed with; without one, a new key at each start, which signs everybody out. Instances behind one
    /// address need the same.
    pub session_key: Option<SessionKey>,
    /// How long a session may be without a request.
    pub session_idle: Duration,
    /// Tells when that is over.
    pub clock: Clock,
}

impl Page {
    /// As usual, where people sign in like this.
    #[must_use]
    pub fn new(sign_in: SignIn) -> Self {
        Self {
            sign_in,
            session_key: None,
            session_idle: Self::IDLE,
            clock: ambient::clock(),
        }
    }

    /// How long a session may be without a request if nothing is said.
    pub const IDLE: Duration = Duration::from_mins(30);
}

/// How people sign in.
#[derive(Debug, Clone)]
pub enum SignIn {
    /// By a link with a token of their own in it, as the demo prints them.
    Links,
    /// At an OpenID provider.
    Provider(Provider),
}

/// What cookies are signed with.
#[derive(Clone)]
pub struct SessionKey(Vec<u8>);

/// What is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected at least 32 random characters, as from: openssl rand -base64 32")]
pub struct InvalidSessionKey;

impl SessionKey {
    /// The fewest bytes.
    const SHORTEST: usize = 32;

    /// Takes the text of a file, without the white space around it.
    ///
    /// # Errors
    /// [`InvalidSessionKey`] where it is too short.
    pub fn parse(text: &str) -> Result<Self, InvalidSessionKey> {
        let key = text.trim().as_bytes();
        if key.len() < Self::SHORTEST {
            return Err(InvalidSessionKey);
        }
        Ok(Self(key.to_vec()))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_long_enough_and_not_shown() {
        let key = SessionKey::parse(&"k".repeat(32)).unwrap();
        assert_eq!(format!("{key:?}"), "SessionKey(..)");
        for short in ["", "k", &format!("{:>40}", "k")] {
            assert!(SessionKey::parse(short).is_err(), "{short}");
        }
    }
}

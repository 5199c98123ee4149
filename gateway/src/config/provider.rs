//! An OpenID provider, at which people sign in.

use std::fmt;

/// Whom people sign in at, and as whose client.
#[derive(Debug, Clone)]
pub struct Provider {}

/// What cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("x")]
pub struct InvalidProvider;

/// What nobody else may read.
#[derive(Clone)]
pub struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

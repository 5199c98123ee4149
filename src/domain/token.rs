//! Tokens, as they are kept: by their hash alone.

use super::{
    Instant,
    name::{ServiceName, UserId},
    scope::Scopes,
};
use std::fmt;

/// The SHA-256 of a token. Not secret in the way of the token, but not for logs: `Debug` shows its id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    /// How many bytes of the hash make the id.
    pub const ID_BYTES: usize = 8;

    /// What an operator calls the token: the first 16 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> String {
        use fmt::Write as _;
        self.0[..Self::ID_BYTES]
            .iter()
            .fold(String::new(), |mut id, byte| {
                let _ = write!(id, "{byte:02x}");
                id
            })
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenHash({}...)", self.id())
    }
}

/// A token that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRecord {
    /// Its key.
    pub hash: TokenHash,
    /// Whose data it opens.
    pub user: UserId,
    /// The service that it was issued to; none for the user's own.
    pub service: Option<ServiceName>,
    /// What it grants, if the connection still does.
    pub scopes: Scopes,
    /// When it was issued.
    pub issued_at: Instant,
    /// From when on it is refused.
    pub expires_at: Instant,
    /// Since when it is refused before its time.
    pub revoked_at: Option<Instant>,
}

impl TokenRecord {
    /// Whether it opens anything at this moment.
    #[must_use]
    pub fn is_valid(&self, now: Instant) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}

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

    /// The hashes that begin with this id; none if it is no id.
    #[must_use]
    pub fn range_of_id(id: &str) -> Option<(Self, Self)> {
        if id.len() != 2 * Self::ID_BYTES || !id.is_ascii() {
            return None;
        }
        let (mut first, mut last) = ([0x00; 32], [0xff; 32]);
        for index in 0..Self::ID_BYTES {
            let byte = u8::from_str_radix(&id[2 * index..2 * index + 2], 16).ok()?;
            (first[index], last[index]) = (byte, byte);
        }
        Some((Self(first), Self(last)))
    }

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

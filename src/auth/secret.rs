//! The token itself, which is shown once and never kept.

use crate::{ambient::Entropy, domain::token::TokenHash};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Whom a token is for. A token's first letters say so: that tells it in a leak or a log, and where to look it up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A user, or a service for a user.
    OfUser,
    /// An internal service.
    Internal,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::OfUser => "tnr_",
            Self::Internal => "tni_",
        }
    }

    /// The kind that this text is of, if it is a token at all.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::told_by(text).unwrap_or(Self::OfUser)
    }

    /// The kind that the first letters tell; none if they are of no token of Tenure's.
    #[must_use]
    pub fn told_by(text: &str) -> Option<Self> {
        let kinds = [Self::OfUser, Self::Internal];
        kinds
            .into_iter()
            .find(|kind| text.starts_with(kind.prefix()))
    }
}

/// An opaque token: 256 bits of the system's generator.
pub struct TokenSecret(String);

impl TokenSecret {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate(kind: TokenKind, entropy: &dyn Entropy) -> std::io::Result<Self> {
        let bits = URL_SAFE_NO_PAD.encode(entropy.bits()?);
        Ok(Self(format!("{}{bits}", kind.prefix())))
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        Self::hash_of(&self.0)
    }

    /// What would be kept of this text if it were a token.
    #[must_use]
    pub fn hash_of(text: &str) -> TokenHash {
        TokenHash(Sha256::digest(text.as_bytes()).into())
    }

    /// What tells a token that is known to be good from others. Of a signed one (RFC 7515, section 7.1) that is what is
    /// signed, without the signature: a signature can be written in several ways, of which each would be a token of its own.
    /// So it says nothing of whether a text is good.
    #[must_use]
    pub fn identity_of(text: &str) -> TokenHash {
        let signed = text
            .rsplit_once('.')
            .filter(|(signed, _)| signed.matches('.').count() == 1);
        Self::hash_of(signed.map_or(text, |(signed, _)| signed))
    }

    /// The text that the holder sends: for the one who asked for it, and nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::System;

    #[test]
    fn a_signature_is_no_part_of_what_tells_a_token_from_others() {
        let hash = TokenSecret::identity_of("header.claims.one");
        assert_eq!(hash, TokenSecret::identity_of("header.claims.other"));
        for other in ["header.other.one", "a.b.c.d", "a.b.c.e", "one"] {
            assert_ne!(hash, TokenSecret::identity_of(other), "{other}");
        }
        assert_ne!(
            TokenSecret::identity_of("a.b.c.d"),
            TokenSecret::identity_of("a.b.c.e")
        );
        assert_ne!(
            TokenSecret::hash_of("header.claims.one"),
            TokenSecret::hash_of("header.claims.other")
        );
    }

    #[test]
    fn a_token_has_256_bits_and_debug_does_not_show_them() {
        for kind in [TokenKind::OfUser, TokenKind::Internal] {
            let secret = TokenSecret::generate(kind, &System).unwrap();
            let bits = secret.reveal().strip_prefix(kind.prefix()).unwrap();
            assert_eq!(URL_SAFE_NO_PAD.decode(bits).unwrap().len(), 32);
            assert_eq!(TokenKind::of(secret.reveal()), kind);
            assert_eq!(format!("{secret:?}"), "TokenSecret(..)");
            let other = TokenSecret::generate(kind, &System).unwrap();
            assert_ne!(secret.hash(), other.hash());
        }
    }
}

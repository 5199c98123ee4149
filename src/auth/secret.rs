//! The token itself, which is shown once and never kept.

use crate::{ambient::Entropy, domain::token::TokenHash};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// Tells a token of ours in a leak or a log.
const PREFIX: &str = "tnr_";

/// An opaque token: 256 bits of the system's generator.
pub struct TokenSecret(String);

impl TokenSecret {
    /// A new one.
    ///
    /// # Errors
    /// When the system gives no randomness.
    pub fn generate(entropy: &dyn Entropy) -> std::io::Result<Self> {
        let bits = URL_SAFE_NO_PAD.encode(entropy.bits()?);
        Ok(Self(format!("{PREFIX}{bits}")))
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
    fn a_token_has_256_bits_and_debug_does_not_show_them() {
        let secret = TokenSecret::generate(&System).unwrap();
        let bits = secret.reveal().strip_prefix(PREFIX).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.decode(bits).unwrap().len(), 32);
        assert_eq!(format!("{secret:?}"), "TokenSecret(..)");
        assert_ne!(
            secret.hash(),
            TokenSecret::generate(&System).unwrap().hash()
        );
    }
}

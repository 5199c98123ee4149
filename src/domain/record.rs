//! Answers that are kept, so that a request which is sent again has one effect and one answer (I12).

use super::{
    Instant,
    name::{InvalidName, ServiceName},
};
use std::fmt;

/// For how long an answer is kept (`contract.md`, Beyond the documented API).
pub const KEPT: time::Duration = time::Duration::hours(24);

/// What a caller calls its request, to recognise it when it is sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// Takes 1 to 255 visible ASCII characters.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: impl Into<String>) -> Result<Self, InvalidName> {
        let text = text.into();
        if (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text))
        } else {
            let expected = "1 to 255 visible ASCII characters";
            Err(InvalidName::of("idempotency key", expected))
        }
    }

    /// The text of it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The answer to a request of a user's service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Whose request.
    pub service: ServiceName,
    /// What it is called.
    pub key: IdempotencyKey,
    /// What was asked: another request may not have the same key.
    pub fingerprint: Vec<u8>,
    /// The answer, as whoever gave it wrote it down.
    pub answer: Vec<u8>,
    /// From when on the request would be a new one.
    pub expires_at: Instant,
}

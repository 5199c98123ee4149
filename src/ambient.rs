//! Time and randomness, as values that are passed in: the only place that asks the system for either.

use crate::domain::Instant;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in UTC, to the microsecond.
    fn now(&self) -> Instant;
}

/// Gives bytes that nobody can guess.
pub trait Entropy: Send + Sync {
    /// 256 random bits.
    ///
    /// # Errors
    /// When the system gives none.
    fn bits(&self) -> std::io::Result<[u8; 32]>;
}

/// The system's clock and generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Clock for System {
    fn now(&self) -> Instant {
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let now = Instant::now_utc();
        now.truncate_to_microsecond()
    }
}

impl Entropy for System {
    fn bits(&self) -> std::io::Result<[u8; 32]> {
        let mut bits = [0; 32];
        #[expect(clippy::disallowed_methods, reason = "this is the generator")]
        getrandom::fill(&mut bits).map_err(std::io::Error::other)?;
        Ok(bits)
    }
}

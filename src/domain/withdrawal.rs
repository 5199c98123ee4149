//! What is left of grants that are no more.

use super::{Instant, token::TokenHash};

/// When a service last lost of what the user had granted it. A token of an outside authorization server says what was
/// granted when it was issued; this tells what of that still counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Withdrawal {
    /// The whole grant: tokens that were issued until then are refused, for good.
    pub disconnected_at: Option<Instant>,
    /// A part of it: tokens that were issued until then give the connection no scopes any more.
    pub narrowed_at: Option<Instant>,
}

impl Withdrawal {
    /// Whether a token of that moment is of a grant that was withdrawn as a whole.
    ///
    /// A token tells the second in which it was issued, most often cut off: one of that same second counts as issued
    /// before. So a token of a new grant may be refused for a second, and none of the old one is let in.
    #[must_use]
    pub fn refuses(&self, issued_at: Instant) -> bool {
        self.disconnected_at >= Some(issued_at)
    }

    /// Whether a token of that moment is of a grant of which a part was withdrawn, or all.
    #[must_use]
    pub fn holds_back(&self, issued_at: Instant) -> bool {
        self.disconnected_at.max(self.narrowed_at) >= Some(issued_at)
    }
}

/// A token of an outside authorization server that is refused before its time. Whose it is, is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedToken {
    /// Its key.
    pub hash: TokenHash,
    /// Since when it is refused.
    pub revoked_at: Instant,
    /// From when on it is good for nothing anyway.
    pub expires_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_the_second_of_the_withdrawal_counts_as_issued_before() {
        let second = Instant::UNIX_EPOCH;
        let withdrawn_at = second + time::Duration::milliseconds(500);
        let withdrawal = Withdrawal {
            disconnected_at: Some(withdrawn_at),
            narrowed_at: None,
        };
        for (issued_at, refused) in [
            (second, true),
            (withdrawn_at, true),
            (second + time::Duration::SECOND, false),
        ] {
            assert_eq!(withdrawal.refuses(issued_at), refused, "{issued_at}");
            assert_eq!(withdrawal.holds_back(issued_at), refused, "{issued_at}");
            assert!(!Withdrawal::default().holds_back(issued_at));
        }
    }

    #[test]
    fn what_was_narrowed_is_not_refused() {
        let narrowed = Withdrawal {
            disconnected_at: None,
            narrowed_at: Some(Instant::UNIX_EPOCH),
        };
        assert!(!narrowed.refuses(Instant::UNIX_EPOCH));
        assert!(narrowed.holds_back(Instant::UNIX_EPOCH));
    }
}

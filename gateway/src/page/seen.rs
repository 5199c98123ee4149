//! What a user had before them when they pressed a button.

use crate::proto::UserAttribute;
use std::{fmt, str::FromStr};

/// An attribute as the page showed it. It travels in each form, so that a change of what is not so any more can be told
/// apart, and the page can then say what it was. As text: five words, of which the second is empty where nobody was the owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// The user's revision.
    pub(super) revision: i64,
    /// The owner's name; empty: nobody.
    pub(super) owner: String,
    pub(super) active: bool,
    pub(super) pinned: bool,
    /// What the service compares.
    pub(super) etag: String,
}

impl Seen {
    /// The attribute at a revision.
    pub(super) fn new(attribute: &UserAttribute, revision: i64) -> Self {
        let inner = attribute.attribute.clone().unwrap_or_default();
        Self {
            revision,
            owner: inner.owner.map(|owner| owner.name).unwrap_or_default(),
            active: inner.active,
            pinned: inner.pinned,
            etag: attribute.etag.clone(),
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (active, pinned) = (u8::from(self.active), u8::from(self.pinned));
        let (revision, owner, etag) = (self.revision, &self.owner, &self.etag);
        write!(f, "{revision} {owner} {active} {pinned} {etag}")
    }
}

/// A text that no page of ours has sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

impl FromStr for Seen {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let words: Vec<_> = text.splitn(5, ' ').collect();
        let [revision, owner, active, pinned, etag] = *words else {
            return Err(Unreadable);
        };
        Ok(Self {
            revision: revision.parse().map_err(|_| Unreadable)?,
            owner: owner.to_owned(),
            active: flag(active)?,
            pinned: flag(pinned)?,
            etag: etag.to_owned(),
        })
    }
}

/// `1` or `0`.
pub(super) fn flag(text: &str) -> Result<bool, Unreadable> {
    match text {
        "1" => Ok(true),
        "0" => Ok(false),
        _ => Err(Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_comes_back_from_the_form() {
        for owner in ["oura", "", "my.app-2"] {
            let seen = Seen {
                revision: 17,
                owner: owner.to_owned(),
                active: true,
                pinned: false,
                etag: "00ff".to_owned(),
            };
            assert_eq!(seen.to_string().parse(), Ok(seen));
        }
    }

    #[test]
    fn what_no_page_has_sent_is_refused() {
        for text in [
            "",
            "1 oura 1 0",
            "x oura 1 0 e",
            "1 oura 2 0 e",
            "1 a 1 yes e",
        ] {
            assert_eq!(text.parse::<Seen>(), Err(Unreadable), "{text}");
        }
    }
}

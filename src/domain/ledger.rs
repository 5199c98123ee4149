//! The ledger as it is read: the events of one user, and the feed of those of all.

use super::{
    Instant,
    event::{Event, Stamp},
    name::{AttributeName, ServiceName, UserId},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt::Write as _;

/// An event with whose it is and what came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the feed of all users.
    pub position: Position,
    /// What happened.
    pub event: Event,
    /// Who made it happen.
    pub stamp: Stamp,
}

impl Entry {
    /// Whether the service owned the attribute before, or owns it after.
    #[must_use]
    pub fn concerns(&self, service: &ServiceName) -> bool {
        [&self.event.from, &self.event.to]
            .into_iter()
            .any(|owner| owner.as_ref() == Some(service))
    }
}

/// A place in the feed: an event's own, or one between events. Within a user it has the order of the revisions.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Which of the database's transactions; what is written later may come earlier, but never after its
    /// [`Horizon`] has passed.
    pub transaction: i64,
    /// Whose event; empty in a place before all of that transaction.
    pub user: String,
    /// The user's revision.
    pub revision: i64,
    /// Place among the events of the revision.
    pub number: i32,
}

impl Position {
    /// The place before whatever that transaction wrote.
    #[must_use]
    pub fn before(transaction: i64) -> Self {
        Self {
            transaction,
            ..Self::default()
        }
    }

    /// As it is given out: opaque, and good in a URL and in a header.
    #[must_use]
    pub fn to_cursor(&self) -> String {
        let mut text = String::new();
        let _ = write!(
            text,
            "1:{}:{}:{}:{}",
            self.transaction, self.revision, self.number, self.user
        );
        URL_SAFE_NO_PAD.encode(text)
    }

    /// The place that a cursor stands for; none if it is no cursor.
    #[must_use]
    pub fn from_cursor(cursor: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
        let mut parts = text.splitn(5, ':');
        let version = parts.next()?;
        let position = Self {
            transaction: parts.next()?.parse().ok()?,
            revision: parts.next()?.parse().ok()?,
            number: parts.next()?.parse().ok()?,
            user: parts.next()?.to_owned(),
        };
        let is_user = position.user.is_empty() || UserId::parse(position.user.as_str()).is_ok();
        let is_possible =
            position.transaction >= 0 && position.revision >= 0 && position.number >= 0;
        (version == "1" && is_user && is_possible).then_some(position)
    }
}

/// How far the feed can be read at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Horizon {
    /// What was pruned ends here.
    pub start: Position,
    /// Every event of an earlier transaction is visible; one of this transaction or a later one may be yet to come.
    pub complete: i64,
    /// Every transaction that was visible is an earlier one.
    pub seen: i64,
}

/// Which of a user's events are asked for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Those of this attribute; none is those of all.
    pub attribute: Option<AttributeName>,
    /// Those in which this service is the owner before or after; none is all.
    pub concerning: Option<ServiceName>,
    /// Those after this revision.
    pub after_revision: i64,
    /// Those at this moment or before.
    pub until: Option<Instant>,
    /// The newest first.
    pub newest_first: bool,
    /// Where the page before ended: revision and number.
    pub page_after: Option<(i64, i32)>,
    /// At most so many.
    pub limit: u32,
}

/// A page of a user's events, and how the user stood at that moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Events {
    /// In the order that was asked for.
    pub entries: Vec<Entry>,
    /// The user's revision.
    pub revision: i64,
    /// Every event after this revision is kept; of those before, the last of each attribute.
    pub complete_after: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_stands_for_the_place_that_it_was_made_of() {
        for user in ["", "ada", "a:b:c", "日本"] {
            let position = Position {
                transaction: i64::MAX,
                user: user.to_owned(),
                revision: 7,
                number: 34,
            };
            assert_eq!(Position::from_cursor(&position.to_cursor()), Some(position));
        }
    }

    #[test]
    fn what_is_no_cursor_stands_for_nothing() {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for cursor in [
            String::new(),
            "?".to_owned(),
            encoded("2:1:1:1:ada"),
            encoded("1:-1:1:1:ada"),
            encoded("1:1:1:ada"),
            encoded("1:1:1:99999999999:ada"),
            encoded("1:1:1:1:a\0"),
        ] {
            assert_eq!(Position::from_cursor(&cursor), None, "{cursor}");
        }
    }

    #[test]
    fn places_have_the_order_of_the_feed() {
        let at = |transaction, user: &str, revision, number| Position {
            transaction,
            user: user.to_owned(),
            revision,
            number,
        };
        let places = [
            Position::before(2),
            at(2, "Z", 9, 0),
            at(2, "a", 1, 1),
            at(2, "a", 2, 0),
            Position::before(3),
        ];
        assert!(places.is_sorted());
    }
}

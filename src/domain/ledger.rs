//! The ledger as it is read: the events of one user, and the feed of those of all.

mod cursor;

use super::{
    Instant,
    event::{Event, Stamp},
    name::{AttributeName, ServiceName},
};
pub use cursor::Cursor;

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

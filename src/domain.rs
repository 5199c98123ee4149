//! The rules of ownership, as pure functions: no I/O, no clock, no randomness but what is passed in.
//!
//! [`decide`] takes the state of one user, a request and the catalog, and gives what changes, what is recorded and
//! what is answered. Everything else here is the vocabulary that it speaks.

pub mod account;
pub mod attribute;
pub mod catalog;
pub mod change;
pub mod check;
pub mod decide;
pub mod etag;
pub mod event;
pub mod failure;
pub mod internal;
pub mod ledger;
pub mod listing;
pub mod name;
pub mod record;
pub mod removal;
pub mod scope;
pub mod state;
pub mod succession;
pub mod token;
pub mod value_type;
pub mod view;
pub mod withdrawal;
pub mod wording;

/// A moment in UTC, to the microsecond: no database here keeps more.
pub type Instant = time::OffsetDateTime;

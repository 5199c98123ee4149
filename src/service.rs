//! The use cases: load, decide, commit if nothing changed meanwhile, try again.
//!
//! [`Ownership`] is what services do with their token, [`Account`] what users do with theirs, [`Registry`] what an operator
//! does, [`Admission`] what comes before any of it for the tokens of others, [`Housekeeping`] what nobody asks for. All go through one [`Transactor`].
//!
//! [`Sessions`] is how people sign in and out. What internal services ask: [`Checker`], [`Introspection`], [`LedgerReader`] and [`Watches`]. Checks from memory and
//! watches live on one [`Feed`].

mod account;
mod admission;
mod audit;
mod catalog;
mod check;
mod error;
mod feed;
mod housekeeping;
mod introspection;
mod ledger;
mod ownership;
mod registry;
mod sessions;
mod transactor;
mod turns;
mod watch;

pub use crate::domain::state::Connections;
pub use account::{Account, Seen, Shown, UserEvent};
pub use admission::Admission;
pub use check::{CheckAnswer, CheckItem, Checked, Checker, Freshness, MAX_CHECKS, Standings};
pub use error::{Error, Refused, Violation};
pub use feed::Feed;
pub use housekeeping::{Housekeeping, INTERVAL};
pub use introspection::Introspection;
pub use ledger::{LedgerReader, Reader};
pub use ownership::{
    Answered, AttributePage, BatchAnswer, BatchOptions, Idempotency, MAX_ITEMS, Ownership,
};
pub use registry::{KEPT_UNTOLD, NewInternalToken, NewToken, Notice, Registry};
pub use sessions::{Sessions, SignIn};
pub use transactor::Transactor;
pub use watch::{After, Told, Watch, WatchRequest, Watches};

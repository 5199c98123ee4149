//! The use cases: load, decide, commit if nothing changed meanwhile, try again.
//!
//! [`Ownership`] is what services do with their token, [`Registry`] what an operator does, [`Housekeeping`] what
//! nobody asks for. All go through one [`Transactor`].

mod catalog;
mod error;
mod housekeeping;
mod ownership;
mod registry;
mod transactor;
mod turns;

pub use error::{Error, Refused, Violation};
pub use housekeeping::{Housekeeping, INTERVAL};
pub use ownership::{
    Answered, BatchAnswer, BatchOptions, Idempotency, MAX_ITEMS, OwnedPage, Ownership,
};
pub use registry::{NewToken, Registry};
pub use transactor::Transactor;

//! What a service of the platform shares with the others, whatever it serves ("Everywhere" and "The batch law" of the
//! contract).
//!
//! - `edge`: what surrounds every route: request id, CORS, time limit, sizes of headers, host;
//! - `routes`: paths with and without their last slash, and what is told of a wrong method or path;
//! - `problem`: every answer that is an error; `bearer`: who is asking;
//! - `query`, `page`, `links`: parameters, and pages by number; `date`: days, in parameters and items;
//! - `body`, `received`: a batch is read, and refused in the order of the contract; `fields`: a body that is one object;
//!   `form`: what OAuth 2.0 sends;
//! - `item`, `reader`, `failure`, `answer`: its items come back as they were sent, with what became of them;
//! - `idempotency`: it is recognised when it is sent again.
//!
//! Which error comes first, in a handler of a batch: [`Received::read`] with [`bearer()`], then the token is judged, then
//! [`Received::parse`].

mod answer;
mod bearer;
mod body;
mod date;
mod edge;
mod failure;
mod fields;
mod form;
mod idempotency;
mod item;
mod links;
mod page;
mod problem;
mod query;
mod reader;
mod received;
mod routes;

pub use answer::{Answered, Outcome, answer};
pub(crate) use bearer::MAX_TOKEN;
pub use bearer::bearer;
pub use body::drop_rest;
pub(crate) use edge::peer;
pub use edge::{RequestId, around, origin};
pub use failure::Failure;
pub use fields::Fields;
pub use form::Form;
pub(crate) use form::fields;
pub use idempotency::{Fingerprint, Idempotency};
pub use item::Item;
pub use links::by_token;
pub use page::Page;
pub(crate) use problem::Asker;
pub use problem::{Problem, json, text};
pub use query::{Query, number, wrong};
pub use reader::{Malformed, Reader};
pub use received::Received;
pub use routes::{Name, both, deleted, got, not_found, posted, put};

//! The rows of the REST contract, each a test of its name, over real HTTP.

mod account;
mod acquire;
mod around;
mod batch;
mod beyond;
mod create;
mod errors;
mod everywhere;
mod failures;
mod ledger;
mod limits;
mod object;
mod owned;
mod release;
mod succession;
mod watch;

//! The user's attributes page.

mod account;
mod assets;
mod attribute;
mod attributes;
mod change;
mod done;
mod frame;
mod seen;
mod view;
mod wish;

//! The user's attributes page.

mod assets;
mod frame;
mod seen;
mod view;
mod wish;

//! The pages as data, made of the service's answers; the templates lay them out and decide nothing.

mod attribute;
mod attributes;
mod connection;
mod event;
mod row;
mod trouble;
mod words;

#[cfg(test)]
mod tests;

pub(super) use attribute::AttributePage;
pub(super) use attributes::{AttributesPage, query};
pub(super) use connection::DisconnectPage;
pub(super) use trouble::Trouble;
pub(super) use words::{Labels, sentence};

//! What an item of a batch asks for.

use super::Change;
use crate::now;
use tenure_gateway::rest::{Failure, Item, Reader};

pub(super) struct Asked {
    /// The name of an attribute, whether there is one or not.
    pub(super) name: String,
    /// `YYYY-MM-DD`.
    pub(super) day: String,
    /// JSON text.
    pub(super) value: String,
}

impl Asked {
    /// Reads an item; one that adds without saying when is for today, in UTC.
    pub(super) fn of(item: &Item<'_>, index: usize, change: Change) -> Result<Self, Failure> {
        let mut reader = Reader::new(item);
        let (name, date) = (reader.string("name"), reader.date("date"));
        if name.as_deref() == Some("") {
            reader.complain("name", "must not be empty");
        }
        // Null counts as absent, but over a value it is no value.
        if change == Change::Set && item.is_null("value") {
            reader.complain("value", "must not be null");
        }
        let value = reader.raw("value").map(str::to_owned);
        if let Some(malformed) = reader.malformed() {
            return Err(malformed.failure(index));
        }
        let today = || now().date().to_string();
        let day = date.or_else(|| (change == Change::Add).then(today));
        let fields = [("name", &name), ("date", &day), ("value", &value)];
        let missing = fields.into_iter().filter(|(_, text)| text.is_none());
        let missing: Vec<_> = missing.map(|(field, _)| field).collect();
        let (Some(name), Some(day), Some(value)) = (name, day, value) else {
            return Err(Failure::missing(index, &missing));
        };
        Ok(Self { name, day, value })
    }
}

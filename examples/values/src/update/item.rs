//! An item of a batch: what it asks for, and why it fails.

use super::Change;
use tenure_gateway::rest::{Item, Reader};
use time::{Date, OffsetDateTime, macros::format_description};

/// What an item asks for.
pub(super) struct Asked {
    pub(super) index: usize,
    /// The name of an attribute, whether there is one or not.
    pub(super) name: String,
    /// `YYYY-MM-DD`.
    pub(super) day: String,
    /// JSON text.
    pub(super) value: String,
}

/// Why an item fails: the word of the contract, and a sentence.
#[derive(Clone)]
pub(super) struct Failure(pub(super) &'static str, pub(super) String);

impl Failure {
    pub(super) fn not_found(name: &str) -> Self {
        let text = format!("User doesn't have an attribute named '{name}'");
        Self("not_found", text)
    }
}

impl Asked {
    /// Reads an item; one that adds without saying when is for today, in UTC.
    pub(super) fn of(item: &Item<'_>, index: usize, change: Change) -> Result<Self, Failure> {
        let mut reader = Reader::new(item);
        let (name, date) = (reader.string("name"), reader.string("date"));
        if name.as_deref() == Some("") {
            reader.complain("name", "must not be empty");
        }
        if date.as_deref().is_some_and(|date| !is_day(date)) {
            reader.complain("date", "must be a date like 2026-01-31");
        }
        // Null counts as absent, but over a value it is no value.
        if change == Change::Set && item.is_null("value") {
            reader.complain("value", "must not be null");
        }
        let value = reader.raw("value").map(str::to_owned);
        if let Some(malformed) = reader.malformed() {
            return Err(Failure("validation", malformed.sentence(index)));
        }
        let day = date.or_else(|| (change == Change::Add).then(today));
        let fields = [("name", &name), ("date", &day), ("value", &value)];
        let missing = fields.iter().filter(|(_, text)| text.is_none());
        let missing: Vec<_> = missing.map(|(field, _)| format!("'{field}'")).collect();
        let (Some(name), Some(day), Some(value)) = (name, day, value) else {
            let missing = missing.join(", ");
            let text = format!("Object at index {index} missing field(s) {missing}");
            return Err(Failure("missing_field", text));
        };
        Ok(Self {
            index,
            name,
            day,
            value,
        })
    }
}

/// Whether a text is a day, as `YYYY-MM-DD`.
pub(crate) fn is_day(text: &str) -> bool {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    // The library takes a sign too.
    day.is_ok_and(|day| day.to_string() == text)
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads it")]
fn today() -> String {
    OffsetDateTime::now_utc().date().to_string()
}

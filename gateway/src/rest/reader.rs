//! The fields of an item.

use super::{
    date,
    failure::Failure,
    item::{Item, is_string},
};

/// Reads the fields of an item, and remembers the first that cannot be read. In each, null counts as absent.
#[derive(Debug)]
pub struct Reader<'i, 'r> {
    item: &'i Item<'r>,
    malformed: Option<Malformed>,
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The name of the field; empty where it is the item as a whole.
    pub field: String,
    /// "must be a string", say.
    pub reason: String,
}

impl Malformed {
    /// What is told of it, in the words of Tenure; `index` is the item's place in the batch, from 0.
    #[must_use]
    pub fn sentence(&self, index: usize) -> String {
        let Self { field, reason } = self;
        if field.is_empty() {
            format!("Object at index {index} {reason}")
        } else {
            format!("Object at index {index} field '{field}' {reason}")
        }
    }

    /// What an item fails with, for it.
    #[must_use]
    pub fn failure(&self, index: usize) -> Failure {
        Failure::validation(self.sentence(index))
    }
}

impl<'i, 'r> Reader<'i, 'r> {
    /// Begins, with a complaint where the item is no object.
    #[must_use]
    pub fn new(item: &'i Item<'r>) -> Self {
        let mut reader = Self {
            item,
            malformed: None,
        };
        if !item.is_object {
            reader.complain("", "is not an object");
        }
        reader
    }

    /// The JSON text of a field, whatever it is.
    #[must_use]
    pub fn raw(&self, field: &str) -> Option<&'i str> {
        self.item.get(field)
    }

    /// A string.
    pub fn string(&mut self, field: &str) -> Option<String> {
        let text = self.item.get(field)?;
        if !is_string(text) {
            self.complain(field, "must be a string");
            return None;
        }
        let decoded = serde_json::from_str(text);
        decoded
            .inspect_err(|_| self.complain(field, "must not have a lone surrogate"))
            .ok()
    }

    /// A day, as `YYYY-MM-DD`.
    pub fn date(&mut self, field: &str) -> Option<String> {
        let text = self.string(field)?;
        if !date::is_date(&text) {
            self.complain(field, &format!("must be {}", date::EXPECTED));
        }
        Some(text)
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, field: &str) -> Option<bool> {
        match self.item.get(field)? {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.complain(field, "must be true or false");
                None
            }
        }
    }

    /// An integer of a proto's `int64` that is not negative.
    pub fn count(&mut self, field: &str) -> Option<i64> {
        let text = self.item.get(field)?;
        let count = text.parse().ok().filter(|count| *count >= 0);
        if count.is_none() {
            self.complain(field, "must be an integer from 0 to 9223372036854775807");
        }
        count
    }

    /// An integer of a proto's `int64`; one beyond that is as far as there are any.
    pub fn integer(&mut self, field: &str) -> Option<i64> {
        let text = self.item.get(field)?;
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            self.complain(field, "must be an integer");
            return None;
        }
        Some(text.parse().unwrap_or(i64::MAX))
    }

    /// What could not be read, if anything.
    #[must_use]
    pub fn malformed(self) -> Option<Malformed> {
        self.malformed
    }

    /// Says why a field is none, unless there was something to say before.
    pub fn complain(&mut self, field: &str, reason: &str) {
        self.malformed.get_or_insert_with(|| Malformed {
            field: field.to_owned(),
            reason: reason.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    /// What is told of an item whose name must be a string.
    fn told(json: &str) -> Option<String> {
        let raw: &RawValue = serde_json::from_str(json).unwrap();
        let item = Item::new(raw);
        let mut reader = Reader::new(&item);
        reader.string("name");
        reader.malformed().map(|malformed| malformed.sentence(2))
    }

    #[test]
    fn the_first_complaint_is_told() {
        for (json, sentence) in [
            ("7", "Object at index 2 is not an object"),
            (
                r#"{"name":7}"#,
                "Object at index 2 field 'name' must be a string",
            ),
        ] {
            assert_eq!(told(json).as_deref(), Some(sentence));
        }
        assert_eq!(told(r#"{"name":"mood"}"#), None);
        assert_eq!(told(r#"{"name":null}"#), None);
    }

    #[test]
    fn a_raw_field_keeps_its_digits() {
        let raw: &RawValue = serde_json::from_str(r#"{"value":1e400,"date":null}"#).unwrap();
        let item = Item::new(raw);
        let reader = Reader::new(&item);
        assert_eq!(reader.raw("value"), Some("1e400"));
        assert_eq!(reader.raw("date"), None);
    }
}

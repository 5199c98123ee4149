//! Looking fields of a form up.

use super::form::Fields;

/// The first value of this field.
pub(super) fn first<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    all(fields, name).next()
}

/// All values of this field.
pub(super) fn all<'f>(fields: &'f Fields, name: &str) -> impl Iterator<Item = &'f str> {
    let of_it = move |(key, value): &'f (String, String)| (key == name).then_some(value.as_str());
    fields.iter().filter_map(of_it)
}

//! The fields of a form or a query.

/// In their order; a name may come more than once.
pub(super) type Fields = Vec<(String, String)>;

/// All fields of a text that is URL-encoded.
pub(super) fn parse(text: &[u8]) -> Fields {
    form_urlencoded::parse(text).into_owned().collect()
}

/// The first value of this field.
pub(super) fn first<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    all(fields, name).next()
}

/// All values of this field.
pub(super) fn all<'f>(fields: &'f Fields, name: &str) -> impl Iterator<Item = &'f str> {
    let of_it = move |(key, value): &'f (String, String)| (key == name).then_some(value.as_str());
    fields.iter().filter_map(of_it)
}

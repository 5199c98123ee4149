//! Days.

use time::{Date, macros::format_description};

/// What a day is to be, as complaints have it.
pub(super) const EXPECTED: &str = "a date like 2026-01-31";

/// Whether a text is a day, as `YYYY-MM-DD`.
pub(super) fn is_date(text: &str) -> bool {
    let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
    // The library takes a sign too.
    day.is_ok_and(|day| day.to_string() == text)
}

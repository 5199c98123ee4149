//! `If-Match` and `ETag` (RFC 9110, sections 8.8.3 and 13.1.1).

use crate::rest::Problem;
use http::{
    HeaderMap, HeaderValue,
    header::{ETAG, IF_MATCH},
};

/// The most bytes of a tag that an answer gives.
const LONGEST: usize = 64;

/// What a change is conditional on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// On nothing: no `If-Match`, or `*`. What is not there is 404 anyway.
    None,
    /// That this is still the entity tag.
    Is(String),
    /// On what never holds: a weak tag, or one that no answer gives.
    Never,
}

impl Condition {
    /// That of the request.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut values = headers.get_all(IF_MATCH).iter();
        let Some(value) = values.next() else {
            return Ok(Self::None);
        };
        let text = value.to_str().ok().filter(|_| values.next().is_none());
        match text.map(str::trim) {
            Some("*") => Ok(Self::None),
            Some(weak) if weak.starts_with("W/") => opaque(&weak[2..]).map(|_| Self::Never),
            Some(tag) => opaque(tag).map(Self::on),
            None => Err(unreadable()),
        }
    }

    /// On this tag, if it may be one that an answer gave.
    fn on(tag: &str) -> Self {
        let may_be = (1..=LONGEST).contains(&tag.len());
        may_be.then(|| tag.to_owned()).map_or(Self::Never, Self::Is)
    }

    /// The entity tag; empty for none.
    pub(super) fn tag(self) -> Result<String, Problem> {
        match self {
            Self::None => Ok(String::new()),
            Self::Is(tag) => Ok(tag),
            Self::Never => Err(Problem::changed_meanwhile()),
        }
    }

    /// The revision that is the entity tag. Another tag was never given, so that it is none any more.
    pub(super) fn revision(self) -> Result<Option<i64>, Problem> {
        let tag = self.tag()?;
        if tag.is_empty() {
            return Ok(None);
        }
        // Character by character, as tags are compared.
        let revision = tag.parse().ok();
        let revision = revision.filter(|r: &i64| *r >= 0 && r.to_string() == tag);
        revision.map(Some).ok_or_else(Problem::changed_meanwhile)
    }
}

/// What is between the quotes of one strong tag.
fn opaque(text: &str) -> Result<&str, Problem> {
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    let inner = inner.filter(|tag| !tag.contains('"'));
    inner.ok_or_else(unreadable)
}

fn unreadable() -> Problem {
    Problem::bad_request("Header 'If-Match' must be one entity tag in quotes, or *.")
}

/// The header that tells the tag.
pub(super) fn etag(tag: impl std::fmt::Display) -> [(http::HeaderName, HeaderValue); 1] {
    let value = HeaderValue::try_from(format!("\"{tag}\""));
    [(ETAG, value.unwrap_or(HeaderValue::from_static("\"\"")))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&'static str]) -> Result<Condition, Problem> {
        let values = values
            .iter()
            .map(|value| (IF_MATCH, HeaderValue::from_static(value)));
        Condition::of(&values.collect())
    }

    #[test]
    fn one_tag_or_a_star_or_none() {
        assert_eq!(of(&[]).unwrap(), Condition::None);
        assert_eq!(of(&[" * "]).unwrap(), Condition::None);
        assert_eq!(of(&["\"a1\""]).unwrap(), Condition::Is("a1".to_owned()));
        for never in ["W/\"a1\"", "\"\""] {
            assert_eq!(of(&[never]).unwrap(), Condition::Never, "{never}");
        }
        assert_eq!(Condition::on(&"a".repeat(65)), Condition::Never);
        for wrong in ["", "a1", "\"a1", "\"a\", \"b\"", "W/a1", "w/\"a\""] {
            assert!(of(&[wrong]).is_err(), "{wrong}");
        }
        assert!(of(&["\"a\"", "\"b\""]).is_err());
    }

    #[test]
    fn a_revision_is_a_number() {
        let revision = |tag| of(&[tag]).unwrap().revision();
        assert_eq!(revision("\"7\"").unwrap(), Some(7));
        assert_eq!(of(&[]).unwrap().revision().unwrap(), None);
        for never in ["\"-1\"", "\"+7\"", "\"07\"", "\"x\"", "W/\"7\""] {
            assert!(revision(never).is_err(), "{never}");
        }
    }
}

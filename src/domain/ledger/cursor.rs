//! Places as they are given out, to be come back with.

use super::Position;
use crate::domain::name::UserId;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::fmt;

/// A place up to which somebody has been told, and what may be missing after it. Its text is opaque, and good in a URL
/// and in a header.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    /// All up to here has been told.
    pub position: Position,
    /// Whoever goes on from here asks for what stands: of what comes next, what has been overtaken may be missing.
    pub may_lack_the_overtaken: bool,
}

/// The forms of the text: after a complete cursor nothing is missing.
const COMPLETE: &str = "1";
const LACKING: &str = "2";

impl Cursor {
    /// Before all that is kept, of which what has been overtaken is no part.
    #[must_use]
    pub fn beginning() -> Self {
        Self {
            position: Position::default(),
            may_lack_the_overtaken: true,
        }
    }

    /// After this place nothing may be missing.
    #[must_use]
    pub fn complete(position: Position) -> Self {
        Self {
            position,
            may_lack_the_overtaken: false,
        }
    }

    /// The cursor whose text this is; none if it is that of none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.splitn(5, ':');
        let may_lack_the_overtaken = match parts.next()? {
            COMPLETE => false,
            LACKING => true,
            _ => return None,
        };
        let position = Position {
            transaction: parts.next()?.parse().ok()?,
            revision: parts.next()?.parse().ok()?,
            number: parts.next()?.parse().ok()?,
            user: parts.next()?.to_owned(),
        };
        let is_user = position.user.is_empty() || UserId::parse(position.user.as_str()).is_ok();
        let is_possible =
            position.transaction >= 0 && position.revision >= 0 && position.number >= 0;
        (is_user && is_possible).then_some(Self {
            position,
            may_lack_the_overtaken,
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position {
            transaction,
            user,
            revision,
            number,
        } = &self.position;
        let form = if self.may_lack_the_overtaken {
            LACKING
        } else {
            COMPLETE
        };
        let text = format!("{form}:{transaction}:{revision}:{number}:{user}");
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stands_for_the_cursor_that_it_was_made_of() {
        for user in ["", "ada", "a:b:c", "日本"] {
            for may_lack_the_overtaken in [false, true] {
                let position = Position {
                    transaction: i64::MAX,
                    user: user.to_owned(),
                    revision: 7,
                    number: 34,
                };
                let cursor = Cursor {
                    position,
                    may_lack_the_overtaken,
                };
                assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
            }
        }
    }

    #[test]
    fn what_is_no_cursor_stands_for_nothing() {
        let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
        for text in [
            String::new(),
            "?".to_owned(),
            encoded("3:1:1:1:ada"),
            encoded("1:-1:1:1:ada"),
            encoded("1:1:1:ada"),
            encoded("1:1:1:99999999999:ada"),
            encoded("1:1:1:1:a\0"),
        ] {
            assert_eq!(Cursor::parse(&text), None, "{text}");
        }
    }
}

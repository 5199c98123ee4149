//! Names and labels: strings that have been looked at once and need not be looked at again.

use serde::{Deserialize, Serialize};
use std::{borrow::Borrow, fmt, sync::Arc};

/// A string that is no name of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}: it is {expected}")]
pub struct InvalidName {
    what: &'static str,
    expected: &'static str,
}

impl InvalidName {
    /// A text that is no `what`, which is `expected`.
    #[must_use]
    pub const fn of(what: &'static str, expected: &'static str) -> Self {
        Self { what, expected }
    }
}

/// Defines a string type whose only way in is `parse`. The text is shared: a state has each name many times, and is
/// copied for each decision.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $expected:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            #[doc = concat!("Takes a ", $what, ": ", $expected, ".")]
            ///
            /// # Errors
            /// When it is anything else.
            pub fn parse(text: impl Into<Arc<str>>) -> Result<Self, InvalidName> {
                let text = text.into();
                let valid: fn(&str) -> bool = $valid;
                if valid(&text) {
                    Ok(Self(text))
                } else {
                    Err(InvalidName::of($what, $expected))
                }
            }

            /// The text of it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidName;
            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::parse(text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidName;
            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::parse(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name!(
    /// Whose data it is. Users need no creating: an id is whatever the platform calls them.
    UserId,
    "user id",
    "1 to 255 bytes without control characters",
    |s| (1..=255).contains(&s.len()) && !s.chars().any(char::is_control)
);
name!(
    /// An OAuth2 client that writes attributes.
    ServiceName,
    "service name",
    "1 to 100 of A-Z, a-z, 0-9, '.', '_' and '-'",
    |s| (1..=100).contains(&s.len())
        && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
);
name!(
    /// What an attribute belongs to: `activity`, `mood`, ...
    GroupName,
    "group name",
    "1 to 100 of a-z, 0-9 and '_'",
    |s| (1..=100).contains(&s.len()) && is_lower_snake(s)
);
name!(
    /// An attribute definition that the platform understands.
    TemplateName,
    "template name",
    "1 to 100 of a-z, 0-9 and '_'",
    |s| (1..=100).contains(&s.len()) && is_lower_snake(s)
);
name!(
    /// An attribute of a user; unique for that user. Longer than a template's name can be, because a number may be
    /// appended to make it unique. A string that is none of these names an attribute that nobody can have.
    AttributeName,
    "attribute name",
    "1 to 128 of a-z, 0-9 and '_'",
    |s| (1..=128).contains(&s.len()) && is_lower_snake(s)
);
name!(
    /// What people read.
    Label,
    "label",
    "1 to 100 characters without control characters",
    |s| (1..=100).contains(&s.chars().count()) && !s.chars().any(char::is_control)
);

fn is_lower_snake(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

impl From<&TemplateName> for AttributeName {
    /// An attribute that is made from a template has the template's name.
    fn from(template: &TemplateName) -> Self {
        Self(template.0.clone())
    }
}

impl From<&ServiceName> for Label {
    /// What people read where there is nothing better.
    fn from(service: &ServiceName) -> Self {
        Self(service.0.clone())
    }
}

impl From<&GroupName> for Label {
    /// What people read where there is nothing better.
    fn from(group: &GroupName) -> Self {
        Self(group.0.clone())
    }
}

impl AttributeName {
    /// The name that a custom attribute gets from its label: lower case, each run of anything but `a-z0-9` becomes
    /// one `_`, none at the ends; `attribute` if nothing is left (`contract-around.md`, Create).
    #[must_use]
    pub fn from_label(label: &Label) -> Self {
        // ASCII alone: other letters do not stay, and some grow when they are put in lower case.
        let lower = label.as_str().to_ascii_lowercase();
        let words = lower
            .split(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())
            .filter(|word| !word.is_empty());
        let name = words.collect::<Vec<_>>().join("_");
        Self(if name.is_empty() {
            "attribute".into()
        } else {
            name.into()
        })
    }

    /// This name with a number appended, to tell it from others that are made from like labels.
    #[must_use]
    pub fn numbered(&self, number: usize) -> Self {
        Self(format!("{}_{number}", self.0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_becomes_a_name() {
        for (label, name) in [
            ("Time reading", "time_reading"),
            ("  --Coffee / Tea!  ", "coffee_tea"),
            ("Ünïcode", "n_code"),
            ("日本", "attribute"),
            ("A1b2", "a1b2"),
        ] {
            let label = Label::parse(label).unwrap();
            assert_eq!(AttributeName::from_label(&label).as_str(), name);
        }
    }

    #[test]
    fn the_longest_label_makes_a_name() {
        for longest in ["x", "İ", "ß", "日", "xİ"] {
            let label = longest.chars().cycle().take(100).collect::<String>();
            let label = Label::parse(label).unwrap();
            let name = AttributeName::from_label(&label).numbered(1_000_000);
            assert!(AttributeName::parse(name.as_str()).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_name_with_nul_or_capitals_is_none() {
        for text in ["", "a\0b", "Mood", "mood ", "é"] {
            assert!(AttributeName::parse(text).is_err(), "{text:?}");
        }
    }
}

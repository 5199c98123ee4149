//! What stands for an attribute as its user saw it.

use super::{
    attribute::Attribute,
    name::{InvalidName, ServiceName},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// The most bytes of one.
const LONGEST: usize = 64;

/// Stands for owner, generation, active, manual, pinned and the user's ranking of an attribute: equal if and only if
/// these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etag(String);

impl Etag {
    /// That of the attribute, with its ranking.
    #[must_use]
    pub fn of(attribute: &Attribute, ranking: &[ServiceName]) -> Self {
        // No name has a space, and none is empty.
        let mut facts = format!(
            "{} {} {} {} {}",
            attribute.generation,
            u8::from(attribute.is_active()),
            u8::from(attribute.manual),
            u8::from(attribute.is_pinned()),
            attribute.owner_name().map_or("", ServiceName::as_str),
        );
        for service in ranking {
            facts.push(' ');
            facts.push_str(service.as_str());
        }
        // Half of it is enough: nobody gains by making two attributes look the same.
        Self(URL_SAFE_NO_PAD.encode(&Sha256::digest(facts)[..16]))
    }

    /// Takes one that a caller sends, be it of any attribute or of none.
    ///
    /// # Errors
    /// When it is not 1 to 64 visible ASCII characters without quotes.
    pub fn parse(text: String) -> Result<Self, InvalidName> {
        let is_visible = text.bytes().all(|b| b.is_ascii_graphic() && b != b'"');
        if (1..=LONGEST).contains(&text.len()) && is_visible {
            Ok(Self(text))
        } else {
            let expected = "1 to 64 visible ASCII characters without quotes";
            Err(InvalidName::of("etag", expected))
        }
    }
}

impl fmt::Display for Etag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

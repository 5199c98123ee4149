//! Why an item of a batch failed (`contract.md`, The batch law).

use super::name::{AttributeName, GroupName};

/// One item's failure. Its `Display` is the text that `contract.md` gives, to the letter where it quotes one.
/// Indexes count from 0.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Neither `name` nor `template`, or no `name` to release.
    #[error("Object at index {index} missing field(s) 'name'")]
    MissingField {
        /// Place in the batch.
        index: usize,
    },
    /// The item as a whole could not be read.
    #[error("Object at index {index} {reason}")]
    InvalidItem {
        /// Place in the batch.
        index: usize,
        /// "is not an object", say.
        reason: String,
    },
    /// One field could not be read, is empty, or is at odds with another.
    #[error("Object at index {index} field '{field}' {reason}")]
    InvalidField {
        /// Place in the batch.
        index: usize,
        /// Which.
        field: Field,
        /// "must be a string", say.
        reason: String,
    },
    /// Acquire: no such attribute, or no such template.
    #[error("Attribute matching query does not exist.")]
    NoMatch,
    /// Release: no such attribute.
    #[error("User doesn't have an attribute named '{name}'")]
    NoSuchAttribute {
        /// As it was asked for: any text.
        name: String,
    },
    /// No write scope covers it.
    #[error("No permission to write to attributes in group '{group}'")]
    NotAllowed {
        /// The attribute's group.
        group: GroupName,
    },
    /// Release of what the caller does not own.
    #[error("Attribute '{name}' does not belong to this service")]
    Unauthorised {
        /// The attribute.
        name: AttributeName,
    },
    /// A template whose name a custom attribute has.
    #[error("User already has a custom attribute named '{name}', use 'name' to acquire it")]
    Exists {
        /// The attribute.
        name: AttributeName,
    },
}

/// A field of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `name`.
    Name,
    /// `template`.
    Template,
    /// `manual`.
    Manual,
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Template => "template",
            Self::Manual => "manual",
        })
    }
}

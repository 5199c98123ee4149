//! Why an item of a batch failed (`contract.md`, The batch law).

use super::{
    name::{AttributeName, GroupName},
    view::OwnerView,
};

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
    /// Create: no template, and not all of what a custom attribute needs.
    #[error("Object at index {index} missing field(s) {}", quoted(.fields))]
    MissingFields {
        /// Place in the batch.
        index: usize,
        /// Which, in the order of the contract.
        fields: Vec<Field>,
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
    /// Create: no such group.
    #[error("Group matching query does not exist.")]
    NoSuchGroup,
    /// Create: the user has it already.
    #[error("User already has an attribute named '{name}'")]
    AlreadyThere {
        /// The attribute.
        name: AttributeName,
    },
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
    /// The caller wants it only if it is free, and another service owns it.
    #[error("Attribute '{name}' is owned by service '{}'", .owner.service.name)]
    NotAvailable {
        /// The attribute.
        name: AttributeName,
        /// Who has it.
        owner: OwnerView,
    },
    /// The caller wants it only if it is at a generation, and it is at another.
    #[error("Attribute '{name}' is at generation {actual}, not {expected}, and {}", holder(.owner.as_ref()))]
    OtherGeneration {
        /// The attribute.
        name: AttributeName,
        /// What the caller took it for.
        expected: i64,
        /// What it is.
        actual: i64,
        /// Who has it.
        owner: Option<OwnerView>,
    },
    /// The user has pinned it.
    #[error("Attribute '{name}' is pinned by the user to service '{}'", .owner.service.name)]
    Pinned {
        /// The attribute.
        name: AttributeName,
        /// The service that it is pinned to.
        owner: OwnerView,
    },
    /// All or nothing was asked for, and another item failed.
    #[error("Not done, because another object of the request failed")]
    Aborted,
}

impl Failure {
    /// Who owns the attribute, where that is why.
    #[must_use]
    pub fn owner(&self) -> Option<&OwnerView> {
        match self {
            Self::NotAvailable { owner, .. } | Self::Pinned { owner, .. } => Some(owner),
            Self::OtherGeneration { owner, .. } => owner.as_ref(),
            _ => None,
        }
    }

    /// The attribute that the user has already, where that is why.
    #[must_use]
    pub fn existing(&self) -> Option<&AttributeName> {
        match self {
            Self::Exists { name } | Self::AlreadyThere { name } => Some(name),
            _ => None,
        }
    }
}

fn quoted(fields: &[Field]) -> String {
    let quoted = fields.iter().map(|field| format!("'{field}'"));
    quoted.collect::<Vec<_>>().join(", ")
}

fn holder(owner: Option<&OwnerView>) -> String {
    owner.map_or_else(
        || "nobody owns it".to_owned(),
        |owner| format!("service '{}' owns it", owner.service.name),
    )
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
    /// `generation`.
    Generation,
    /// `label`.
    Label,
    /// `group`.
    Group,
    /// `value_type`.
    ValueType,
}

impl Field {
    const ALL: [Self; 7] = [
        Self::Name,
        Self::Template,
        Self::Manual,
        Self::Generation,
        Self::Label,
        Self::Group,
        Self::ValueType,
    ];

    /// The field of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == name)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Template => "template",
            Self::Manual => "manual",
            Self::Generation => "generation",
            Self::Label => "label",
            Self::Group => "group",
            Self::ValueType => "value_type",
        }
    }
}

impl std::fmt::Display for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

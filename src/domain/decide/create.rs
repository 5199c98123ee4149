//! Creating a custom attribute (`contract-around.md`, Create).

use crate::domain::{
    attribute::Attribute,
    change::Draft,
    name::{AttributeName, GroupName, Label},
    value_type::ValueType,
};

/// Why a custom attribute is not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateRefused {
    /// The catalog has no such group.
    #[error("there is no group '{0}' in the catalog")]
    UnknownGroup(GroupName),
    /// Value type 6 is for templates.
    #[error("value type 6 is reserved for templates")]
    ReservedValueType,
    /// The user has one with that label.
    #[error("the user already has an attribute with that label: '{0}'")]
    Exists(AttributeName),
}

/// Creates a custom attribute that nobody owns. The name is made from the label; a number is appended only where
/// another label has taken it.
///
/// # Errors
/// As [`CreateRefused`] says; the draft is then as it was.
pub fn create_custom(
    draft: &mut Draft<'_>,
    label: &Label,
    group: &GroupName,
    value_type: ValueType,
    manual: bool,
) -> Result<AttributeName, CreateRefused> {
    if draft.catalog().group(group.as_str()).is_none() {
        return Err(CreateRefused::UnknownGroup(group.clone()));
    }
    if value_type == ValueType::TimeFromMidday {
        return Err(CreateRefused::ReservedValueType);
    }
    let name = free_name(draft, label).map_err(CreateRefused::Exists)?;
    draft.create(Attribute::custom(
        name.clone(),
        label.clone(),
        group.clone(),
        value_type,
        manual,
    ));
    Ok(name)
}

/// The first name for the label that is free, or the one that an attribute with the very label has.
fn free_name(draft: &Draft<'_>, label: &Label) -> Result<AttributeName, AttributeName> {
    let base = AttributeName::from_label(label);
    let mut name = base.clone();
    let mut number = 1;
    while let Some(taken) = draft.state().attributes.get(&name) {
        if taken.label == *label {
            return Err(name);
        }
        number += 1;
        name = base.numbered(number);
    }
    Ok(name)
}

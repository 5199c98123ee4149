//! Create: what the user lacks comes to be, and a service that asked for it owns it (`contract-around.md`, Create).

use super::{
    Caller, Malformed,
    acquire::{indicate, take},
    readable, readable_name,
};
use crate::domain::{
    attribute::Attribute,
    change::Draft,
    failure::{Failure, Field},
    name::{AttributeName, GroupName, Label},
    value_type::ValueType,
};

/// One attribute to create, by template or by the three of label, group and value type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CreateItem {
    /// A template of the catalog.
    pub template: Option<String>,
    /// For people.
    pub label: Option<String>,
    /// A group of the catalog.
    pub group: Option<String>,
    /// The number of a value type.
    pub value_type: Option<i64>,
    /// What `manual` is to be; none is true.
    pub manual: Option<bool>,
    /// What could not be read of the item.
    pub malformed: Option<Malformed>,
}

/// Decides one item.
///
/// # Errors
/// The first check that fails; the draft is then as it was.
pub fn create(
    draft: &mut Draft<'_>,
    caller: &Caller,
    index: usize,
    item: &CreateItem,
) -> Result<AttributeName, Failure> {
    readable(index, item.malformed.as_ref(), None)?;
    let malformed = item.malformed.as_ref();
    let template = item.template.as_deref();
    readable_name(index, malformed, Field::Template, template)?;
    let attribute = match template {
        Some(template) => {
            readable(index, malformed, Some(Field::Manual))?;
            from_template(draft, template, item.manual.unwrap_or(true))?
        }
        None => custom(draft, index, item)?,
    };
    if !caller.granted.cover(&attribute.group, attribute.manual) {
        return Err(Failure::NotAllowed {
            group: attribute.group,
        });
    }
    draft.create(attribute.clone());
    indicate(draft, caller, &attribute.name, item.manual);
    take(draft, caller, &attribute, attribute.manual);
    Ok(attribute.name)
}

/// What the template makes, unless the user has it.
fn from_template(draft: &Draft<'_>, template: &str, manual: bool) -> Result<Attribute, Failure> {
    let template = draft.catalog().template(template).ok_or(Failure::NoMatch)?;
    match draft.state().attribute(template.name.as_str()) {
        Some(there) => Err(Failure::AlreadyThere {
            name: there.name.clone(),
        }),
        None => Ok(Attribute::from_template(template, manual)),
    }
}

/// What label, group and value type make, if they are there and the user has none with that label.
fn custom(draft: &Draft<'_>, index: usize, item: &CreateItem) -> Result<Attribute, Failure> {
    let malformed = item.malformed.as_ref();
    let invalid = |field, reason: &str| Failure::InvalidField {
        index,
        field,
        reason: reason.to_owned(),
    };
    readable(index, malformed, Some(Field::Label))?;
    let label = item.label.as_deref().map(Label::parse).transpose();
    let expected = "must have 1 to 100 characters and no control characters";
    let label = label.map_err(|_| invalid(Field::Label, expected))?;
    readable_name(index, malformed, Field::Group, item.group.as_deref())?;
    readable(index, malformed, Some(Field::ValueType))?;
    let (Some(label), Some(group), Some(value_type)) = (label, &item.group, item.value_type) else {
        return Err(missing(index, item));
    };
    let value_type = i32::try_from(value_type).ok();
    let value_type = value_type.and_then(|number| ValueType::try_from(number).ok());
    let value_type = match value_type {
        Some(ValueType::TimeFromMidday) => Err(invalid(
            Field::ValueType,
            "must not be 6, which is for templates",
        )),
        Some(value_type) => Ok(value_type),
        None => Err(invalid(Field::ValueType, "must be an integer from 0 to 8")),
    }?;
    readable(index, malformed, Some(Field::Manual))?;
    let group = draft.catalog().group(group).ok_or(Failure::NoSuchGroup)?;
    let name = free_name(draft, &label).map_err(|name| Failure::AlreadyThere { name })?;
    let manual = item.manual.unwrap_or(true);
    let group = group.name.clone();
    Ok(Attribute::custom(name, label, group, value_type, manual))
}

/// That the item has not all that it needs.
fn missing(index: usize, item: &CreateItem) -> Failure {
    let fields = [
        (Field::Label, item.label.is_none()),
        (Field::Group, item.group.is_none()),
        (Field::ValueType, item.value_type.is_none()),
    ];
    let missing = fields.into_iter().filter(|(_, is_missing)| *is_missing);
    Failure::MissingFields {
        index,
        fields: missing.map(|(field, _)| field).collect(),
    }
}

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

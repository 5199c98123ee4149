//! Acquire: the caller becomes the owner (`contract.md`, Acquire).

use super::{
    Caller, Malformed, at_generation, readable, readable_generation, readable_name, set_active,
};
use crate::domain::{
    attribute::Attribute,
    change::Draft,
    event::Cause,
    failure::{Failure, Field},
    name::AttributeName,
    view::OwnerView,
};

/// One attribute to acquire.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AcquireItem {
    /// An attribute that the user has.
    pub name: Option<String>,
    /// A template to create it from if the user lacks it.
    pub template: Option<String>,
    /// What `manual` is to be; none leaves it, or is true for one that is created.
    pub manual: Option<bool>,
    /// The generation that it must be at; none is any.
    pub generation: Option<i64>,
    /// Whether it is not to be taken from another service.
    pub if_available: bool,
    /// What could not be read of the item.
    pub malformed: Option<Malformed>,
}

/// What an item asks for, once it has been read.
enum Wanted<'i> {
    Template(&'i str),
    Name(&'i str),
}

/// Decides one item.
///
/// # Errors
/// The first check that fails, in the order of `contract.md`; the draft is then as it was.
pub fn acquire(
    draft: &mut Draft<'_>,
    caller: &Caller,
    index: usize,
    item: &AcquireItem,
) -> Result<AttributeName, Failure> {
    let (attribute, exists) = match read(index, item)? {
        Wanted::Template(template) => from_template(draft, template, item.manual)?,
        Wanted::Name(name) => {
            let attribute = draft.state().attribute(name).ok_or(Failure::NoMatch)?;
            (attribute.clone(), true)
        }
    };
    let manual = item.manual.unwrap_or(attribute.manual);
    if !caller.granted.cover(&attribute.group, manual) {
        return Err(Failure::NotAllowed {
            group: attribute.group,
        });
    }
    at_generation(draft, &attribute, item.generation)?;
    free(draft, caller, &attribute, item.if_available)?;
    if !exists {
        draft.create(attribute.clone());
    }
    indicate(draft, caller, &attribute.name, item.manual);
    take(draft, caller, &attribute, manual);
    Ok(attribute.name)
}

/// What the item asks for, if it can be read and its fields agree.
fn read(index: usize, item: &AcquireItem) -> Result<Wanted<'_>, Failure> {
    let (name, template) = (item.name.as_deref(), item.template.as_deref());
    let malformed = item.malformed.as_ref();
    readable(index, malformed, None)?;
    readable_name(index, malformed, Field::Name, name)?;
    readable_name(index, malformed, Field::Template, template)?;
    let wanted = match (name, template) {
        (_, Some(template)) => Wanted::Template(template),
        (Some(name), None) => Wanted::Name(name),
        (None, None) => return Err(Failure::MissingField { index }),
    };
    readable(index, malformed, Some(Field::Manual))?;
    readable_generation(index, malformed, item.generation)?;
    if name.is_some() && template.is_some() && name != template {
        return Err(Failure::InvalidField {
            index,
            field: Field::Name,
            reason: "must be equal to 'template' if both are given".to_owned(),
        });
    }
    Ok(wanted)
}

/// The user's attribute of that template, or what the template would make; and which of the two it is.
fn from_template(
    draft: &Draft<'_>,
    template: &str,
    manual: Option<bool>,
) -> Result<(Attribute, bool), Failure> {
    let template = draft.catalog().template(template).ok_or(Failure::NoMatch)?;
    match draft.state().attribute(template.name.as_str()) {
        Some(custom) if custom.template.is_none() => Err(Failure::Exists {
            name: custom.name.clone(),
        }),
        Some(templated) => Ok((templated.clone(), true)),
        None => {
            let manual = manual.unwrap_or(true);
            Ok((Attribute::from_template(template, manual), false))
        }
    }
}

/// Fails where another has the attribute and the caller or the user does not want it taken.
fn free(
    draft: &Draft<'_>,
    caller: &Caller,
    attribute: &Attribute,
    if_available: bool,
) -> Result<(), Failure> {
    let Some(owner) = OwnerView::of(attribute, draft.catalog()) else {
        return Ok(());
    };
    let name = attribute.name.clone();
    let is_own = attribute.is_owned_by(&caller.service);
    if if_available && !is_own {
        return Err(Failure::NotAvailable { name, owner });
    }
    // What the user has pinned and switched off stays off, whoever asks.
    if attribute.is_pinned() && !(is_own && attribute.is_active()) {
        return Err(Failure::Pinned { name, owner });
    }
    Ok(())
}

/// Records what acquiring says: that the service can handle the attribute, unless it explicitly asked for manual,
/// and that it does not decline it any more.
pub(super) fn indicate(
    draft: &mut Draft<'_>,
    caller: &Caller,
    name: &AttributeName,
    manual: Option<bool>,
) {
    let offer = draft.offer(name, &caller.service);
    offer.offered |= manual != Some(true);
    offer.declined = false;
    offer.manual = manual.or(offer.manual);
}

/// Makes the caller the owner, and the attribute active.
pub(super) fn take(draft: &mut Draft<'_>, caller: &Caller, attribute: &Attribute, manual: bool) {
    let name = &attribute.name;
    match &attribute.owner {
        Some(owner) if owner.service == caller.service => {
            set_active(draft, name, true);
            if attribute.manual != manual {
                draft.adjust(name, Cause::ManualChanged, |a| a.manual = manual);
            }
        }
        other => {
            let cause = if other.is_some() {
                Cause::Taken
            } else {
                Cause::Acquired
            };
            draft.hand_over(name, Some(&caller.service), cause, |a| a.manual = manual);
        }
    }
}

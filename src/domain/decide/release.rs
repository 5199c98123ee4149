//! Release: the caller gives an attribute up (`contract.md`, Release).

use super::{
    Caller, Malformed, at_generation, readable, readable_generation, readable_name, vacate::vacate,
};
use crate::domain::{
    change::Draft,
    event::Cause,
    failure::{Failure, Field},
    name::AttributeName,
};

/// One attribute to release.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReleaseItem {
    /// An attribute that the caller owns.
    pub name: Option<String>,
    /// The generation that it must be at; none is any.
    pub generation: Option<i64>,
    /// What could not be read of the item.
    pub malformed: Option<Malformed>,
}

/// Decides one item. No scope is needed: owning it is enough.
///
/// # Errors
/// The first check that fails, in the order of `contract.md`; the draft is then as it was.
pub fn release(
    draft: &mut Draft<'_>,
    caller: &Caller,
    index: usize,
    item: &ReleaseItem,
) -> Result<AttributeName, Failure> {
    let malformed = item.malformed.as_ref();
    readable(index, malformed, None)?;
    readable_name(index, malformed, Field::Name, item.name.as_deref())?;
    let Some(name) = &item.name else {
        return Err(Failure::MissingField { index });
    };
    readable_generation(index, malformed, item.generation)?;
    let Some(attribute) = draft.state().attribute(name).cloned() else {
        return Err(Failure::NoSuchAttribute { name: name.clone() });
    };
    if !attribute.is_owned_by(&caller.service) {
        return Err(Failure::Unauthorised {
            name: attribute.name,
        });
    }
    at_generation(draft, &attribute, item.generation)?;
    draft.offer(&attribute.name, &caller.service).declined = true;
    vacate(draft, &attribute, Cause::Released);
    Ok(attribute.name)
}

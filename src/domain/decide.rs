//! The decisions: one function a request, each a sequence of the elementary moves of a [`Draft`].
//!
//! All that succeeded in a batch is committed together; an item that fails has changed nothing and stops no other
//! (`contract.md`, The batch law).

mod acquire;
mod choose;
mod connect;
mod create;
mod release;
mod switch;
mod vacate;

#[cfg(test)]
mod tests;

use super::{
    attribute::Attribute,
    change::Draft,
    failure::{Failure, Field},
    name::{AttributeName, ServiceName},
    scope::Scopes,
    view::OwnerView,
};
pub use acquire::{AcquireItem, acquire};
pub use choose::{set_owner, set_succession};
pub use connect::{IssueRefused, Withdrawn, connect, disconnect, follow, issue_token, withdraw};
pub use create::{CreateItem, CreateRefused, create, create_custom};
pub use release::{ReleaseItem, release};
pub use switch::{set_active, set_pinned};

/// The service that asks, and what it may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who it is.
    pub service: ServiceName,
    /// What both its token and its connection grant now.
    pub granted: Scopes,
}

/// What of an item could not be read, and why: the end of a sentence that begins with the item or its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The field, or none where the item as a whole could not be read.
    pub field: Option<Field>,
    /// "is not an object", "must be a string".
    pub reason: String,
}

/// Decides the items one after the other. Each success names the attribute that it is about.
pub fn batch<I>(
    draft: &mut Draft<'_>,
    caller: &Caller,
    items: &[I],
    decide: impl Fn(&mut Draft<'_>, &Caller, usize, &I) -> Result<AttributeName, Failure>,
) -> Vec<Result<AttributeName, Failure>> {
    let numbered = items.iter().enumerate();
    numbered
        .map(|(index, item)| decide(draft, caller, index, item))
        .collect()
}

/// Decides as [`batch`] does; if an item fails nothing is done, and those that would have succeeded are
/// [`Failure::Aborted`].
pub fn all_or_nothing<I>(
    draft: &mut Draft<'_>,
    caller: &Caller,
    items: &[I],
    decide: impl Fn(&mut Draft<'_>, &Caller, usize, &I) -> Result<AttributeName, Failure>,
) -> Vec<Result<AttributeName, Failure>> {
    let decided = batch(draft, caller, items, decide);
    if decided.iter().all(Result::is_ok) {
        return decided;
    }
    draft.undo();
    let aborted = |item: Result<_, _>| item.and(Err(Failure::Aborted));
    decided.into_iter().map(aborted).collect()
}

/// Fails where `field` (or the item as a whole, for none) could not be read.
fn readable(
    index: usize,
    malformed: Option<&Malformed>,
    field: Option<Field>,
) -> Result<(), Failure> {
    let Some(malformed) = malformed.filter(|m| m.field == field) else {
        return Ok(());
    };
    let reason = malformed.reason.clone();
    Err(match field {
        None => Failure::InvalidItem { index, reason },
        Some(field) => Failure::InvalidField {
            index,
            field,
            reason,
        },
    })
}

/// Fails where `field` could not be read or is an empty string.
fn readable_name(
    index: usize,
    malformed: Option<&Malformed>,
    field: Field,
    value: Option<&str>,
) -> Result<(), Failure> {
    readable(index, malformed, Some(field))?;
    if value == Some("") {
        let reason = "must not be empty".to_owned();
        return Err(Failure::InvalidField {
            index,
            field,
            reason,
        });
    }
    Ok(())
}

/// Fails where the generation could not be read or is none.
fn readable_generation(
    index: usize,
    malformed: Option<&Malformed>,
    generation: Option<i64>,
) -> Result<(), Failure> {
    readable(index, malformed, Some(Field::Generation))?;
    if generation.is_some_and(i64::is_negative) {
        return Err(Failure::InvalidField {
            index,
            field: Field::Generation,
            reason: "must not be negative".to_owned(),
        });
    }
    Ok(())
}

/// Fails unless the attribute is at the generation that the item names, if it names one.
fn at_generation(
    draft: &Draft<'_>,
    attribute: &Attribute,
    expected: Option<i64>,
) -> Result<(), Failure> {
    match expected {
        Some(expected) if expected != attribute.generation => Err(Failure::OtherGeneration {
            name: attribute.name.clone(),
            expected,
            actual: attribute.generation,
            owner: OwnerView::of(attribute, draft.catalog()),
        }),
        _ => Ok(()),
    }
}

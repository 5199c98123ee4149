//! Switching an attribute on or off and pinning it, which is the user's. Its owner stays its owner.

use crate::domain::{attribute::Owner, change::Draft, event::Cause, name::AttributeName};

/// Makes an owned attribute active or inactive.
pub fn set_active(draft: &mut Draft<'_>, name: &AttributeName, active: bool) {
    let cause = if active {
        Cause::Activated
    } else {
        Cause::Deactivated
    };
    set(draft, name, cause, |owner| &mut owner.active, active);
}

/// Pins an owned attribute to its owner, or unpins it.
pub fn set_pinned(draft: &mut Draft<'_>, name: &AttributeName, pinned: bool) {
    let cause = if pinned {
        Cause::Pinned
    } else {
        Cause::Unpinned
    };
    set(draft, name, cause, |owner| &mut owner.pinned, pinned);
}

/// Gives a fact of an ownership this value, if it has the other.
fn set(
    draft: &mut Draft<'_>,
    name: &AttributeName,
    cause: Cause,
    fact: impl Fn(&mut Owner) -> &mut bool,
    value: bool,
) {
    let owner = draft.state().attributes.get(name);
    let owner = owner.and_then(|attribute| attribute.owner.clone());
    if owner.is_some_and(|mut owner| *fact(&mut owner) != value) {
        draft.adjust(name, cause, |attribute| {
            if let Some(owner) = &mut attribute.owner {
                *fact(owner) = value;
            }
        });
    }
}

//! Switching an attribute on or off, which is the user's.

use crate::domain::{change::Draft, event::Cause, name::AttributeName};

/// Makes an owned attribute active or inactive. Its owner stays its owner.
pub fn set_active(draft: &mut Draft<'_>, name: &AttributeName, active: bool) {
    let owner = draft
        .state()
        .attributes
        .get(name)
        .and_then(|a| a.owner.as_ref());
    if owner.is_none_or(|owner| owner.active == active) {
        return;
    }
    let cause = if active {
        Cause::Activated
    } else {
        Cause::Deactivated
    };
    draft.adjust(name, cause, |attribute| {
        if let Some(owner) = &mut attribute.owner {
            owner.active = active;
        }
    });
}

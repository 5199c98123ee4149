//! What the user alone decides: who owns an attribute, and who comes next (`account.proto`).

use super::switch::{set_active, set_pinned};
use crate::domain::{
    attribute::Attribute,
    change::Draft,
    event::Cause,
    name::{AttributeName, ServiceName},
    succession::{Unqualified, qualified},
};

/// Makes the service the owner of the attribute, or nobody; `pinned` and `active` are what it is to be, none leaves it. Of
/// an attribute whose owner stays the same only what pinning and switching change.
///
/// # Errors
/// Why the service does not qualify; the draft is then as it was.
pub fn set_owner(
    draft: &mut Draft<'_>,
    attribute: &Attribute,
    service: Option<&ServiceName>,
    pinned: Option<bool>,
    active: Option<bool>,
) -> Result<(), Unqualified> {
    let name = &attribute.name;
    if attribute.owner_name() == service {
        if let Some(pinned) = pinned {
            set_pinned(draft, name, pinned);
        }
        if let Some(active) = active {
            set_active(draft, name, active);
        }
        return Ok(());
    }
    let Some(service) = service else {
        draft.hand_over(name, None, Cause::UserChoice, |_| {});
        return Ok(());
    };
    let chosen = qualified(draft.state(), draft.catalog(), attribute, service)?;
    // What the user had switched off stays off; what nobody owned had not been.
    let was_active = attribute.owner.as_ref().is_none_or(|owner| owner.active);
    let active = active.unwrap_or(was_active);
    let pinned = pinned.unwrap_or(attribute.is_pinned());
    draft.hand_over(name, Some(service), Cause::UserChoice, |attribute| {
        attribute.manual = chosen.manual;
        if let Some(owner) = &mut attribute.owner {
            owner.active = active;
            owner.pinned = pinned;
        }
    });
    Ok(())
}

/// Ranks the services for the attribute, the first to come first; none of the others has a rank any more.
pub fn set_succession(draft: &mut Draft<'_>, name: &AttributeName, services: &[ServiceName]) {
    draft.rank(name, services);
}

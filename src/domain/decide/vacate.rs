//! What becomes of an attribute whose owner gives it up or loses it.

use crate::domain::{attribute::Attribute, change::Draft, event::Cause, succession::successor};

/// Passes the attribute from its owner to the successor; or to nobody, for the reason `cause`.
///
/// One that the user had switched off stays off under its successor. One that nobody owns keeps its settings.
pub(super) fn vacate(draft: &mut Draft<'_>, attribute: &Attribute, cause: Cause) {
    let active = attribute.is_active();
    match successor(draft.state(), draft.catalog(), attribute) {
        Some(next) => {
            let to = Some(&next.service);
            draft.hand_over(&attribute.name, to, Cause::Inherited, |attribute| {
                attribute.manual = next.manual;
                if let Some(owner) = &mut attribute.owner {
                    owner.active = active;
                }
            });
        }
        None => draft.hand_over(&attribute.name, None, cause, |_| {}),
    }
}

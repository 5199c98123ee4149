//! What the last change did, kept over the redirect that follows it.

use super::{seen::Seen, view::Labels, wish::Wish};
use crate::proto::UserAttribute;
use serde::{Deserialize, Serialize};

/// A change that was made, and what undoes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Done {
    /// Name of the attribute; empty if it concerns none.
    pub(super) attribute: String,
    /// A sentence.
    pub(super) text: String,
    /// What undoes it, if there is anything to undo.
    pub(super) undo: Option<Wish>,
    /// How the attribute stood after it: once that has changed, this is no news any more.
    pub(super) etag: String,
}

impl Done {
    /// A wish that was granted to somebody who saw that before.
    pub(super) fn new(wish: &Wish, seen: &Seen, now: &UserAttribute) -> Self {
        let inner = now.attribute.clone().unwrap_or_default();
        let changed = match wish {
            Wish::Order { services, before } => services != before,
            _ => now.etag != seen.etag,
        };
        let labels = Labels::of([now], &[]);
        Self {
            text: text(wish, &inner.label, &labels),
            attribute: inner.name,
            undo: changed.then(|| wish.inverse(seen)),
            etag: now.etag.clone(),
        }
    }

    /// Something that concerns no attribute, and cannot be undone.
    pub(super) fn said(text: String) -> Self {
        Self {
            attribute: String::new(),
            text,
            undo: None,
            etag: String::new(),
        }
    }
}

fn text(wish: &Wish, label: &str, labels: &Labels) -> String {
    match wish {
        Wish::Owner(service) if service.is_empty() => format!("Nobody owns {label} now."),
        Wish::Owner(service) => format!("You gave {label} to {}.", labels.service(service)),
        Wish::Active(true) => format!("You switched {label} on."),
        Wish::Active(false) => format!("You switched {label} off."),
        Wish::Pinned(true) => format!("You pinned {label}: only you may change who owns it."),
        Wish::Pinned(false) => format!("You unpinned {label}: services may take it over again."),
        Wish::Order { services, .. } if services.is_empty() => {
            format!("{label} is back to the usual order.")
        }
        Wish::Order { .. } => format!("Your order for {label} is kept."),
        Wish::Back { .. } => format!("{label} is as it was before."),
        Wish::Keep => String::new(),
    }
}

//! What the last change did, kept over the redirect that follows it.

use super::{
    fields,
    seen::{Seen, Unreadable},
    view::Labels,
    wish::Wish,
};
use crate::proto::UserAttribute;

/// A change that was made, and what undoes it.
#[derive(Debug, Clone, PartialEq, Eq)]
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

    /// As a text that `read` understands.
    pub(super) fn write(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("attribute", &self.attribute)
            .append_pair("text", &self.text)
            .append_pair("etag", &self.etag);
        if let Some(undo) = &self.undo {
            form.append_pair("do", undo.doing());
            form.extend_pairs(undo.fields());
        }
        form.finish()
    }

    pub(super) fn read(text: &str) -> Result<Self, Unreadable> {
        let fields = fields::parse(text.as_bytes());
        let first = |name| {
            fields::first(&fields, name)
                .map(str::to_owned)
                .ok_or(Unreadable)
        };
        Ok(Self {
            attribute: first("attribute")?,
            text: first("text")?,
            etag: first("etag")?,
            undo: Wish::parse(&fields).ok(),
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_survives_the_redirect() {
        let back = Wish::Back {
            owner: "oura".to_owned(),
            active: true,
            pinned: false,
        };
        let order = Wish::Order {
            services: Vec::new(),
            before: vec!["a".to_owned()],
        };
        for undo in [Some(back), Some(order), None] {
            let done = Done {
                attribute: "steps".to_owned(),
                text: "You gave \"Ste;ps\" & more to é.".to_owned(),
                undo,
                etag: "00ff".to_owned(),
            };
            let written = done.write();
            assert!(
                written.is_ascii() && !written.contains([';', ',', ' ', '"']),
                "{written}"
            );
            assert_eq!(Done::read(&written), Ok(done));
        }
    }
}

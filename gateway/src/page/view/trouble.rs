//! Why a change was not made, in words beside what it concerns.

use super::{event::EventLine, words::Labels};
use crate::{
    page::{form::Fields, seen::Seen, wish::Wish},
    proto::{UserAttribute, UserEvent},
};

/// A change that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct Trouble {
    pub(in crate::page) title: &'static str,
    pub(in crate::page) text: String,
    /// If somebody got in first.
    pub(in crate::page) lost: Option<Lost>,
}

/// A lost race, with all that is needed to decide anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct Lost {
    /// How it was when the user looked.
    pub(in crate::page) before: String,
    /// What has happened since, the oldest first.
    pub(in crate::page) events: Vec<EventLine>,
    /// How it is.
    pub(in crate::page) now: String,
    /// What was asked for.
    pub(in crate::page) wanted: String,
    pub(in crate::page) seen: Seen,
    wish: Wish,
    /// The button that asks for it once more.
    pub(in crate::page) insist: String,
}

impl Trouble {
    /// Something that is not possible.
    pub(in crate::page) fn refused(text: impl Into<String>) -> Self {
        Self {
            title: "That was not changed.",
            text: text.into(),
            lost: None,
        }
    }

    /// Somebody else changed the attribute after the user had looked at it. `events` are the attribute's, the newest first.
    pub(in crate::page) fn lost(
        (seen, wish): (&Seen, Wish),
        attribute: &UserAttribute,
        revision: i64,
        events: Vec<UserEvent>,
        labels: &Labels,
    ) -> Self {
        let is_new = |event: &UserEvent| {
            event
                .event
                .as_ref()
                .is_some_and(|e| e.revision > seen.revision)
        };
        let since = events.into_iter().filter(is_new).rev().map(EventLine::new);
        let now = Seen::new(attribute, revision);
        let lost = Lost {
            before: state(seen, labels),
            events: since.collect(),
            now: state(&now, labels),
            wanted: wanted(&wish, labels),
            insist: insist(&wish, labels),
            seen: now,
            wish,
        };
        Self {
            title: "This changed while you were looking, so nothing was done.",
            text: String::new(),
            lost: Some(lost),
        }
    }
}

impl Lost {
    /// The value of the button that asks for it once more.
    pub(in crate::page) fn doing(&self) -> &'static str {
        self.wish.doing()
    }

    /// What its form needs besides.
    pub(in crate::page) fn fields(&self) -> Fields {
        self.wish.fields()
    }
}

/// `Oura owns it, pinned to it, and it is switched off.`
fn state(seen: &Seen, labels: &Labels) -> String {
    if seen.owner.is_empty() {
        return "Nobody owns it.".to_owned();
    }
    let owner = labels.service(&seen.owner);
    let off = if seen.active {
        ""
    } else {
        ", and it is switched off"
    };
    let pinned = if seen.pinned { ", pinned to it" } else { "" };
    format!("{owner} owns it{pinned}{off}.")
}

fn wanted(wish: &Wish, labels: &Labels) -> String {
    match wish {
        Wish::Owner(service) if service.is_empty() => "Nobody should own it.".to_owned(),
        Wish::Owner(service) => format!("{} should own it.", labels.service(service)),
        Wish::Active(true) => "It should be switched on.".to_owned(),
        Wish::Active(false) => "It should be switched off.".to_owned(),
        Wish::Pinned(true) => "It should be pinned.".to_owned(),
        Wish::Pinned(false) => "It should not be pinned.".to_owned(),
        Wish::Order { services, .. } if services.is_empty() => {
            "It should have no order of yours.".to_owned()
        }
        Wish::Order { services, .. } => {
            let names: Vec<_> = services.iter().map(|s| labels.service(s)).collect();
            format!("This order: {}.", names.join(", "))
        }
        Wish::Back { owner, .. } if owner.is_empty() => {
            "As it was: nobody should own it.".to_owned()
        }
        Wish::Back { owner, .. } => format!("As it was: {} should own it.", labels.service(owner)),
        Wish::Keep => "Nothing.".to_owned(),
    }
}

fn insist(wish: &Wish, labels: &Labels) -> String {
    let doing = match wish {
        Wish::Owner(service) | Wish::Back { owner: service, .. } => match service.as_str() {
            "" => "Take it away".to_owned(),
            service => format!("Give it to {}", labels.service(service)),
        },
        Wish::Active(true) => "Switch it on".to_owned(),
        Wish::Active(false) => "Switch it off".to_owned(),
        Wish::Pinned(true) => "Pin it".to_owned(),
        Wish::Pinned(false) => "Unpin it".to_owned(),
        Wish::Order { .. } => "Order it so".to_owned(),
        Wish::Keep => "Keep it".to_owned(),
    };
    format!("{doing} all the same")
}

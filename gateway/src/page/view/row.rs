//! One attribute, and what its user can do about it in one line.

use super::trouble::Trouble;
use crate::{
    page::{done::Done, seen::Seen},
    proto::{Service, UserAttribute},
};

/// A row of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct Row {
    pub(in crate::page) name: String,
    pub(in crate::page) label: String,
    /// How it stands.
    pub(in crate::page) seen: Seen,
    /// Who can be chosen as its owner, the present one first.
    pub(in crate::page) options: Vec<Choice>,
    /// What is unusual about it, in a word or two.
    pub(in crate::page) note: &'static str,
    /// Whether a search leaves it out.
    pub(in crate::page) hidden: bool,
    /// What the last change did to it.
    pub(in crate::page) done: Option<Done>,
    /// Why the last change was not made.
    pub(in crate::page) trouble: Option<Trouble>,
}

/// A service in the owner chooser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct Choice {
    pub(in crate::page) name: String,
    pub(in crate::page) label: String,
    pub(in crate::page) chosen: bool,
}

impl Row {
    pub(in crate::page) fn new(attribute: &UserAttribute, revision: i64) -> Self {
        let seen = Seen::new(attribute, revision);
        let inner = attribute.attribute.clone().unwrap_or_default();
        let owned = inner.owner.is_some();
        let note = match (owned, seen.active, seen.pinned) {
            (false, ..) => "Nobody writes it",
            (_, false, true) => "Switched off, pinned",
            (_, false, false) => "Switched off",
            (_, _, true) => "Pinned",
            _ if inner.manual => "Entered by hand",
            _ => "",
        };
        Self {
            name: inner.name,
            label: inner.label,
            options: choices(inner.owner.as_ref(), &attribute.successors),
            seen,
            note,
            hidden: false,
            done: None,
            trouble: None,
        }
    }

    /// Whether somebody owns it.
    pub(in crate::page) fn owned(&self) -> bool {
        !self.seen.owner.is_empty()
    }

    /// Whether a search finds it, by its own label, its group's or its owner's.
    pub(in crate::page) fn matches(&self, wanted: &str, group: &str) -> bool {
        let owner = self.options.first().map_or("", |owner| &owner.label);
        let text = format!("{} {group} {owner}", self.label).to_lowercase();
        let mut words = wanted.split_whitespace();
        words.all(|word| text.contains(&word.to_lowercase()))
    }

    /// Tells beside it what the last change did, if that still holds.
    pub(in crate::page) fn tell(&mut self, done: &Done) {
        if done.attribute == self.name && done.etag == self.seen.etag {
            self.done = Some(done.clone());
            self.hidden = false;
        }
    }
}

fn choices(owner: Option<&Service>, successors: &[Service]) -> Vec<Choice> {
    let choice = |service: &Service, chosen| Choice {
        name: service.name.clone(),
        label: service.label.clone(),
        chosen,
    };
    let nobody = Choice {
        name: String::new(),
        label: "Nobody".to_owned(),
        chosen: owner.is_none(),
    };
    let others = successors.iter().map(|service| choice(service, false));
    match owner {
        Some(owner) => {
            let owner = std::iter::once(choice(owner, true));
            owner.chain(others).chain([nobody]).collect()
        }
        None => std::iter::once(nobody).chain(others).collect(),
    }
}

//! The page of one attribute: all that its user decides about it, and its history.

use super::{
    event::{EventLine, When},
    row::Row,
    trouble::Trouble,
    words::{self, Labels},
};
use crate::{
    page::{done::Done, frame::Frame},
    proto::{Attribute, ListEventsResponse, UnqualifiedService, UserAttribute, UserConnection},
};
use askama::Template;

/// One attribute.
#[derive(Debug, Template)]
#[template(path = "attribute.html")]
pub(in crate::page) struct AttributePage {
    frame: Frame,
    row: Row,
    group: String,
    owner: Option<String>,
    since: Option<When>,
    /// Who comes next, the first first; the present owner too.
    order: Vec<Rank>,
    /// The ranking as it is kept: names.
    before: Vec<String>,
    /// Those that are connected and cannot take it over.
    others: Vec<Other>,
    events: Vec<EventLine>,
    /// The query of the page with what happened before.
    older: Option<String>,
}

/// A place in the order of those that come next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct Rank {
    pub(in crate::page) name: String,
    pub(in crate::page) label: String,
    pub(in crate::page) note: &'static str,
}

/// A service that cannot take the attribute over, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct Other {
    pub(in crate::page) label: String,
    pub(in crate::page) why: String,
}

impl AttributePage {
    pub(in crate::page) fn new(
        frame: Frame,
        attribute: &UserAttribute,
        revision: i64,
        connections: &[UserConnection],
        events: ListEventsResponse,
    ) -> Self {
        let labels = Labels::of([attribute], connections);
        let inner = attribute.attribute.clone().unwrap_or_default();
        let older = Some(events.next_page_token).filter(|token| !token.is_empty());
        Self {
            frame,
            row: Row::new(attribute, revision),
            group: inner.group.clone().unwrap_or_default().label,
            owner: inner.owner.clone().map(|owner| owner.label),
            since: When::new(inner.owned_since),
            order: order(attribute, &inner, &labels),
            before: attribute.succession.clone(),
            others: others(attribute),
            events: events.events.into_iter().map(EventLine::new).collect(),
            older: older.map(|token| {
                let mut query = form_urlencoded::Serializer::new("?".to_owned());
                query.append_pair("page", &token).finish()
            }),
        }
    }

    /// Tells what the last change did, if that still holds.
    pub(in crate::page) fn after(mut self, done: &Done) -> Self {
        self.row.tell(done);
        self
    }

    /// Tells why the last change was not made.
    pub(in crate::page) fn but(mut self, trouble: Trouble) -> Self {
        self.row.trouble = Some(trouble);
        self
    }
}

/// The ranked in their order, then the owner, then whoever comes next.
fn order(attribute: &UserAttribute, inner: &Attribute, labels: &Labels) -> Vec<Rank> {
    let owner = inner.owner.as_ref().map(|owner| owner.name.as_str());
    let successors = attribute.successors.iter().map(|s| s.name.as_str());
    let ranked = attribute.succession.iter().map(String::as_str);
    let mut names: Vec<&str> = Vec::new();
    for name in ranked.chain(owner).chain(successors.clone()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let rank = |name: &str| Rank {
        name: name.to_owned(),
        label: labels.service(name).to_owned(),
        note: match owner {
            Some(owner) if owner == name => "owns it now",
            _ if successors.clone().any(|s| s == name) => "",
            _ => "cannot take it at present",
        },
    };
    names.into_iter().map(rank).collect()
}

/// The connected services that do not qualify, with the reason as the service gives it.
fn others(attribute: &UserAttribute) -> Vec<Other> {
    let unqualified = attribute.unqualified.iter();
    let other = |other: &UnqualifiedService| Other {
        label: other.service.clone().unwrap_or_default().label,
        why: words::sentence(&other.reason),
    };
    unqualified.map(other).collect()
}

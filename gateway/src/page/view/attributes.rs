//! The page of all attributes.

use super::{
    connection::ConnectionLine,
    event::EventLine,
    row::Row,
    trouble::Trouble,
    words::{self, Labels},
};
use crate::{
    page::{done::Done, frame::Frame},
    proto::{
        AttributeGroup, ListEventsResponse, ListUserAttributesResponse,
        UserAttributesListConnectionsResponse,
    },
};
use askama::Template;

/// All attributes, what happened to them, and who is connected.
#[derive(Debug, Template)]
#[template(path = "attributes.html")]
pub(in crate::page) struct AttributesPage {
    pub(in crate::page) frame: Frame,
    /// What is searched for; empty: nothing.
    pub(in crate::page) q: String,
    /// The same as the query of an action, with its question mark.
    query: String,
    count: String,
    found: Option<String>,
    groups: Vec<Group>,
    events: Vec<EventLine>,
    connections: Vec<ConnectionLine>,
    done: Option<Done>,
    /// Why the last change was not made, where no row is left that it concerns.
    trouble: Option<Trouble>,
}

/// A section.
#[derive(Debug)]
struct Group {
    name: String,
    label: String,
    rows: Vec<Row>,
}

impl AttributesPage {
    pub(in crate::page) fn new(
        frame: Frame,
        q: &str,
        attributes: ListUserAttributesResponse,
        connections: UserAttributesListConnectionsResponse,
        events: ListEventsResponse,
    ) -> Self {
        let all = attributes.groups.iter().flat_map(|group| &group.attributes);
        let labels = Labels::of(all, &connections.connections);
        let revision = attributes.revision;
        let groups = attributes.groups.into_iter();
        let groups: Vec<_> = groups.map(|group| Group::new(group, revision, q)).collect();
        let rows = || groups.iter().flat_map(|group| &group.rows);
        let count = rows().count();
        let found = rows().filter(|row| !row.hidden).count();
        let connections = connections.connections.into_iter();
        Self {
            frame,
            query: query(q),
            q: q.to_owned(),
            count: words::attributes(count),
            found: (!q.is_empty()).then(|| format!("{found} of {count} shown")),
            groups,
            events: events.events.into_iter().map(EventLine::new).collect(),
            connections: connections
                .map(|connection| ConnectionLine::new(connection, &labels))
                .collect(),
            done: None,
            trouble: None,
        }
    }

    /// Tells what the last change did, beside the attribute if that is as the change left it.
    pub(in crate::page) fn after(mut self, done: Done) -> Self {
        self.rows().for_each(|row| row.tell(&done));
        if done.attribute.is_empty() || self.rows().any(|row| row.done.is_some()) {
            self.done = Some(done);
        }
        self
    }

    /// Tells why the last change was not made, beside the attribute if it is there.
    pub(in crate::page) fn but(mut self, attribute: &str, trouble: Trouble) -> Self {
        if let Some(row) = self.rows().find(|row| row.name == attribute) {
            row.hidden = false;
            row.trouble = Some(trouble);
        } else {
            self.trouble = Some(trouble);
        }
        self
    }

    fn rows(&mut self) -> impl Iterator<Item = &mut Row> {
        self.groups.iter_mut().flat_map(|group| &mut group.rows)
    }
}

impl Group {
    fn new(group: AttributeGroup, revision: i64, q: &str) -> Self {
        let inner = group.group.unwrap_or_default();
        let attributes = group.attributes.iter();
        let rows = attributes.map(|attribute| {
            let row = Row::new(attribute, revision);
            let hidden = !row.matches(q, &inner.label);
            Row { hidden, ..row }
        });
        Self {
            rows: rows.collect(),
            name: inner.name,
            label: inner.label,
        }
    }

    /// Whether a search leaves all of it out.
    fn hidden(&self) -> bool {
        self.rows.iter().all(|row| row.hidden)
    }
}

/// What is searched for, as the query of a URL with its question mark.
pub(in crate::page) fn query(q: &str) -> String {
    if q.is_empty() {
        return String::new();
    }
    let mut query = form_urlencoded::Serializer::new("?".to_owned());
    query.append_pair("q", q).finish()
}

//! What users see, as JSON objects: their keys in their order.

use crate::{
    api::{
        attribute::{self, GroupObject, ServiceObject},
        event,
    },
    proto::{AttributeGroup, Passing, UserAttribute, UserConnection, UserEvent},
};
use serde::Serialize;

/// The attribute object with its ownership, and what its user decides about it.
#[derive(Serialize)]
pub(super) struct AttributeObject<'a> {
    #[serde(flatten)]
    attribute: Option<attribute::Object<'a>>,
    /// Since when its owner owns it.
    since: Option<String>,
    /// Who would take it over, in this order.
    successors: Vec<ServiceObject<'a>>,
    /// The user's own ranking.
    succession: &'a [String],
    etag: &'a str,
}

/// A group with its attributes.
#[derive(Serialize)]
pub(super) struct GroupOfAttributes<'a> {
    #[serde(flatten)]
    group: Option<GroupObject<'a>>,
    attributes: Vec<AttributeObject<'a>>,
}

/// A connection.
#[derive(Serialize)]
pub(super) struct ConnectionObject<'a> {
    service: Option<ServiceObject<'a>>,
    scopes: &'a [String],
    since: Option<String>,
    /// How many attributes it owns.
    owned: i32,
}

/// What becomes of an attribute whose owner is disconnected.
#[derive(Serialize)]
pub(super) struct PassingObject<'a> {
    attribute: &'a str,
    label: &'a str,
    /// Null: nobody.
    to: Option<ServiceObject<'a>>,
}

/// An entry of the ledger, with words for it.
#[derive(Serialize)]
pub(super) struct EventObject<'a> {
    text: &'a str,
    label: &'a str,
    #[serde(flatten)]
    event: Option<event::Object<'a>>,
}

impl<'a> From<&'a UserAttribute> for AttributeObject<'a> {
    fn from(of: &'a UserAttribute) -> Self {
        let attribute = of.attribute.as_ref();
        let since = attribute.and_then(|attribute| attribute.owned_since.as_ref());
        Self {
            attribute: attribute.map(|attribute| attribute::Object::new(attribute, true)),
            since: since.map(ToString::to_string),
            successors: of.successors.iter().map(ServiceObject::from).collect(),
            succession: &of.succession,
            etag: &of.etag,
        }
    }
}

impl<'a> From<&'a AttributeGroup> for GroupOfAttributes<'a> {
    fn from(of: &'a AttributeGroup) -> Self {
        Self {
            group: of.group.as_ref().map(GroupObject::from),
            attributes: of.attributes.iter().map(AttributeObject::from).collect(),
        }
    }
}

impl<'a> From<&'a UserConnection> for ConnectionObject<'a> {
    fn from(of: &'a UserConnection) -> Self {
        Self {
            service: of.service.as_ref().map(ServiceObject::from),
            scopes: &of.scopes,
            since: of.connect_time.as_ref().map(ToString::to_string),
            owned: of.owned,
        }
    }
}

impl<'a> From<&'a Passing> for PassingObject<'a> {
    fn from(of: &'a Passing) -> Self {
        Self {
            attribute: &of.attribute,
            label: &of.label,
            to: of.to.as_ref().map(ServiceObject::from),
        }
    }
}

impl<'a> From<&'a UserEvent> for EventObject<'a> {
    fn from(of: &'a UserEvent) -> Self {
        Self {
            text: &of.text,
            label: &of.label,
            event: of.event.as_ref().map(event::Object::from),
        }
    }
}

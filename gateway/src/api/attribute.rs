//! The attribute object (the contract, The attribute object): its keys in their order.

use crate::proto::{Attribute, Group, Service, Template};
use serde::Serialize;

/// An attribute.
#[derive(Serialize)]
pub(super) struct Object<'a> {
    template: Option<&'a str>,
    name: &'a str,
    label: &'a str,
    /// Always null: undocumented, but a strict client demands it.
    subgroup: Option<()>,
    group: Option<GroupObject<'a>>,
    service: Option<ServiceObject<'a>>,
    active: bool,
    priority: i32,
    manual: bool,
    value_type: i32,
    value_type_description: &'static str,
    available_services: Vec<ServiceObject<'a>>,
    #[serde(flatten)]
    ownership: Option<OwnershipObject>,
}

/// What a writer needs to know of its ownership: for those who ask, after all that is documented.
#[derive(Serialize)]
struct OwnershipObject {
    generation: i64,
    pinned: bool,
}

#[derive(Serialize)]
struct TemplateObject<'a> {
    name: &'a str,
    label: &'a str,
    group: Option<GroupObject<'a>>,
    priority: i32,
    value_type: i32,
    value_type_description: &'static str,
}

#[derive(Serialize)]
pub(super) struct GroupObject<'a> {
    name: &'a str,
    label: &'a str,
    priority: i32,
}

#[derive(Serialize)]
pub(super) struct ServiceObject<'a> {
    name: &'a str,
    label: &'a str,
}

/// What the values are, by the number of the type.
const DESCRIPTIONS: [&str; 9] = [
    "Integer",
    "Float",
    "String",
    "Period (min)",
    "Time of day (min from midnight)",
    "Percentage",
    "Time of day (min from midday)",
    "Boolean",
    "Integer scale (1-9)",
];

/// The object as JSON text, maybe with what a writer needs to know of its ownership.
pub(super) fn json(attribute: &Attribute, with_ownership: bool) -> String {
    // Strings and numbers alone: there is nothing that JSON lacks.
    serde_json::to_string(&Object::new(attribute, with_ownership)).unwrap_or_default()
}

impl<'a> Object<'a> {
    /// That of the attribute, maybe with what a writer needs to know of its ownership.
    pub(super) fn new(attribute: &'a Attribute, with_ownership: bool) -> Self {
        // The proto keeps 0 for a value that was not set.
        let value_type = attribute.value_type - 1;
        Self {
            template: attribute.template.as_deref(),
            name: &attribute.name,
            label: &attribute.label,
            subgroup: None,
            group: attribute.group.as_ref().map(GroupObject::from),
            service: attribute.owner.as_ref().map(ServiceObject::from),
            active: attribute.active,
            priority: attribute.priority,
            manual: attribute.manual,
            value_type,
            value_type_description: description(value_type),
            available_services: attribute
                .available_services
                .iter()
                .map(ServiceObject::from)
                .collect(),
            ownership: with_ownership.then_some(OwnershipObject {
                generation: attribute.generation,
                pinned: attribute.pinned,
            }),
        }
    }
}

/// A template as JSON text (the contract, Templates).
pub(super) fn template(template: &Template) -> String {
    let value_type = template.value_type - 1;
    let object = TemplateObject {
        name: &template.name,
        label: &template.label,
        group: template.group.as_ref().map(GroupObject::from),
        priority: template.priority,
        value_type,
        value_type_description: description(value_type),
    };
    serde_json::to_string(&object).unwrap_or_default()
}

/// What the values of a type are.
fn description(value_type: i32) -> &'static str {
    let index = usize::try_from(value_type).ok();
    let description = index.and_then(|index| DESCRIPTIONS.get(index));
    description.copied().unwrap_or_default()
}

/// A service as JSON text.
pub(super) fn service_json(service: &Service) -> String {
    serde_json::to_string(&ServiceObject::from(service)).unwrap_or_default()
}

impl<'a> From<&'a Group> for GroupObject<'a> {
    fn from(group: &'a Group) -> Self {
        Self {
            name: &group.name,
            label: &group.label,
            priority: group.priority,
        }
    }
}

impl<'a> From<&'a Service> for ServiceObject<'a> {
    fn from(service: &'a Service) -> Self {
        Self {
            name: &service.name,
            label: &service.label,
        }
    }
}

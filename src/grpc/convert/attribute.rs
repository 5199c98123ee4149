//! An attribute as it is sent.

use super::timestamp;
use crate::{
    domain::{
        value_type::ValueType,
        view::{AttributeView, ServiceView},
    },
    proto,
};

pub(super) fn attribute(view: AttributeView) -> proto::Attribute {
    let (active, pinned) = (view.attribute.is_active(), view.attribute.is_pinned());
    let attribute = view.attribute;
    proto::Attribute {
        template: attribute.template.map(|name| name.as_str().to_owned()),
        name: attribute.name.as_str().to_owned(),
        label: attribute.label.as_str().to_owned(),
        group: Some(proto::Group {
            name: view.group.name.as_str().to_owned(),
            label: view.group.label.as_str().to_owned(),
            priority: view.group.priority.into(),
        }),
        owner: view.owner.as_ref().map(service),
        active,
        priority: attribute.priority.into(),
        manual: attribute.manual,
        value_type: value_type(attribute.value_type).into(),
        available_services: view.available_services.iter().map(service).collect(),
        generation: attribute.generation,
        owned_since: attribute.owner.map(|owner| timestamp(owner.since)),
        pinned,
    }
}

pub(super) fn service(view: &ServiceView) -> proto::Service {
    proto::Service {
        name: view.name.as_str().to_owned(),
        label: view.label.as_str().to_owned(),
    }
}

fn value_type(value_type: ValueType) -> proto::ValueType {
    match value_type {
        ValueType::Integer => proto::ValueType::Integer,
        ValueType::Float => proto::ValueType::Float,
        ValueType::String => proto::ValueType::String,
        ValueType::Period => proto::ValueType::Period,
        ValueType::TimeFromMidnight => proto::ValueType::TimeFromMidnight,
        ValueType::Percentage => proto::ValueType::Percentage,
        ValueType::TimeFromMidday => proto::ValueType::TimeFromMidday,
        ValueType::Boolean => proto::ValueType::Boolean,
        ValueType::Scale => proto::ValueType::Scale,
    }
}

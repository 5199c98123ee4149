//! An attribute as it is sent.

use super::timestamp;
use crate::{
    domain::{
        value_type::ValueType,
        view::{AttributeView, GroupView, ServiceView, TemplateView},
    },
    proto,
};

/// A template as it is sent.
pub(super) fn template(view: TemplateView) -> proto::Template {
    let TemplateView { template, group } = view;
    proto::Template {
        name: template.name.as_str().to_owned(),
        label: template.label.as_str().to_owned(),
        group: Some(self::group(&group)),
        priority: template.priority.into(),
        value_type: value_type(template.value_type).into(),
    }
}

pub(super) fn group(group: &GroupView) -> proto::Group {
    proto::Group {
        name: group.name.as_str().to_owned(),
        label: group.label.as_str().to_owned(),
        priority: group.priority.into(),
    }
}

pub(super) fn attribute(view: AttributeView) -> proto::Attribute {
    let (active, pinned) = (view.attribute.is_active(), view.attribute.is_pinned());
    let attribute = view.attribute;
    proto::Attribute {
        template: attribute.template.map(|name| name.as_str().to_owned()),
        name: attribute.name.as_str().to_owned(),
        label: attribute.label.as_str().to_owned(),
        group: Some(group(&view.group)),
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

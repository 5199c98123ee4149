//! An attribute of a user, and who owns it.

use super::{
    Instant,
    catalog::Template,
    name::{AttributeName, GroupName, Label, ServiceName, TemplateName},
    value_type::ValueType,
};

/// One attribute of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Unique for the user.
    pub name: AttributeName,
    /// The template that it was made from; none for a custom attribute.
    pub template: Option<TemplateName>,
    /// For people.
    pub label: Label,
    /// Decides which scope covers it.
    pub group: GroupName,
    /// What its values are.
    pub value_type: ValueType,
    /// Place within the group, from 1; 10 and more is hidden unless asked for.
    pub priority: u16,
    /// Whether values are entered by hand rather than synchronised.
    pub manual: bool,
    /// The service that may write it, or none: then it is inactive.
    pub owner: Option<Owner>,
    /// The fence: 0 until it is first owned, and one more whenever the owner changes, to nobody included.
    pub generation: i64,
}

/// Who owns an attribute. Active and pinned are facts of an ownership: what nobody owns is neither (I2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The service.
    pub service: ServiceName,
    /// Since when.
    pub since: Instant,
    /// False where the user switched the attribute off.
    pub active: bool,
    /// Whether only the user may change the owner.
    pub pinned: bool,
}

impl Attribute {
    /// What a template makes: not yet owned.
    #[must_use]
    pub fn from_template(template: &Template, manual: bool) -> Self {
        Self {
            name: AttributeName::from(&template.name),
            template: Some(template.name.clone()),
            label: template.label.clone(),
            group: template.group.clone(),
            value_type: template.value_type,
            priority: template.priority,
            manual,
            owner: None,
            generation: 0,
        }
    }

    /// What a user makes of their own: not yet owned. The priority is 9, or 2 in the group `custom`
    /// (`contract.md`, The attribute object).
    #[must_use]
    pub fn custom(
        name: AttributeName,
        label: Label,
        group: GroupName,
        value_type: ValueType,
        manual: bool,
    ) -> Self {
        let priority = if group.as_str() == "custom" { 2 } else { 9 };
        Self {
            name,
            template: None,
            label,
            group,
            value_type,
            priority,
            manual,
            owner: None,
            generation: 0,
        }
    }

    /// Whether it is in use.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.active)
    }

    /// Whether only the user may change its owner.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.pinned)
    }

    /// Whether this service owns it.
    #[must_use]
    pub fn is_owned_by(&self, service: &ServiceName) -> bool {
        self.owner_name() == Some(service)
    }

    /// The name of the service that owns it.
    #[must_use]
    pub fn owner_name(&self) -> Option<&ServiceName> {
        self.owner.as_ref().map(|owner| &owner.service)
    }
}

//! What can be asked for, as it stands in a script.

use super::wish::Own;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Acquire {
        token: TokenRef,
        items: Vec<AcquireItem>,
        #[serde(default, skip_serializing_if = "Modes::are_usual")]
        modes: Modes,
    },
    Release {
        token: TokenRef,
        items: Vec<ReleaseItem>,
        #[serde(default, skip_serializing_if = "Modes::are_usual")]
        modes: Modes,
    },
    /// By a service, which owns what it created.
    CreateOwned {
        token: TokenRef,
        items: Vec<CreateItem>,
        #[serde(default, skip_serializing_if = "Modes::are_usual")]
        modes: Modes,
    },
    /// What the service owns.
    List {
        token: TokenRef,
        list: List,
    },
    /// What the service may know of; with `owned` of that only what it owns.
    ListAttributes {
        token: TokenRef,
        list: List,
        owned: bool,
    },
    Connect {
        service: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scopes: Option<String>,
    },
    Disconnect {
        service: String,
    },
    /// A token of an outside authorization server comes, and its connection follows it.
    Arrive(Foreign),
    /// One that has come acquires the attribute of a template.
    AcquireWith {
        #[serde(flatten)]
        token: Foreign,
        name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        manual: Option<bool>,
    },
    /// An authorization server tells that a grant is withdrawn but for some scopes.
    Notice {
        service: String,
        remaining: String,
    },
    /// Without a service it is the user's own, without scopes it grants what the connection does.
    Issue {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        service: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scopes: Option<String>,
    },
    Revoke {
        token: TokenRef,
    },
    Switch {
        attribute: String,
        on: bool,
    },
    /// By an operator; nobody owns it.
    Create {
        label: String,
        group: String,
        value_type: i32,
        manual: bool,
    },
    /// By the user.
    Own(Own),
}

/// How a batch is asked for (`contract.md`, Beyond the documented API).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Modes {
    /// Of an acquire alone.
    pub if_available: bool,
    pub validate_only: bool,
    pub all_or_nothing: bool,
    /// The idempotency key.
    pub key: Option<String>,
}

impl Modes {
    pub fn are_usual(&self) -> bool {
        *self == Self::default()
    }

    /// The key, where it counts.
    pub fn key(&self) -> Option<&String> {
        self.key.as_ref().filter(|_| !self.validate_only)
    }
}

/// A token by whom it was issued to and how many were issued to the same since: so it means the same when other
/// steps are left out of a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRef {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub back: usize,
}

/// A token that was not issued here: as this step of the user began, or as one so many steps before it did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Foreign {
    pub service: String,
    pub scopes: String,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub back: usize,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcquireItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malformed: Option<Malformed>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malformed: Option<Malformed>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateItem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_type: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manual: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub malformed: Option<Malformed>,
}

/// What a gateway could not read: a field, or with an empty `field` the item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Malformed {
    pub field: String,
    pub reason: String,
}

/// All pages of a list, the first after `skip` attributes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    pub groups: Vec<String>,
    pub attributes: Vec<String>,
    pub exclude_custom: bool,
    pub manual: Option<bool>,
    pub include_inactive: bool,
    pub include_low_priority: bool,
    pub page_size: usize,
    pub skip: usize,
}

impl Operation {
    /// Acquires one attribute by its template.
    pub fn acquire_template(name: &str, manual: Option<bool>) -> Self {
        let template = Some(name.to_owned());
        Self::Acquire {
            token: TokenRef {
                service: None,
                back: 0,
            },
            items: vec![AcquireItem {
                template,
                manual,
                ..AcquireItem::default()
            }],
            modes: Modes::default(),
        }
    }

    /// How it is called in a script.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Acquire { .. } => "acquire",
            Self::Release { .. } => "release",
            Self::CreateOwned { .. } => "create_owned",
            Self::List { .. } => "list",
            Self::ListAttributes { .. } => "list_attributes",
            Self::Connect { .. } => "connect",
            Self::Disconnect { .. } => "disconnect",
            Self::Arrive(_) => "arrive",
            Self::AcquireWith { .. } => "acquire_with",
            Self::Notice { .. } => "notice",
            Self::Issue { .. } => "issue",
            Self::Revoke { .. } => "revoke",
            Self::Switch { .. } => "switch",
            Self::Create { .. } => "create",
            Self::Own(own) => own.wish.kind(),
        }
    }

    /// Whether a service asks for it, by its token.
    pub fn is_a_call(&self) -> bool {
        let calls = [
            "acquire",
            "release",
            "create_owned",
            "list",
            "list_attributes",
        ];
        calls.contains(&self.kind())
    }

    /// The token of others that it is about.
    pub fn foreign(&self) -> Option<&Foreign> {
        match self {
            Self::Arrive(token) | Self::AcquireWith { token, .. } => Some(token),
            _ => None,
        }
    }

    /// How it is asked for, if it is a batch.
    pub fn modes(&self) -> Option<&Modes> {
        match self {
            Self::Acquire { modes, .. }
            | Self::Release { modes, .. }
            | Self::CreateOwned { modes, .. } => Some(modes),
            _ => None,
        }
    }

    /// Whether it asks for the same, whoever of the service sends it.
    pub fn is_the_same_batch(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Acquire { items, modes, .. },
                Self::Acquire {
                    items: i, modes: m, ..
                },
            ) => (items, modes) == (i, m),
            (
                Self::Release { items, modes, .. },
                Self::Release {
                    items: i, modes: m, ..
                },
            ) => (items, modes) == (i, m),
            (
                Self::CreateOwned { items, modes, .. },
                Self::CreateOwned {
                    items: i, modes: m, ..
                },
            ) => (items, modes) == (i, m),
            _ => false,
        }
    }

    /// The token that it is about.
    pub fn token(&self) -> Option<&TokenRef> {
        match self {
            Self::Acquire { token, .. }
            | Self::Release { token, .. }
            | Self::CreateOwned { token, .. }
            | Self::List { token, .. }
            | Self::ListAttributes { token, .. }
            | Self::Revoke { token } => Some(token),
            Self::Own(own) => own.token.as_ref(),
            _ => None,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

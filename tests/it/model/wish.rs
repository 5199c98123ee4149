//! What users ask for with a token of their own (`account.proto`), as it stands in a script.

use super::operation::TokenRef;
use serde::{Deserialize, Serialize};

/// A call, and with which token: the user's own that lasts, or one of the script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenRef>,
    #[serde(flatten)]
    pub wish: Wish,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    SetOwner {
        attribute: String,
        /// Empty: nobody.
        service: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pinned: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Seen,
    },
    SetActive {
        attribute: String,
        active: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Seen,
    },
    SetPinned {
        attribute: String,
        pinned: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Seen,
    },
    SetSuccession {
        attribute: String,
        services: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Seen,
    },
    ListUserAttributes {
        attributes: Vec<String>,
    },
    ListConnections {},
    Disconnect {
        service: String,
        #[serde(default)]
        validate_only: bool,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Seen,
    },
    ListEvents {
        /// Empty: of all.
        attribute: String,
        page_size: i32,
    },
}

/// What it is asked for of: as it is before the step, or was so many steps before that; none is whatever it is.
pub type Seen = Option<usize>;

impl Wish {
    /// How it is counted.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::SetOwner { .. } => "own set_owner",
            Self::SetActive { .. } => "own set_active",
            Self::SetPinned { .. } => "own set_pinned",
            Self::SetSuccession { .. } => "own set_succession",
            Self::ListUserAttributes { .. } => "own list_user_attributes",
            Self::ListConnections {} => "own list_connections",
            Self::Disconnect { .. } => "own disconnect",
            Self::ListEvents { .. } => "own list_events",
        }
    }

    pub fn seen(&self) -> Seen {
        match self {
            Self::SetOwner { seen, .. }
            | Self::SetActive { seen, .. }
            | Self::SetPinned { seen, .. }
            | Self::SetSuccession { seen, .. }
            | Self::Disconnect { seen, .. } => *seen,
            _ => None,
        }
    }

    /// The attribute that it decides about.
    pub fn attribute(&self) -> Option<&String> {
        match self {
            Self::SetOwner { attribute, .. }
            | Self::SetActive { attribute, .. }
            | Self::SetPinned { attribute, .. }
            | Self::SetSuccession { attribute, .. } => Some(attribute),
            _ => None,
        }
    }
}

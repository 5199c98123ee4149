//! What a bearer token stands for.

use crate::{
    Attribute,
    proto::{IntrospectTokenResponse, TokenKind},
};

/// A token that is good now (RFC 7662).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// Whom it belongs to.
    pub holder: Holder,
    /// What it grants now, no more than the connection does: `activity_read`, say.
    pub scopes: Vec<String>,
}

/// Whom a token belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holder {
    /// A service that writes, for one user.
    Service {
        /// Its name.
        service: String,
        /// The user.
        user: String,
    },
    /// A user.
    User(String),
    /// An internal service.
    Internal(String),
}

impl Bearer {
    /// None if the token is good for nothing.
    pub(super) fn from_message(answer: IntrospectTokenResponse) -> Option<Self> {
        let holder = match answer.kind() {
            _ if !answer.active => return None,
            TokenKind::Client => Holder::Service {
                service: answer.client_id,
                user: answer.sub,
            },
            TokenKind::User => Holder::User(answer.sub),
            TokenKind::Internal => Holder::Internal(answer.sub),
            TokenKind::Unspecified => return None,
        };
        Some(Self {
            holder,
            scopes: answer.scopes,
        })
    }

    /// Whether it grants this.
    #[must_use]
    pub fn grants(&self, scope: &str) -> bool {
        self.scopes.iter().any(|granted| granted == scope)
    }

    /// Whether it covers reading the attribute.
    #[must_use]
    pub fn may_read(&self, attribute: &Attribute) -> bool {
        self.covers(attribute, "read")
    }

    /// Whether it covers writing the attribute, for whoever owns it.
    #[must_use]
    pub fn may_write(&self, attribute: &Attribute) -> bool {
        self.covers(attribute, "write")
    }

    /// By the attribute's group, or for being manual.
    fn covers(&self, attribute: &Attribute, access: &str) -> bool {
        let of_manual = format!("manual_{access}");
        let of_group = format!("{}_{access}", attribute.group);
        self.grants(&of_group) || (attribute.manual && self.grants(&of_manual))
    }
}

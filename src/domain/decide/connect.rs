//! What an operator does to a user's connections.

use super::vacate::vacate;
use crate::domain::{
    attribute::Attribute, change::Draft, event::Cause, name::ServiceName, scope::Scopes,
    state::Connection, token::TokenRecord,
};

/// Why a token is not issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueRefused {
    /// The user has not connected the service.
    #[error("service '{0}' is not connected; connect it with 'tenure connection add'")]
    NotConnected(ServiceName),
    /// It would grant more than the connection does.
    #[error("the connection does not have the scopes '{0}'")]
    Beyond(Scopes),
}

/// Connects the service with these scopes, or replaces those that it has. What they no longer cover is released, with
/// succession.
pub fn connect(draft: &mut Draft<'_>, service: &ServiceName, scopes: &Scopes) -> Connection {
    let connection = draft.connect(service.clone(), scopes.clone());
    for attribute in owned_by(draft, service) {
        if !scopes.cover(&attribute.group, attribute.manual) {
            vacate(draft, &attribute, service, Cause::ScopeNarrowed);
        }
    }
    connection
}

/// Disconnects the service: everything that it owns is released, with succession, its tokens end, and what it had
/// said for this user is forgotten. Whether it was connected at all.
pub fn disconnect(draft: &mut Draft<'_>, service: &ServiceName) -> bool {
    if !draft.state().connections.contains_key(service) {
        return false;
    }
    draft.disconnect(service);
    for attribute in owned_by(draft, service) {
        vacate(draft, &attribute, service, Cause::Disconnected);
    }
    true
}

/// Issues the token, if it is the user's own or lies within the connection.
///
/// # Errors
/// As [`IssueRefused`] says; nothing is issued then.
pub fn issue_token(draft: &mut Draft<'_>, token: TokenRecord) -> Result<(), IssueRefused> {
    if let Some(service) = &token.service {
        let connection = draft.state().connections.get(service);
        let connection = connection.ok_or_else(|| IssueRefused::NotConnected(service.clone()))?;
        let beyond = token.scopes.beyond(&connection.scopes);
        if !beyond.is_empty() {
            return Err(IssueRefused::Beyond(beyond));
        }
    }
    draft.issue(token);
    Ok(())
}

fn owned_by(draft: &Draft<'_>, service: &ServiceName) -> Vec<Attribute> {
    let attributes = draft.state().attributes.values();
    attributes
        .filter(|attribute| attribute.is_owned_by(service))
        .cloned()
        .collect()
}

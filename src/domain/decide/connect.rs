//! What becomes of a user's connections: by an operator, or by what was granted elsewhere.

use super::vacate::vacate;
use crate::domain::{
    Instant, attribute::Attribute, change::Draft, event::Cause, name::ServiceName, scope::Scopes,
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
    let connection = draft.connect(service, scopes.clone());
    for attribute in owned_by(draft, service) {
        if !scopes.cover(&attribute.group, attribute.manual) {
            vacate(draft, &attribute, Cause::ScopeNarrowed);
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
    end(draft, service);
    true
}

fn end(draft: &mut Draft<'_>, service: &ServiceName) {
    draft.disconnect(service);
    for attribute in owned_by(draft, service) {
        vacate(draft, &attribute, Cause::Disconnected);
    }
}

/// Takes from the connection what the user has withdrawn elsewhere: all but `remaining`; if nothing remains the service
/// is disconnected. It counts for tokens that nobody has shown yet too, so a service need not be connected.
pub fn withdraw(draft: &mut Draft<'_>, service: &ServiceName, remaining: &Scopes) {
    if remaining.is_empty() {
        return end(draft, service);
    }
    if let Some(connection) = draft.state().connections.get(service) {
        let scopes = connection.scopes.intersection(remaining);
        connect(draft, service, &scopes);
    }
    draft.narrow(service);
}

/// The token is of a grant that the user has withdrawn, or of a service that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawn;

/// Lets the connection follow a token of an outside authorization server: makes it, or adds the scopes of the token
/// that mean something with this catalog. It never takes any away: a token may be asked for with less than was granted.
///
/// # Errors
/// [`Withdrawn`]; nothing has changed then.
pub fn follow(
    draft: &mut Draft<'_>,
    service: &ServiceName,
    scopes: &Scopes,
    issued_at: Instant,
) -> Result<(), Withdrawn> {
    let withdrawal = draft.state().withdrawal(service);
    if draft.catalog().service(service).is_none() || withdrawal.refuses(issued_at) {
        return Err(Withdrawn);
    }
    let connection = draft.state().connections.get(service);
    match connection.map(|connection| &connection.scopes) {
        // It is good for what is left, if there is anything.
        existing if withdrawal.holds_back(issued_at) => existing.map(drop).ok_or(Withdrawn),
        existing => {
            let granted = scopes.meaningful(draft.catalog());
            let scopes = existing.map_or(granted.clone(), |existing| existing.union(&granted));
            draft.connect(service, scopes);
            Ok(())
        }
    }
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

//! What Tenure is asked: who is asking, and what attributes are.

use super::Answer;
use std::collections::HashMap;
use tenure_client::{Attribute, Bearer, Client, Error, Holder};
use tenure_gateway::rest::Problem;

/// Tenure, as this service needs it.
#[derive(Clone)]
pub(crate) struct Platform(pub(crate) Client);

/// A service that asks for a user.
pub(crate) struct Caller {
    pub(crate) user: String,
    pub(crate) service: String,
    pub(crate) bearer: Bearer,
}

impl Platform {
    /// Who is asking: a service, for a user. The request counts as one of its token.
    pub(crate) async fn caller(&self, token: &str) -> Answer<Caller> {
        let introspected = self.0.introspect(token, true).await;
        let bearer = introspected.map_err(problem)?;
        let bearer = bearer.ok_or_else(Problem::invalid_token)?;
        match bearer.holder.clone() {
            Holder::Service { service, user } => Ok(Caller {
                user,
                service,
                bearer,
            }),
            Holder::User(_) | Holder::Internal(_) => Err(Problem::not_a_client()),
        }
    }

    /// Those of the names that the user has an attribute of.
    pub(crate) async fn attributes(
        &self,
        user: &str,
        names: impl IntoIterator<Item = &str>,
    ) -> Answer<HashMap<String, Attribute>> {
        let attributes = self.0.attributes(user, names).await;
        let attributes = attributes.map_err(problem)?.into_iter();
        Ok(attributes.map(|a| (a.name.clone(), a)).collect())
    }
}

/// What a client is told while Tenure has no answer. What Tenure thinks of this service is for the log.
pub(crate) fn problem(error: Error) -> Problem {
    match error {
        Error::Limited { status, .. } | Error::Unavailable { status, .. } => status.into(),
        error => {
            tracing::error!(%error, "Tenure refuses or fails");
            Problem::unavailable()
        }
    }
}

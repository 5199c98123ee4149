//! The log line of a request that is refused, as a whole or in part. What is changed is told by the service, where it
//! is committed.

use super::layers::RequestId;
use crate::{
    auth::Principal,
    domain::{
        failure::Failure,
        name::{AttributeName, ServiceName, UserId},
        view::AttributeView,
    },
    proto::FailureCode,
};
use axum::response::Response;
use std::fmt;
use tonic::Status;
use tonic_types::StatusExt as _;

/// Who calls, as far as a log line tells.
pub(super) enum Who {
    /// An OAuth2 client, for a user.
    Service(ServiceName, UserId),
    User(UserId),
    Internal(ServiceName),
}

impl From<&Principal> for Who {
    fn from(principal: &Principal) -> Self {
        match principal {
            Principal::Client(client) => Self::Service(client.service.clone(), client.user.clone()),
            Principal::User(user) => Self::User(user.user.clone()),
            Principal::Internal(internal) => Self::Internal(internal.name.clone()),
        }
    }
}

impl Who {
    fn user(&self) -> Option<&UserId> {
        match self {
            Self::Service(_, user) | Self::User(user) => Some(user),
            Self::Internal(_) => None,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(name, _) => write!(f, "service:{name}"),
            Self::User(_) => f.write_str("user"),
            Self::Internal(name) => write!(f, "internal:{name}"),
        }
    }
}

/// The items of a batch that were refused, `steps:not_allowed mood:not_found`. A handler leaves it in the extensions of
/// its answer.
#[derive(Clone)]
pub(super) struct RefusedItems(String);

impl RefusedItems {
    /// Those of these results that are failures, if any is. `names` has what each item is about; one that is about
    /// nothing that can be is told by its place.
    pub(super) fn of<'i>(
        results: &[Result<AttributeView, Failure>],
        names: impl Iterator<Item = Option<&'i String>>,
    ) -> Option<Self> {
        let items = results.iter().zip(names).enumerate();
        let failed = items.filter_map(|(index, (result, name))| {
            let code = FailureCode::from(result.as_ref().err()?).as_str_name();
            let code = code.trim_start_matches("FAILURE_CODE_").to_lowercase();
            let name = name.and_then(|name| AttributeName::parse(name.as_str()).ok());
            let name = name.map_or_else(|| format!("#{index}"), |name| name.to_string());
            Some(format!("{name}:{code}"))
        });
        let failed: Vec<_> = failed.collect();
        (!failed.is_empty()).then(|| Self(failed.join(" ")))
    }
}

/// Logs the refusal, if the answer is one.
pub(super) fn refusal(id: &RequestId, who: Option<&Who>, method: &str, response: &Response) {
    let extensions = response.extensions();
    let (attributes, outcome, detail) = if let Some(status) = extensions.get::<Status>() {
        let reason = status.get_details_error_info().map(|info| info.reason);
        let code = || format!("{:?}", status.code());
        ("", reason.unwrap_or_else(code), status.message())
    } else if let Some(RefusedItems(items)) = extensions.get() {
        (items.as_str(), "ITEMS_FAILED".to_owned(), "")
    } else {
        return;
    };
    tracing::info!(
        target: "tenure::audit",
        request_id = id.0,
        principal = who.map(tracing::field::display),
        user = who.and_then(Who::user).map(UserId::as_str),
        method,
        attributes,
        outcome,
        detail,
        "refused"
    );
}

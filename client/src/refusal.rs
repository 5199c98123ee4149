//! Why a guarded write was not done.

use super::Error;

/// Why the service may not write. Nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The user has no such attribute.
    #[error("the user has no such attribute")]
    NoSuchAttribute,
    /// Another service owns it, or nobody.
    #[error("{}", not_owner(.owner.as_deref(), .not_acquired.as_deref()))]
    NotOwner {
        /// Name of the service that owns it; none if nobody does.
        owner: Option<String>,
        /// Why acquiring it failed, where that was tried: one sentence for the log.
        not_acquired: Option<String>,
    },
    /// The service owns it, and the user has switched it off.
    #[error("the user has switched the attribute off")]
    Inactive,
    /// The service owns it, but where the values are a later generation is known than Tenure's. Either ownership moved
    /// again in between, and a later attempt succeeds; or the values know of generations that Tenure has lost, as after
    /// it was restored from a backup, and every attempt ends like this.
    #[error("the stored value is of a later generation than {generation}")]
    Fenced {
        /// The last generation that was tried.
        generation: i64,
    },
}

fn not_owner(owner: Option<&str>, not_acquired: Option<&str>) -> String {
    let owner = owner.map_or_else(
        || "nobody owns the attribute".to_owned(),
        |owner| format!("service '{owner}' owns the attribute"),
    );
    not_acquired.map_or_else(
        || owner.clone(),
        |why| format!("{owner}, and it was not acquired: {why}"),
    )
}

/// Why a guarded write was not done, or is not known to have been done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum WriteError<E> {
    /// The service may not write. Nothing was written.
    #[error("not written: {0}")]
    Refused(#[from] Refusal),
    /// It cannot be told now whether the service may write. Nothing was written.
    #[error("not written: {0}")]
    Unchecked(#[source] Error),
    /// The write itself failed, as the caller's own code says; only that code can know whether anything was written.
    #[error(transparent)]
    Write(E),
}

impl<E> From<Error> for WriteError<E> {
    fn from(error: Error) -> Self {
        Self::Unchecked(error)
    }
}

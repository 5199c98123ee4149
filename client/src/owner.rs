//! What a service that writes does for itself: acquire and release.

use super::{Error, FailureCode, ValueType, connection::Connection, error::as_many};
use crate::proto::{
    self, AcquireAttributesRequest, AcquireItem, ItemResult, ReleaseAttributesRequest, ReleaseItem,
    item_result::Outcome,
};
use std::time::Duration;
use tonic::transport::Channel;

/// Acquires and releases as an OAuth2 client, for the user of its token.
#[derive(Debug, Clone)]
pub struct OwnerClient {
    connection: Connection,
}

/// From whom an attribute may be acquired.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Take {
    /// From nobody: what another service owns fails with [`FailureCode::Conflict`].
    #[default]
    IfAvailable,
    /// From whoever owns it, unless the user has pinned it.
    FromOthers,
}

/// An attribute as it stands after a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Name of the service that owns it; none if nobody does.
    pub owner: Option<String>,
    /// Its generation: the fence of a write, if the caller owns it.
    pub generation: i64,
    /// Whether the user has it in use.
    pub active: bool,
    /// Name of its group, which the scopes name.
    pub group: String,
    /// Whether the user enters its values by hand, so that the scopes for manual attributes cover it too.
    pub manual: bool,
    /// What its values are.
    pub value_type: ValueType,
}

/// Why one attribute was not acquired or released.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Failed {
    /// The stable reason.
    pub code: FailureCode,
    /// One sentence for a person.
    pub text: String,
    /// Name of the service that owns the attribute, where that is why.
    pub owner: Option<String>,
}

impl OwnerClient {
    /// Calls over `channel`, with a token of the service for one user. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Credentials`] if the token has characters that no token has.
    pub fn new(channel: Channel, token: &str) -> Result<Self, Error> {
        let connection = Connection::new(channel, token)?;
        Ok(Self { connection })
    }

    /// The same client with another time limit for each call, which is 5 seconds otherwise.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        let connection = self.connection.with_deadline(deadline);
        Self { connection }
    }

    /// Makes the service the owner of each attribute of these names, which the user must have: one result a name, in
    /// their order, of which there may be 35. Acquiring what it owns changes nothing.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn acquire<N: Into<String>>(
        &self,
        names: impl IntoIterator<Item = N>,
        take: Take,
    ) -> Result<Vec<Result<Attribute, Failed>>, Error> {
        let item = |name: N| AcquireItem {
            name: Some(name.into()),
            ..AcquireItem::default()
        };
        let request = AcquireAttributesRequest {
            items: names.into_iter().map(item).collect(),
            if_available: take == Take::IfAvailable,
            ..AcquireAttributesRequest::default()
        };
        let asked = request.items.len();
        let call = self
            .connection
            .call(request, |mut stub, request| async move {
                stub.acquire_attributes(request).await
            });
        outcomes(asked, call.await?.results)
    }

    /// Gives up each attribute of these names, which the service must own: one result a name, in their order, of which
    /// there may be 35. Another service may inherit it; the result says who.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn release<N: Into<String>>(
        &self,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Vec<Result<Attribute, Failed>>, Error> {
        let item = |name: N| ReleaseItem {
            name: Some(name.into()),
            ..ReleaseItem::default()
        };
        let request = ReleaseAttributesRequest {
            items: names.into_iter().map(item).collect(),
            ..ReleaseAttributesRequest::default()
        };
        let asked = request.items.len();
        let call = self
            .connection
            .call(request, |mut stub, request| async move {
                stub.release_attributes(request).await
            });
        outcomes(asked, call.await?.results)
    }
}

fn outcomes(
    asked: usize,
    results: Vec<ItemResult>,
) -> Result<Vec<Result<Attribute, Failed>>, Error> {
    let outcomes = results.into_iter().map(|result| match result.outcome {
        Some(Outcome::Attribute(attribute)) => Ok(Ok(attribute.into())),
        Some(Outcome::Failure(failure)) => Ok(Err(failure.into())),
        None => Err(Error::unexpected("a result that is none")),
    });
    as_many(asked, outcomes.collect::<Result<_, _>>()?)
}

impl From<proto::Attribute> for Attribute {
    fn from(attribute: proto::Attribute) -> Self {
        Self {
            value_type: attribute.value_type(),
            name: attribute.name,
            owner: attribute.owner.map(|owner| owner.name),
            generation: attribute.generation,
            active: attribute.active,
            group: attribute.group.map(|group| group.name).unwrap_or_default(),
            manual: attribute.manual,
        }
    }
}

impl From<proto::Failure> for Failed {
    fn from(failure: proto::Failure) -> Self {
        Self {
            code: failure.code(),
            text: failure.text,
            owner: failure.owner.map(|owner| owner.name),
        }
    }
}

//! The client library for internal services: who may write, and how to write so that nobody who lost an attribute can
//! spoil it. `docs/writing-safely.md` has the reasons, and an example.
//!
//! - [`WriteGuard`] is what a service that stores values wants: it checks, hands the fence to the write, and asks again
//!   where the write was too late.
//! - [`Client`] asks alone: who may write, for up to 500 attributes at a time, what a token stands for, and what
//!   attributes are.
//! - [`OwnerClient`] acquires and releases, with the token of a service that writes.
//!
//! All of them are cheap to clone, and share the channel that they were made with: any of tonic's, or one by
//! [`channel()`], which is made for many callers.

mod attempt;
mod bearer;
mod channel;
mod check;
mod connection;
mod error;
mod guard;
mod known;
mod owner;
mod proto;
mod reacquire;
mod refusal;
pub mod transport;

pub use crate::proto::{FailureCode, ValueType};
pub use bearer::{Bearer, Holder};
pub use channel::channel;
pub use check::{Checked, Freshness, Question, Target, Verdict};
pub use error::Error;
pub use guard::{Fence, GuardOptions, Tried, WriteGuard, Written};
pub use owner::{Attribute, Failed, OwnerClient, Take};
pub use reacquire::Reacquire;
pub use refusal::{Refusal, WriteError};

use crate::proto::{
    CheckOwnershipRequest, CheckOwnershipResponse, IntrospectTokenRequest, ListAttributesRequest,
};
use connection::Connection;
use std::time::Duration;
use tonic::transport::Channel;

/// The most attributes of a page.
const MAX_ATTRIBUTES: i32 = 100;

/// Asks as an internal service.
#[derive(Debug, Clone)]
pub struct Client {
    connection: Connection,
}

impl Client {
    /// Asks over `channel`, with the token of an internal service. Nothing is sent yet.
    ///
    /// # Errors
    /// [`Error::Credentials`] if the token has characters that no token has.
    pub fn new(channel: Channel, token: &str) -> Result<Self, Error> {
        let connection = Connection::new(channel, token)?;
        Ok(Self { connection })
    }

    /// Asks over `channel`, whose certificate says which internal service this is: one with a
    /// `tonic::transport::ClientTlsConfig` that has an identity. Nothing is sent yet.
    #[must_use]
    pub fn with_certificate(channel: Channel) -> Self {
        let connection = Connection::without_token(channel);
        Self { connection }
    }

    /// The same client with another time limit for each call, which is 5 seconds otherwise.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        let connection = self.connection.with_deadline(deadline);
        Self { connection }
    }

    /// Whether each service may write its attribute: one answer a question, in the order of the questions, of which
    /// there may be 500.
    ///
    /// An answer is of the past by the time it is read. Before a write send the generation along, as [`WriteGuard`]
    /// does.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn check<Q: Into<Question>>(
        &self,
        questions: impl IntoIterator<Item = Q>,
        freshness: Freshness,
    ) -> Result<Vec<Checked>, Error> {
        let questions = questions.into_iter().map(Into::into);
        let request = CheckOwnershipRequest {
            items: questions.map(Question::into_message).collect(),
            freshness: Some(freshness.into_message()),
        };
        let asked = request.items.len();
        let call = self
            .connection
            .call(request, |mut stub, request| async move {
                stub.check_ownership(request).await
            });
        let CheckOwnershipResponse { results, age } = call.await?;
        let age = age.map(Duration::try_from).transpose();
        let age = age.map_err(|_| Error::unexpected("an age that is none"))?;
        let answers = results.into_iter().map(|r| Checked::from_message(r, age));
        error::as_many(asked, answers.collect::<Result<_, _>>()?)
    }

    /// Whether one service may write one attribute: [`Client::check`] of one question.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn check_one(
        &self,
        question: impl Into<Question>,
        freshness: Freshness,
    ) -> Result<Checked, Error> {
        error::single(self.check([question], freshness).await?)
    }

    /// What a bearer token stands for, which this service was handed; none if it is good for nothing. `counted` takes
    /// one from its allowance, as a call with it would: for a service that answers a request with it.
    ///
    /// # Errors
    /// As [`Error`] says; [`Error::Limited`] if the token is over its limit.
    pub async fn introspect(&self, token: &str, counted: bool) -> Result<Option<Bearer>, Error> {
        let request = IntrospectTokenRequest {
            token: token.to_owned(),
            counted,
        };
        let call = self
            .connection
            .call(request, |mut stub, request| async move {
                stub.introspect_token(request).await
            });
        Ok(Bearer::from_message(call.await?))
    }

    /// The user's attributes of these names, of which there may be 100, switched off and released ones too; the user may
    /// lack some.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn attributes<N: Into<String>>(
        &self,
        user: &str,
        names: impl IntoIterator<Item = N>,
    ) -> Result<Vec<Attribute>, Error> {
        let request = ListAttributesRequest {
            user: user.to_owned(),
            attributes: names.into_iter().map(Into::into).collect(),
            page_size: MAX_ATTRIBUTES,
            include_inactive: true,
            include_low_priority: true,
            ..ListAttributesRequest::default()
        };
        if request.attributes.is_empty() {
            return Ok(Vec::new());
        }
        let call = self
            .connection
            .call(request, |mut stub, request| async move {
                stub.list_attributes(request).await
            });
        Ok(call.await?.attributes.into_iter().map(Into::into).collect())
    }
}

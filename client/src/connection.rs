//! A channel, a token and a time limit: what every call needs.

use super::Error;
use crate::proto::attribute_ownership_client::AttributeOwnershipClient;
use std::time::Duration;
use tonic::{
    Request, Response, Status,
    metadata::{Ascii, MetadataValue},
    transport::Channel,
};

/// The generated client.
pub(super) type Stub = AttributeOwnershipClient<Channel>;

/// How long a call may take, if nobody says so.
const DEADLINE: Duration = Duration::from_secs(5);

/// The longest that a call can tell the server: 8 digits, in hours.
const LONGEST: Duration = Duration::from_hours(99_999_999);

#[derive(Debug, Clone)]
pub(super) struct Connection {
    stub: Stub,
    /// None where the channel's certificate says who calls.
    bearer: Option<MetadataValue<Ascii>>,
    deadline: Duration,
}

impl Connection {
    pub(super) fn new(channel: Channel, token: &str) -> Result<Self, Error> {
        let bearer = format!("Bearer {token}").parse();
        let mut bearer: MetadataValue<Ascii> =
            bearer.map_err(|_| Error::credentials("a token is visible ASCII characters"))?;
        // Else `Debug` shows it.
        bearer.set_sensitive(true);
        let bearer = Some(bearer);
        Ok(Self {
            bearer,
            ..Self::without_token(channel)
        })
    }

    pub(super) fn without_token(channel: Channel) -> Self {
        Self {
            stub: Stub::new(channel),
            bearer: None,
            deadline: DEADLINE,
        }
    }

    pub(super) fn with_deadline(self, deadline: Duration) -> Self {
        let deadline = deadline.min(LONGEST);
        Self { deadline, ..self }
    }

    pub(super) async fn call<M, R, F>(
        &self,
        message: M,
        rpc: impl FnOnce(Stub, Request<M>) -> F,
    ) -> Result<R, Error>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let mut request = Request::new(message);
        if let Some(bearer) = &self.bearer {
            let bearer = bearer.clone();
            request.metadata_mut().insert("authorization", bearer);
        }
        // The server learns of it, and so does not work on for nobody.
        request.set_timeout(self.deadline);
        // The channel counts from when it is connected: one that cannot connect would wait for ever.
        let answer = tokio::time::timeout(self.deadline, rpc(self.stub.clone(), request)).await;
        let answer = answer.map_err(|_| Status::deadline_exceeded("no answer in time"))?;
        Ok(answer?.into_inner())
    }
}

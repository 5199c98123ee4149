//! One request as one call of the service.

use super::Gateway;
use crate::{
    config::Config,
    edge::{MAX_TOKEN, RequestId},
    problem::Problem,
    proto::GetCallerRequest,
};
use http::{header::AUTHORIZATION, request::Parts};
use std::time::Duration;
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
};

/// What goes along with every call that a request causes.
pub(super) struct Call {
    authorization: Vec<MetadataValue<Ascii>>,
    request_id: Option<MetadataValue<Ascii>>,
    timeout: Duration,
}

impl Call {
    /// Takes along who is asking, as the request says it: the service judges.
    pub(super) fn new(parts: &Parts, config: &Config) -> Result<Self, Problem> {
        let sent: Vec<_> = parts.headers.get_all(AUTHORIZATION).iter().collect();
        if sent.is_empty() {
            return Err(Problem::no_credentials());
        }
        if sent
            .iter()
            .map(|value| token_length(value.as_bytes()))
            .sum::<usize>()
            > MAX_TOKEN
        {
            return Err(Problem::invalid_token());
        }
        let ascii = sent
            .iter()
            .map(|value| MetadataValue::try_from(value.as_bytes()));
        let request_id = parts.extensions.get::<RequestId>();
        Ok(Self {
            authorization: ascii
                .collect::<Result<_, _>>()
                .map_err(|_| Problem::invalid_token())?,
            request_id: request_id.and_then(|id| MetadataValue::try_from(id.0.as_bytes()).ok()),
            timeout: config.request_timeout,
        })
    }

    /// The message, with all that goes along.
    pub(super) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        request.set_timeout(self.timeout);
        for authorization in &self.authorization {
            let metadata = request.metadata_mut();
            metadata.append("authorization", authorization.clone());
        }
        if let Some(id) = &self.request_id {
            request.metadata_mut().insert("x-request-id", id.clone());
        }
        request
    }
}

/// How long the token is that follows the scheme.
fn token_length(value: &[u8]) -> usize {
    let value = value.trim_ascii();
    let scheme = value.iter().position(|byte| *byte == b' ');
    scheme.map_or(value.len(), |end| value[end..].trim_ascii().len())
}

impl Gateway {
    /// What a caller is told whose request has this problem: it is only told to one who is let in, because who is
    /// asking comes before what is asked (the contract, which error first).
    pub(super) async fn told(&self, call: &Call, problem: Problem) -> Problem {
        let mut service = self.service.clone();
        match service.get_caller(call.request(GetCallerRequest {})).await {
            Ok(_) => problem,
            Err(status) => status.into(),
        }
    }

    /// The result, or what the caller is told instead.
    pub(super) async fn checked<T>(
        &self,
        call: &Call,
        result: Result<T, Problem>,
    ) -> Result<T, Problem> {
        match result {
            Ok(value) => Ok(value),
            Err(problem) => Err(self.told(call, problem).await),
        }
    }
}

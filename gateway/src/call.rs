//! One request as calls of the service.

use crate::{
    config::Config,
    rest::{self, Problem, RequestId},
};
use http::{HeaderMap, request::Parts};
use std::{fmt, time::Duration};
use tonic::{
    Request,
    metadata::{Ascii, MetadataValue},
};

/// What goes along with every call that a request causes.
#[derive(Clone)]
pub(crate) struct Call {
    /// None for the one call that needs no token.
    authorization: Option<MetadataValue<Ascii>>,
    request_id: Option<MetadataValue<Ascii>>,
    timeout: Duration,
}

impl Call {
    /// Takes along the bearer token that the request has: the service judges it.
    pub(crate) fn new(parts: &Parts, config: &Config) -> Result<Self, Problem> {
        let token = bearer(&parts.headers)?;
        Ok(Self::anonymous(parts, config).authorized(token))
    }

    /// Takes along a token that came in another way.
    pub(crate) fn with_token(token: &str, parts: &Parts, config: &Config) -> Result<Self, Problem> {
        Ok(Self::anonymous(parts, config).authorized(authorization(token)?))
    }

    /// Takes no token along.
    pub(crate) fn anonymous(parts: &Parts, config: &Config) -> Self {
        let request_id = parts.extensions.get::<RequestId>();
        Self {
            authorization: None,
            request_id: request_id
                .and_then(|id| MetadataValue::try_from(id.value().as_bytes()).ok()),
            timeout: config.request_timeout,
        }
    }

    fn authorized(self, authorization: MetadataValue<Ascii>) -> Self {
        let authorization = Some(authorization);
        Self {
            authorization,
            ..self
        }
    }

    /// The message, with all that goes along.
    pub(crate) fn request<T>(&self, message: T) -> Request<T> {
        let mut request = self.without_end(message);
        request.set_timeout(self.timeout);
        request
    }

    /// The same for a stream that has no end: a deadline would hold for all of it.
    pub(crate) fn without_end<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        if let Some(authorization) = &self.authorization {
            metadata.insert("authorization", authorization.clone());
        }
        if let Some(id) = &self.request_id {
            metadata.insert("x-request-id", id.clone());
        }
        request
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Call(..)")
    }
}

/// The bearer token, written anew: what surrounds it can be longer than a call may carry.
fn bearer(headers: &HeaderMap) -> Result<MetadataValue<Ascii>, Problem> {
    authorization(rest::bearer(headers)?)
}

fn authorization(token: &str) -> Result<MetadataValue<Ascii>, Problem> {
    let value = MetadataValue::try_from(format!("Bearer {token}"));
    let mut value = value.map_err(|_| Problem::invalid_token())?;
    value.set_sensitive(true);
    Ok(value)
}

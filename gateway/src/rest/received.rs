//! A batch that has been read, but not looked into.

use super::{body, idempotency::Idempotency, problem::Problem, query::Query};
use axum::{body::Bytes, extract::Request};
use http::request::Parts;
use serde_json::value::RawValue;

/// A request with the whole of its body, or why that could not be read.
pub struct Received {
    parts: Parts,
    body: Result<Bytes, Problem>,
}

impl Received {
    /// Reads the whole request, so that whatever is answered is seen by a client that is still sending; `caller` says
    /// first who is asking.
    ///
    /// # Errors
    /// What `caller` says. What is wrong with the body is told by [`Self::parse`], because the caller comes first.
    pub async fn read<T>(
        request: Request,
        caller: impl FnOnce(&Parts) -> Result<T, Problem>,
    ) -> Result<(T, Self), Problem> {
        let (parts, body) = request.into_parts();
        match caller(&parts) {
            Ok(caller) => {
                let body = body::read(body).await;
                Ok((caller, Self { parts, body }))
            }
            Err(problem) => {
                body::drop_rest(body).await;
                Err(problem)
            }
        }
    }

    /// What `parameters` makes of the query, what the request is recognised by, and the items, each as it was sent.
    ///
    /// # Errors
    /// The first problem, in the order of the contract: the type 415, the size 413, what `parameters` says, the key 400,
    /// the body 400.
    pub fn parse<T>(
        &self,
        parameters: impl FnOnce(&Query<'_>) -> Result<T, Problem>,
    ) -> Result<(T, Option<Idempotency>, Vec<&RawValue>), Problem> {
        body::check_type(&self.parts.headers, body::JSON)?;
        let body = self.body.as_ref().map_err(Clone::clone)?;
        let parameters = parameters(&Query::of(&self.parts.uri))?;
        let idempotency = Idempotency::of(&self.parts, body)?;
        Ok((parameters, idempotency, body::items(body)?))
    }
}

//! The RPCs of `Sessions`.

use super::{
    Services,
    caller::{request_id, user},
    convert,
};
use crate::proto::{
    EndSessionRequest, EndSessionResponse, StartSessionRequest, StartSessionResponse,
    sessions_server::{self, Sessions},
};
use tonic::{Request, Response, Status};

/// Whether a call of this path needs no bearer token: what it brings takes its place.
pub(super) fn is_open(path: &str) -> bool {
    let method = path.strip_prefix('/').and_then(|path| path.split_once('/'));
    method == Some((sessions_server::SERVICE_NAME, "StartSession"))
}

#[tonic::async_trait]
impl Sessions for Services {
    async fn start_session(
        &self,
        request: Request<StartSessionRequest>,
    ) -> Result<Response<StartSessionResponse>, Status> {
        let id = request_id(&request);
        let (id_token, nonce) = convert::session_request(request.into_inner())?;
        let (token, record) = self.sessions.start(&id_token, &nonce, &id).await?;
        Ok(Response::new(StartSessionResponse {
            user: record.user.to_string(),
            token: token.reveal().to_owned(),
            expire_time: Some(convert::timestamp(record.expires_at)),
        }))
    }

    async fn end_session(
        &self,
        request: Request<EndSessionRequest>,
    ) -> Result<Response<EndSessionResponse>, Status> {
        let (user, id) = (user(&request)?, request_id(&request));
        self.sessions.end(&user, &id).await?;
        Ok(Response::new(EndSessionResponse {}))
    }
}

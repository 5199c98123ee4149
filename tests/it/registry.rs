//! What an operator and an authorization server do over gRPC, each by the role of its token.

mod bad_input;
pub mod connections;
mod roles;
mod tokens;

use crate::harness::Tenure;
use tenure::{
    domain::internal::Role,
    proto::{Connection, ListConnectionsRequest, registry_client::RegistryClient},
};
use tonic::{Request, Status, transport::Channel};
use tonic_types::StatusExt as _;

pub type Stub = RegistryClient<Channel>;

/// An internal service with its token.
pub struct Insider {
    pub stub: Stub,
    pub token: String,
}

impl Insider {
    pub async fn of(t: &Tenure, role: Role) -> Self {
        Self::with(t, t.internal(role).await).await
    }

    pub async fn with(t: &Tenure, token: String) -> Self {
        let stub = Stub::new(crate::grpc::channel(t).await);
        Self { stub, token }
    }

    /// The message with its token, and an id for the request.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        let bearer = format!("Bearer {}", self.token).parse().unwrap();
        metadata.insert("authorization", bearer);
        metadata.insert("x-request-id", "over-registry".parse().unwrap());
        request
    }

    /// What the user has connected.
    pub async fn connections(&mut self, user: &str) -> Vec<Connection> {
        let user = user.to_owned();
        let request = self.request(ListConnectionsRequest { user });
        let listed = self.stub.list_connections(request).await.unwrap();
        listed.into_inner().connections
    }
}

/// The reason of a status.
pub fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

/// The fields that a status says are wrong.
pub fn fields(status: &Status) -> Vec<String> {
    let request = status.get_details_bad_request().unwrap();
    let violations = request.field_violations.into_iter();
    violations.map(|violation| violation.field).collect()
}

pub fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

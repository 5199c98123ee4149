//! What users do with a token of their own, over gRPC (`account.proto`).

mod bad_input;
mod chosen;
mod connections;
mod events;
mod listing;
mod many;
mod pinned;
mod races;
mod refused;
mod succession;
mod switched;

use crate::harness::{Client, Tenure};
use serde_json::json;
use tenure::proto::{
    ListUserAttributesRequest, ListUserAttributesResponse, Service, SetActiveRequest,
    SetOwnerRequest, SetPinnedRequest, SetSuccessionRequest, UserAttribute,
    user_attributes_client::UserAttributesClient,
};
use tonic::{Code, Request, Status, transport::Channel};
use tonic_types::StatusExt as _;

pub type Stub = UserAttributesClient<Channel>;

/// A user with a token, whosever it is.
#[derive(Clone)]
pub struct User {
    pub stub: Stub,
    pub token: String,
}

/// An attribute after a call, and the user's revision.
pub type Set = Result<(UserAttribute, i64), Status>;

impl User {
    /// A user with a token of their own.
    pub async fn of(t: &Tenure, user: &str) -> Self {
        Self::with(t, t.own(user).await).await
    }

    pub async fn with(t: &Tenure, token: String) -> Self {
        let stub = Stub::new(crate::grpc::channel(t).await);
        let stub = stub.max_decoding_message_size(usize::MAX);
        Self { stub, token }
    }

    /// The message with the token, and an id for the request.
    pub fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        let bearer = format!("Bearer {}", self.token).parse().unwrap();
        metadata.insert("authorization", bearer);
        metadata.insert("x-request-id", "of-the-user".parse().unwrap());
        request
    }

    /// All attributes of these names, or all.
    pub async fn list(&self, names: &[&str]) -> ListUserAttributesResponse {
        let attributes = crate::registry::texts(names);
        let request = self.request(ListUserAttributesRequest { attributes });
        let listed = self.stub.clone().list_user_attributes(request).await;
        listed.unwrap().into_inner()
    }

    /// The one attribute as it is.
    pub async fn sees(&self, name: &str) -> UserAttribute {
        let listed = self.list(&[name]).await;
        listed.groups[0].attributes[0].clone()
    }

    pub async fn revision(&self) -> i64 {
        self.list(&["none"]).await.revision
    }

    /// An empty service is nobody.
    pub async fn gives(&self, attribute: &str, service: &str) -> Set {
        self.set_owner(attribute, service, None, "").await
    }

    pub async fn set_owner(
        &self,
        attribute: &str,
        service: &str,
        pinned: Option<bool>,
        etag: &str,
    ) -> Set {
        let request = self.request(SetOwnerRequest {
            attribute: attribute.to_owned(),
            service: service.to_owned(),
            pinned,
            etag: etag.to_owned(),
            active: None,
        });
        let set = self.stub.clone().set_owner(request).await?.into_inner();
        Ok((set.attribute.unwrap(), set.revision))
    }

    pub async fn switches(&self, attribute: &str, active: bool, etag: &str) -> Set {
        let request = self.request(SetActiveRequest {
            attribute: attribute.to_owned(),
            active,
            etag: etag.to_owned(),
        });
        let set = self.stub.clone().set_active(request).await?.into_inner();
        Ok((set.attribute.unwrap(), set.revision))
    }

    pub async fn pins(&self, attribute: &str, pinned: bool, etag: &str) -> Set {
        let request = self.request(SetPinnedRequest {
            attribute: attribute.to_owned(),
            pinned,
            etag: etag.to_owned(),
        });
        let set = self.stub.clone().set_pinned(request).await?.into_inner();
        Ok((set.attribute.unwrap(), set.revision))
    }

    pub async fn ranks(&self, attribute: &str, services: &[&str], etag: &str) -> Set {
        let request = self.request(SetSuccessionRequest {
            attribute: attribute.to_owned(),
            services: crate::registry::texts(services),
            etag: etag.to_owned(),
        });
        let set = self.stub.clone().set_succession(request).await?;
        let set = set.into_inner();
        Ok((set.attribute.unwrap(), set.revision))
    }
}

/// ada, with the steps that test500 owns and that Oura and Withings could take over.
pub async fn ada(t: &Tenure) -> (User, Client) {
    for service in ["oura", "withings"] {
        t.usual("ada", service).await;
    }
    let client = t.usual("ada", "test500").await;
    let steps = json!([{"template":"steps","manual":false}]);
    client.acquire(steps).await.succeeded();
    (User::of(t, "ada").await, client)
}

/// Who owns it.
pub fn owner(attribute: &UserAttribute) -> &str {
    let owner = attribute.attribute.as_ref().unwrap().owner.as_ref();
    owner.map_or("", |owner| &owner.name)
}

/// Generation, and whether it is active, manual and pinned.
pub fn facts(attribute: &UserAttribute) -> (i64, bool, bool, bool) {
    let attribute = attribute.attribute.as_ref().unwrap();
    let (active, pinned) = (attribute.active, attribute.pinned);
    (attribute.generation, active, attribute.manual, pinned)
}

pub fn service_names(services: &[Service]) -> Vec<&str> {
    services.iter().map(|service| &*service.name).collect()
}

/// The call is refused with this code and reason; what it says.
#[track_caller]
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code, reason: &str) -> String {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), code, "{status:?}");
    assert_eq!(status.get_details_error_info().unwrap().reason, reason);
    status.message().to_owned()
}

//! What a page asks of the service, with the token of whoever is signed in.

use super::{seen::Seen, wish::Wish};
use crate::{
    call::Call,
    proto::{
        DisconnectRequest, DisconnectResponse, ListEventsRequest, ListEventsResponse,
        ListUserAttributesRequest, ListUserAttributesResponse, SetActiveRequest, SetOwnerRequest,
        SetPinnedRequest, SetSuccessionRequest, UserAttribute,
        UserAttributesListConnectionsRequest, UserAttributesListConnectionsResponse,
        user_attributes_client::UserAttributesClient,
    },
};
use tonic::{Request, Status, transport::Channel};

/// The largest answer that is read: thousands of attributes, each with all of its successors.
const MAX_ANSWER: usize = 64 << 20;

/// The stub of all sessions.
pub(super) fn stub(channel: Channel) -> UserAttributesClient<Channel> {
    UserAttributesClient::new(channel).max_decoding_message_size(MAX_ANSWER)
}

/// An attribute as it stands after a call, and the user's revision then.
pub(super) type Stands = (UserAttribute, i64);

/// The account of whoever is signed in.
pub(super) struct Account {
    stub: UserAttributesClient<Channel>,
    call: Call,
}

impl Account {
    /// Asks with the token of the call.
    pub(super) fn new(stub: UserAttributesClient<Channel>, call: &Call) -> Self {
        let call = call.clone();
        Self { stub, call }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        self.call.request(message)
    }

    /// All attributes, or the one of this name.
    pub(super) async fn attributes(
        &self,
        name: Option<&str>,
    ) -> Result<ListUserAttributesResponse, Status> {
        let attributes = name.map(str::to_owned).into_iter().collect();
        let request = self.request(ListUserAttributesRequest { attributes });
        let answer = self.stub.clone().list_user_attributes(request).await?;
        Ok(answer.into_inner())
    }

    /// The attribute of this name, if there is one.
    pub(super) async fn attribute(&self, name: &str) -> Result<Option<Stands>, Status> {
        let mut found = self.attributes(Some(name)).await?;
        let attribute = found
            .groups
            .pop()
            .and_then(|mut group| group.attributes.pop());
        Ok(attribute.map(|attribute| (attribute, found.revision)))
    }

    /// Who is connected.
    pub(super) async fn connections(
        &self,
    ) -> Result<UserAttributesListConnectionsResponse, Status> {
        let request = self.request(UserAttributesListConnectionsRequest {});
        let answer = self.stub.clone().list_connections(request).await?;
        Ok(answer.into_inner())
    }

    /// What happened, the newest first: to the attribute, or to all if its name is empty.
    pub(super) async fn events(
        &self,
        attribute: &str,
        page_size: i32,
        page_token: &str,
    ) -> Result<ListEventsResponse, Status> {
        let request = self.request(ListEventsRequest {
            attribute: attribute.to_owned(),
            page_size,
            page_token: page_token.to_owned(),
        });
        Ok(self.stub.clone().list_events(request).await?.into_inner())
    }

    /// What a disconnection would do.
    pub(super) async fn preview(&self, service: &str) -> Result<DisconnectResponse, Status> {
        self.disconnect_with(service, true, None).await
    }

    /// Disconnects a service, as a preview at this revision told.
    pub(super) async fn disconnect(
        &self,
        service: &str,
        revision: i64,
    ) -> Result<DisconnectResponse, Status> {
        self.disconnect_with(service, false, Some(revision)).await
    }

    async fn disconnect_with(
        &self,
        service: &str,
        validate_only: bool,
        revision: Option<i64>,
    ) -> Result<DisconnectResponse, Status> {
        let request = self.request(DisconnectRequest {
            service: service.to_owned(),
            validate_only,
            revision,
        });
        Ok(self.stub.clone().disconnect(request).await?.into_inner())
    }

    /// Does what the user wishes, if the attribute is as they saw it.
    pub(super) async fn grant(
        &self,
        attribute: &str,
        wish: &Wish,
        seen: &Seen,
    ) -> Result<Option<UserAttribute>, Status> {
        let etag = seen.etag.clone();
        let now = match wish {
            Wish::Owner(service) => {
                self.set_owner(SetOwnerRequest {
                    attribute: attribute.to_owned(),
                    service: service.clone(),
                    etag,
                    ..SetOwnerRequest::default()
                })
                .await?
            }
            Wish::Active(active) => self.set_active(attribute, *active, etag).await?,
            Wish::Pinned(pinned) => self.set_pinned(attribute, *pinned, etag).await?,
            Wish::Order { services, .. } => {
                let request = self.request(SetSuccessionRequest {
                    attribute: attribute.to_owned(),
                    services: services.clone(),
                    etag,
                });
                let answer = self.stub.clone().set_succession(request).await?;
                answer.into_inner().attribute
            }
            Wish::Back {
                owner,
                active,
                pinned,
            } => {
                let is_owned = !owner.is_empty();
                self.set_owner(SetOwnerRequest {
                    attribute: attribute.to_owned(),
                    service: owner.clone(),
                    pinned: is_owned.then_some(*pinned),
                    active: is_owned.then_some(*active),
                    etag,
                })
                .await?
            }
            Wish::Keep => None,
        };
        Ok(now)
    }

    async fn set_owner(&self, asked: SetOwnerRequest) -> Result<Option<UserAttribute>, Status> {
        let answer = self.stub.clone().set_owner(self.request(asked)).await?;
        Ok(answer.into_inner().attribute)
    }

    async fn set_active(
        &self,
        attribute: &str,
        active: bool,
        etag: String,
    ) -> Result<Option<UserAttribute>, Status> {
        let request = self.request(SetActiveRequest {
            attribute: attribute.to_owned(),
            active,
            etag,
        });
        let answer = self.stub.clone().set_active(request).await?;
        Ok(answer.into_inner().attribute)
    }

    async fn set_pinned(
        &self,
        attribute: &str,
        pinned: bool,
        etag: String,
    ) -> Result<Option<UserAttribute>, Status> {
        let request = self.request(SetPinnedRequest {
            attribute: attribute.to_owned(),
            pinned,
            etag,
        });
        let answer = self.stub.clone().set_pinned(request).await?;
        Ok(answer.into_inner().attribute)
    }
}

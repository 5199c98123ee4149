//! What a user decides, as calls of the service with a token of their own: for the page, and for REST.

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

/// The largest answer that is read, in bytes: some hundred thousand attributes, each with all of its successors.
const MAX_ANSWER: usize = 128 << 20;

/// What the calls of all users go through.
pub(crate) type Stub = UserAttributesClient<Channel>;

/// The stub in front of the service at the other end of the channel.
pub(crate) fn stub(channel: Channel) -> Stub {
    UserAttributesClient::new(channel).max_decoding_message_size(MAX_ANSWER)
}

/// An attribute as it stands after a call, and the user's revision then.
pub(crate) type Stands = (UserAttribute, i64);

/// What a user wants of an attribute.
pub(crate) enum Change {
    Owner(SetOwnerRequest),
    Active(SetActiveRequest),
    Pinned(SetPinnedRequest),
    Succession(SetSuccessionRequest),
}

/// The account of whoever has the token of the call.
pub(crate) struct Account {
    stub: Stub,
    call: Call,
}

impl Account {
    /// Asks with the token of the call.
    pub(crate) fn new(stub: &Stub, call: &Call) -> Self {
        Self {
            stub: stub.clone(),
            call: call.clone(),
        }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        self.call.request(message)
    }

    /// All attributes, or the one of this name.
    pub(crate) async fn attributes(
        &self,
        name: Option<&str>,
    ) -> Result<ListUserAttributesResponse, Status> {
        let attributes = name.map(str::to_owned).into_iter().collect();
        let request = self.request(ListUserAttributesRequest { attributes });
        let answer = self.stub.clone().list_user_attributes(request).await?;
        Ok(answer.into_inner())
    }

    /// The attribute of this name, if there is one.
    pub(crate) async fn attribute(&self, name: &str) -> Result<Option<Stands>, Status> {
        let mut found = self.attributes(Some(name)).await?;
        let attribute = found
            .groups
            .pop()
            .and_then(|mut group| group.attributes.pop());
        Ok(attribute.map(|attribute| (attribute, found.revision)))
    }

    /// Who is connected.
    pub(crate) async fn connections(
        &self,
    ) -> Result<UserAttributesListConnectionsResponse, Status> {
        let request = self.request(UserAttributesListConnectionsRequest {});
        let answer = self.stub.clone().list_connections(request).await?;
        Ok(answer.into_inner())
    }

    /// What happened, the newest first: to the attribute, or to all if its name is empty.
    pub(crate) async fn events(
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

    /// Disconnects a service, or with `validate_only` tells what that would do.
    pub(crate) async fn disconnect(
        &self,
        asked: DisconnectRequest,
    ) -> Result<DisconnectResponse, Status> {
        let request = self.request(asked);
        Ok(self.stub.clone().disconnect(request).await?.into_inner())
    }

    /// Changes an attribute.
    pub(crate) async fn change(&self, change: Change) -> Result<Stands, Status> {
        let mut stub = self.stub.clone();
        let (attribute, revision) = match change {
            Change::Owner(asked) => {
                let set = stub.set_owner(self.request(asked)).await?.into_inner();
                (set.attribute, set.revision)
            }
            Change::Active(asked) => {
                let set = stub.set_active(self.request(asked)).await?.into_inner();
                (set.attribute, set.revision)
            }
            Change::Pinned(asked) => {
                let set = stub.set_pinned(self.request(asked)).await?.into_inner();
                (set.attribute, set.revision)
            }
            Change::Succession(asked) => {
                let set = stub.set_succession(self.request(asked)).await?.into_inner();
                (set.attribute, set.revision)
            }
        };
        // The service tells it in every answer.
        let attribute = attribute.ok_or_else(|| Status::internal("no attribute in the answer"))?;
        Ok((attribute, revision))
    }
}

//! The RPCs of `UserAttributes`.

use super::{
    Services,
    caller::{request_id, user},
    convert,
};
use crate::proto::{
    DisconnectRequest, DisconnectResponse, ListEventsRequest, ListEventsResponse,
    ListUserAttributesRequest, ListUserAttributesResponse, SetActiveRequest, SetActiveResponse,
    SetOwnerRequest, SetOwnerResponse, SetPinnedRequest, SetPinnedResponse, SetSuccessionRequest,
    SetSuccessionResponse, UserAttributesListConnectionsRequest,
    UserAttributesListConnectionsResponse, user_attributes_server::UserAttributes,
};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl UserAttributes for Services {
    async fn list_user_attributes(
        &self,
        request: Request<ListUserAttributesRequest>,
    ) -> Result<Response<ListUserAttributesResponse>, Status> {
        let user = user(&request)?;
        let names = convert::user_attributes_request(request.into_inner());
        let shown = self.account.attributes(&user, names).await?;
        Ok(Response::new(convert::user_attributes(shown)))
    }

    async fn set_owner(
        &self,
        request: Request<SetOwnerRequest>,
    ) -> Result<Response<SetOwnerResponse>, Status> {
        let (user, id) = (user(&request)?, request_id(&request));
        let asked = request.into_inner();
        let (pinned, active) = (asked.pinned, asked.active);
        let (seen, service) = convert::owner_request(asked)?;
        let wanted = (service.as_ref(), pinned, active);
        let set = self.account.set_owner(&user, &id, &seen, wanted);
        let (attribute, revision) = convert::user_attribute(set.await?);
        Ok(Response::new(SetOwnerResponse {
            attribute,
            revision,
        }))
    }

    async fn set_active(
        &self,
        request: Request<SetActiveRequest>,
    ) -> Result<Response<SetActiveResponse>, Status> {
        let (user, id) = (user(&request)?, request_id(&request));
        let SetActiveRequest {
            attribute,
            active,
            etag,
        } = request.into_inner();
        let seen = convert::seen(attribute, etag)?;
        let set = self.account.set_active(&user, &id, &seen, active);
        let (attribute, revision) = convert::user_attribute(set.await?);
        Ok(Response::new(SetActiveResponse {
            attribute,
            revision,
        }))
    }

    async fn set_pinned(
        &self,
        request: Request<SetPinnedRequest>,
    ) -> Result<Response<SetPinnedResponse>, Status> {
        let (user, id) = (user(&request)?, request_id(&request));
        let SetPinnedRequest {
            attribute,
            pinned,
            etag,
        } = request.into_inner();
        let seen = convert::seen(attribute, etag)?;
        let set = self.account.set_pinned(&user, &id, &seen, pinned);
        let (attribute, revision) = convert::user_attribute(set.await?);
        Ok(Response::new(SetPinnedResponse {
            attribute,
            revision,
        }))
    }

    async fn set_succession(
        &self,
        request: Request<SetSuccessionRequest>,
    ) -> Result<Response<SetSuccessionResponse>, Status> {
        let (user, id) = (user(&request)?, request_id(&request));
        let (seen, services) = convert::succession_request(request.into_inner())?;
        let set = self.account.set_succession(&user, &id, &seen, &services);
        let (attribute, revision) = convert::user_attribute(set.await?);
        Ok(Response::new(SetSuccessionResponse {
            attribute,
            revision,
        }))
    }

    async fn list_connections(
        &self,
        request: Request<UserAttributesListConnectionsRequest>,
    ) -> Result<Response<UserAttributesListConnectionsResponse>, Status> {
        let user = user(&request)?;
        let shown = self.account.connections(&user).await?;
        Ok(Response::new(convert::user_connections(shown)))
    }

    async fn disconnect(
        &self,
        request: Request<DisconnectRequest>,
    ) -> Result<Response<DisconnectResponse>, Status> {
        let (user, id) = (user(&request)?, request_id(&request));
        let validate_only = request.get_ref().validate_only;
        let (service, revision) = convert::disconnect_request(request.into_inner())?;
        let account = &self.account;
        let passing = account.disconnect(&user, &id, &service, revision, validate_only);
        Ok(Response::new(convert::passing(passing.await?)))
    }

    async fn list_events(
        &self,
        request: Request<ListEventsRequest>,
    ) -> Result<Response<ListEventsResponse>, Status> {
        let user = user(&request)?;
        let query = convert::user_events_request(request.into_inner())?;
        let shown = self.account.events(&user, &query).await?;
        Ok(Response::new(convert::user_events(shown, query.limit)))
    }
}

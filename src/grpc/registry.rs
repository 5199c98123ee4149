//! The RPCs of `Registry`.

use super::{
    Services,
    caller::{internal, request_id},
    convert,
};
use crate::{
    auth,
    domain::internal::Role,
    proto::{
        CreateCustomAttributeRequest, CreateCustomAttributeResponse, IssueInternalTokenRequest,
        IssueInternalTokenResponse, IssueTokenRequest, IssueTokenResponse, ListConnectionsRequest,
        ListConnectionsResponse, ListInternalTokensRequest, ListInternalTokensResponse,
        ListTokensRequest, ListTokensResponse, NotifyRevocationRequest, NotifyRevocationResponse,
        PutConnectionRequest, PutConnectionResponse, RemoveConnectionRequest,
        RemoveConnectionResponse, RevokeTokenRequest, RevokeTokenResponse,
        SetAttributeActiveRequest, SetAttributeActiveResponse, registry_server,
    },
    service::Registry,
};
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl registry_server::Registry for Services {
    async fn list_connections(
        &self,
        request: Request<ListConnectionsRequest>,
    ) -> Result<Response<ListConnectionsResponse>, Status> {
        let registry = self.registry_for(&request, Role::Reader)?;
        let user = convert::user(request.into_inner().user)?;
        let connections = registry.connections(&user).await?;
        Ok(Response::new(convert::connections(&connections)))
    }

    async fn put_connection(
        &self,
        request: Request<PutConnectionRequest>,
    ) -> Result<Response<PutConnectionResponse>, Status> {
        let registry = self.registry_for(&request, Role::Writer)?;
        let put = request.into_inner();
        let (user, service, scopes) =
            convert::connection_request(put.user, put.service, &put.scopes)?;
        let connection = registry.connect(&user, &service, Some(&scopes)).await?;
        let connection = Some(convert::connection(&service, &connection));
        Ok(Response::new(PutConnectionResponse { connection }))
    }

    async fn remove_connection(
        &self,
        request: Request<RemoveConnectionRequest>,
    ) -> Result<Response<RemoveConnectionResponse>, Status> {
        let registry = self.registry_for(&request, Role::Writer)?;
        let removed = request.into_inner();
        let (user, service, _) = convert::connection_request(removed.user, removed.service, &[])?;
        registry.disconnect(&user, &service).await?;
        Ok(Response::new(RemoveConnectionResponse {}))
    }

    async fn notify_revocation(
        &self,
        request: Request<NotifyRevocationRequest>,
    ) -> Result<Response<NotifyRevocationResponse>, Status> {
        let registry = self.registry_for(&request, Role::Writer)?;
        let notice = convert::notice(request.into_inner())?;
        registry.take_notice(&notice).await?;
        Ok(Response::new(NotifyRevocationResponse {}))
    }

    async fn issue_token(
        &self,
        request: Request<IssueTokenRequest>,
    ) -> Result<Response<IssueTokenResponse>, Status> {
        let registry = self.registry_for(&request, Role::Operator)?;
        let new = convert::new_token(request.into_inner())?;
        let (secret, token) = registry.issue_token(&new).await?;
        Ok(Response::new(IssueTokenResponse {
            secret: secret.reveal().to_owned(),
            token: Some(convert::token(&token)),
        }))
    }

    async fn issue_internal_token(
        &self,
        request: Request<IssueInternalTokenRequest>,
    ) -> Result<Response<IssueInternalTokenResponse>, Status> {
        let registry = self.registry_for(&request, Role::Operator)?;
        let new = convert::new_internal_token(request.into_inner())?;
        let (secret, token) = registry.issue_internal_token(&new).await?;
        Ok(Response::new(IssueInternalTokenResponse {
            secret: secret.reveal().to_owned(),
            token: Some(convert::internal_token(&token)),
        }))
    }

    async fn list_tokens(
        &self,
        request: Request<ListTokensRequest>,
    ) -> Result<Response<ListTokensResponse>, Status> {
        let registry = self.registry_for(&request, Role::Operator)?;
        let user = convert::user(request.into_inner().user)?;
        let tokens = registry.tokens(&user).await?;
        let tokens = tokens.iter().map(convert::token).collect();
        Ok(Response::new(ListTokensResponse { tokens }))
    }

    async fn list_internal_tokens(
        &self,
        request: Request<ListInternalTokensRequest>,
    ) -> Result<Response<ListInternalTokensResponse>, Status> {
        let registry = self.registry_for(&request, Role::Operator)?;
        let tokens = registry.internal_tokens().await?;
        let tokens = tokens.iter().map(convert::internal_token).collect();
        Ok(Response::new(ListInternalTokensResponse { tokens }))
    }

    async fn revoke_token(
        &self,
        request: Request<RevokeTokenRequest>,
    ) -> Result<Response<RevokeTokenResponse>, Status> {
        let registry = self.registry_for(&request, Role::Operator)?;
        let token = convert::token_to_revoke(request.into_inner().token)?;
        registry.revoke_token(&token).await?;
        Ok(Response::new(RevokeTokenResponse {}))
    }

    async fn create_custom_attribute(
        &self,
        request: Request<CreateCustomAttributeRequest>,
    ) -> Result<Response<CreateCustomAttributeResponse>, Status> {
        let registry = self.registry_for(&request, Role::Operator)?;
        let manual = request.get_ref().manual;
        let (user, label, group, value_type) = convert::custom_attribute(request.into_inner())?;
        let created = registry.create_attribute(&user, &label, &group, value_type, manual);
        let name = created.await?.to_string();
        Ok(Response::new(CreateCustomAttributeResponse { name }))
    }

    async fn set_attribute_active(
        &self,
        request: Request<SetAttributeActiveRequest>,
    ) -> Result<Response<SetAttributeActiveResponse>, Status> {
        let registry = self.registry_for(&request, Role::Operator)?;
        let set = request.into_inner();
        let (user, name) = convert::attribute_of(set.user, set.name)?;
        registry.set_active(&user, &name, set.active).await?;
        Ok(Response::new(SetAttributeActiveResponse {}))
    }
}

impl Services {
    /// The operator's use cases, for a caller whose role is at least this.
    fn registry_for<T>(&self, request: &Request<T>, needed: Role) -> Result<Registry, Status> {
        let internal = internal(request)?;
        let has = internal.role;
        if has < needed {
            return Err(auth::Error::RoleTooSmall { has, needed }.into());
        }
        let id = request_id(request);
        Ok(self.registry.for_request(&internal.name, &id))
    }
}

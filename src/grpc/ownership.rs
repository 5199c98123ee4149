//! The RPCs of `AttributeOwnership`.

use super::convert;
use crate::{
    auth::{self, Client},
    grpc::layers::RequestId,
    proto::{
        AcquireAttributesRequest, AcquireAttributesResponse, GetCallerRequest, GetCallerResponse,
        ListOwnedAttributesRequest, ListOwnedAttributesResponse, ReleaseAttributesRequest,
        ReleaseAttributesResponse, attribute_ownership_server::AttributeOwnership,
    },
    service::Ownership,
};
use tonic::{Request, Response, Status};

/// The wire side of [`Ownership`].
pub(super) struct Rpc {
    ownership: Ownership,
}

impl Rpc {
    pub(super) fn new(ownership: Ownership) -> Self {
        Self { ownership }
    }
}

#[tonic::async_trait]
impl AttributeOwnership for Rpc {
    async fn acquire_attributes(
        &self,
        request: Request<AcquireAttributesRequest>,
    ) -> Result<Response<AcquireAttributesResponse>, Status> {
        let (client, request_id) = (client(&request)?, request_id(&request));
        let items = request.into_inner().items;
        Ownership::admits(items.len())?;
        let items = convert::acquire_items(items)?;
        let done = self.ownership.acquire(&client, &request_id, &items).await?;
        Ok(Response::new(AcquireAttributesResponse {
            revision: done.revision,
            results: convert::results(done.results),
        }))
    }

    async fn release_attributes(
        &self,
        request: Request<ReleaseAttributesRequest>,
    ) -> Result<Response<ReleaseAttributesResponse>, Status> {
        let (client, request_id) = (client(&request)?, request_id(&request));
        let items = request.into_inner().items;
        Ownership::admits(items.len())?;
        let items = convert::release_items(items)?;
        let done = self.ownership.release(&client, &request_id, &items).await?;
        Ok(Response::new(ReleaseAttributesResponse {
            revision: done.revision,
            results: convert::results(done.results),
        }))
    }

    async fn list_owned_attributes(
        &self,
        request: Request<ListOwnedAttributesRequest>,
    ) -> Result<Response<ListOwnedAttributesResponse>, Status> {
        let client = client(&request)?;
        let (filter, page) = convert::list_request(request.into_inner())?;
        let owned = self.ownership.list_owned(&client, &filter, &page).await?;
        Ok(Response::new(convert::owned_page(owned)))
    }

    async fn get_caller(
        &self,
        request: Request<GetCallerRequest>,
    ) -> Result<Response<GetCallerResponse>, Status> {
        Ok(Response::new(convert::caller(&client(&request)?)))
    }
}

/// The caller, as the layer that authenticates has left it.
fn client<T>(request: &Request<T>) -> Result<Client, Status> {
    let client = request.extensions().get::<Client>().cloned();
    client.ok_or_else(|| auth::Error::Missing.into())
}

fn request_id<T>(request: &Request<T>) -> String {
    let id = request.extensions().get::<RequestId>();
    id.map_or_else(String::new, |id| id.0.clone())
}

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
    service::{Answered, BatchAnswer, BatchOptions, Ownership},
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
        let mut asked = request.into_inner();
        Ownership::admits(asked.items.len())?;
        let idempotency = asked.idempotency.take();
        let options = BatchOptions {
            validate_only: asked.validate_only,
            all_or_nothing: asked.all_or_nothing,
            idempotency: convert::idempotency(idempotency, "acquire", &asked)?,
        };
        let items = convert::acquire_items(asked.items, asked.if_available)?;
        let answered = self
            .ownership
            .acquire(&client, &request_id, &items, &options);
        Ok(Response::new(match answered.await? {
            Answered::Before(answer) => convert::replayed(&answer)?,
            Answered::Now(BatchAnswer { results, revision }) => AcquireAttributesResponse {
                results: convert::results(results),
                revision,
            },
        }))
    }

    async fn release_attributes(
        &self,
        request: Request<ReleaseAttributesRequest>,
    ) -> Result<Response<ReleaseAttributesResponse>, Status> {
        let (client, request_id) = (client(&request)?, request_id(&request));
        let mut asked = request.into_inner();
        Ownership::admits(asked.items.len())?;
        let idempotency = asked.idempotency.take();
        let options = BatchOptions {
            validate_only: asked.validate_only,
            all_or_nothing: asked.all_or_nothing,
            idempotency: convert::idempotency(idempotency, "release", &asked)?,
        };
        let items = convert::release_items(asked.items)?;
        let answered = self
            .ownership
            .release(&client, &request_id, &items, &options);
        Ok(Response::new(match answered.await? {
            Answered::Before(answer) => convert::replayed(&answer)?,
            Answered::Now(BatchAnswer { results, revision }) => ReleaseAttributesResponse {
                results: convert::results(results),
                revision,
            },
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

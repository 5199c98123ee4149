//! The RPCs of `AttributeOwnership`.

use super::{
    Services,
    audit::RefusedItems,
    caller::{client, internal, principal, request_id, service},
    convert, status, watch,
};
use crate::{
    auth,
    domain::name::UserId,
    grpc::layers::Credentials,
    proto::{
        AcquireAttributesRequest, AcquireAttributesResponse, CheckOwnershipRequest,
        CheckOwnershipResponse, CreateAttributesRequest, CreateAttributesResponse,
        GetCallerRequest, GetCallerResponse, IntrospectTokenRequest, IntrospectTokenResponse,
        ItemResult, ListAttributesRequest, ListAttributesResponse, ListOwnedAttributesRequest,
        ListOwnedAttributesResponse, ListOwnershipEventsRequest, ListOwnershipEventsResponse,
        ListTemplatesRequest, ListTemplatesResponse, ReleaseAttributesRequest,
        ReleaseAttributesResponse, WatchOwnershipRequest, WatchOwnershipResponse,
        attribute_ownership_server::AttributeOwnership,
    },
    service::{Answered, BatchAnswer, BatchOptions, Ownership, Reader},
};
use futures_util::stream::BoxStream;
use tonic::{Request, Response, Status};

#[tonic::async_trait]
impl AttributeOwnership for Services {
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
        let names = items
            .iter()
            .map(|item| item.name.as_ref().or(item.template.as_ref()));
        batch(answered.await?, names, |results, revision| {
            AcquireAttributesResponse { results, revision }
        })
    }

    async fn create_attributes(
        &self,
        request: Request<CreateAttributesRequest>,
    ) -> Result<Response<CreateAttributesResponse>, Status> {
        let (client, request_id) = (client(&request)?, request_id(&request));
        let mut asked = request.into_inner();
        Ownership::admits(asked.items.len())?;
        let idempotency = asked.idempotency.take();
        let options = BatchOptions {
            validate_only: asked.validate_only,
            all_or_nothing: asked.all_or_nothing,
            idempotency: convert::idempotency(idempotency, "create", &asked)?,
        };
        let items = convert::create_items(asked.items)?;
        let answered = self
            .ownership
            .create(&client, &request_id, &items, &options);
        let names = items.iter().map(|item| item.template.as_ref());
        batch(answered.await?, names, |results, revision| {
            CreateAttributesResponse { results, revision }
        })
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
        let names = items.iter().map(|item| item.name.as_ref());
        batch(answered.await?, names, |results, revision| {
            ReleaseAttributesResponse { results, revision }
        })
    }

    async fn list_owned_attributes(
        &self,
        request: Request<ListOwnedAttributesRequest>,
    ) -> Result<Response<ListOwnedAttributesResponse>, Status> {
        let client = client(&request)?;
        let (filter, page) = convert::owned_request(request.into_inner())?;
        let owned = self.ownership.list_owned(&client, &filter, &page).await?;
        Ok(Response::new(convert::owned_page(owned)))
    }

    async fn list_attributes(
        &self,
        request: Request<ListAttributesRequest>,
    ) -> Result<Response<ListAttributesResponse>, Status> {
        let reader = service(&request)?;
        let (user, filter, page, owned) = convert::attributes_request(request.into_inner())?;
        let user = whose(&reader, user, || auth::Error::NotAClient.into())?;
        let listed = self
            .ownership
            .list(&reader, &user, owned, &filter, &page)
            .await?;
        Ok(Response::new(convert::attributes_page(listed)))
    }

    async fn list_templates(
        &self,
        request: Request<ListTemplatesRequest>,
    ) -> Result<Response<ListTemplatesResponse>, Status> {
        let principal = principal(&request)?;
        self.introspection.is_connected(&principal).await?;
        let (filter, page) = convert::templates_request(request.into_inner())?;
        let listed = self.ownership.list_templates(&filter, &page).await?;
        Ok(Response::new(convert::templates_page(listed)))
    }

    async fn get_caller(
        &self,
        request: Request<GetCallerRequest>,
    ) -> Result<Response<GetCallerResponse>, Status> {
        let principal = principal(&request)?;
        self.introspection.is_connected(&principal).await?;
        Ok(Response::new(convert::caller(principal)))
    }

    async fn check_ownership(
        &self,
        request: Request<CheckOwnershipRequest>,
    ) -> Result<Response<CheckOwnershipResponse>, Status> {
        internal(&request)?;
        let (items, freshness) = convert::check_request(request.into_inner())?;
        let answer = self.checker.check(&items, freshness).await?;
        Ok(Response::new(convert::check_response(answer)))
    }

    async fn introspect_token(
        &self,
        request: Request<IntrospectTokenRequest>,
    ) -> Result<Response<IntrospectTokenResponse>, Status> {
        internal(&request)?;
        let IntrospectTokenRequest { token, counted } = request.into_inner();
        let principal = self.introspection.introspect(&token).await?;
        if let (true, Some(principal)) = (counted, &principal) {
            self.limits.take(principal)?;
        }
        Ok(Response::new(convert::introspected(principal)))
    }

    async fn list_ownership_events(
        &self,
        request: Request<ListOwnershipEventsRequest>,
    ) -> Result<Response<ListOwnershipEventsResponse>, Status> {
        let reader = service(&request)?;
        let (user, query) = convert::events_request(request.into_inner())?;
        let user = whose(&reader, user, convert::user_missing)?;
        let limit = query.limit;
        let events = self.ledger.events(&reader, &user, query).await?;
        Ok(Response::new(convert::events_page(events, limit)))
    }

    type WatchOwnershipStream = BoxStream<'static, Result<WatchOwnershipResponse, Status>>;

    async fn watch_ownership(
        &self,
        request: Request<WatchOwnershipRequest>,
    ) -> Result<Response<Self::WatchOwnershipStream>, Status> {
        internal(&request)?;
        let principal = principal(&request)?;
        let credentials = Credentials::of(request.metadata(), &self.verifier)?;
        let request = convert::watch_request(request.into_inner())?;
        let place = self.open_watches.take().ok_or_else(status::overloaded)?;
        let watch = self.watches.open(request).await?;
        let messages = watch::messages(watch, place, credentials, principal);
        Ok(Response::new(messages))
    }
}

/// The answer to a batch whose items are about `names`.
fn batch<'i, M: prost::Message + Default>(
    answered: Answered,
    names: impl Iterator<Item = Option<&'i String>>,
    answer: impl FnOnce(Vec<ItemResult>, i64) -> M,
) -> Result<Response<M>, Status> {
    match answered {
        Answered::Before(answer) => Ok(Response::new(convert::replayed(&answer)?)),
        Answered::Now(BatchAnswer { results, revision }) => {
            let refused = RefusedItems::of(&results, names);
            let mut response = Response::new(answer(convert::results(results), revision));
            if let Some(refused) = refused {
                response.extensions_mut().insert(refused);
            }
            Ok(response)
        }
    }
}

/// Whose data is read: an OAuth2 client's own user's, or that of the user whom an internal service names; `unnamed` is what
/// one is told that names none.
fn whose(
    reader: &Reader,
    user: Option<UserId>,
    unnamed: impl FnOnce() -> Status,
) -> Result<UserId, Status> {
    match (reader, user) {
        (Reader::Client(client), None) => Ok(client.user.clone()),
        (Reader::Client(client), Some(user)) if user != client.user => {
            Err(auth::Error::NotInternal.into())
        }
        (_, Some(user)) => Ok(user),
        (Reader::Internal(_), None) => Err(unnamed()),
    }
}

//! Callers over gRPC, by the generated client.

use crate::{
    load::{Called, Caller},
    operation::{Client, PAGE, Users, Wanted},
    population::{TEMPLATES, token},
};
use anyhow::{Context as _, bail, ensure};
use std::{net::SocketAddr, sync::Arc};
use tenure::{
    client::channel,
    proto::{
        AcquireAttributesRequest, AcquireItem, ItemResult, ListOwnedAttributesRequest,
        ReleaseAttributesRequest, ReleaseItem,
        attribute_ownership_client::AttributeOwnershipClient, item_result::Outcome,
    },
};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

/// So many connections.
pub(crate) async fn connect(address: SocketAddr, channels: u64) -> anyhow::Result<Vec<Channel>> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
    let connected: Vec<_> = (0..channels).map(|_| channel(&endpoint)).collect();
    for channel in &connected {
        HealthClient::new(channel.clone())
            .check(HealthCheckRequest::default())
            .await?;
    }
    Ok(connected)
}

/// The channel of each caller.
pub(crate) fn spread(channels: &[Channel], callers: u64) -> impl Iterator<Item = (u64, Channel)> {
    (0..callers).zip(channels.iter().cycle().cloned())
}

/// Calls what is measured.
pub(crate) struct Grpc {
    client: AttributeOwnershipClient<Channel>,
    message: Message,
    users: Arc<Users>,
    caller: u64,
    number: u64,
}

#[derive(Clone)]
enum Message {
    Acquire(AcquireAttributesRequest),
    Release(ReleaseAttributesRequest),
    Page(ListOwnedAttributesRequest),
}

impl Message {
    fn of(wanted: Wanted) -> Self {
        let names = TEMPLATES.iter().map(|template| template.name.to_string());
        match wanted {
            Wanted::Acquire(items) => Self::Acquire(AcquireAttributesRequest {
                items: names.take(items).map(acquire_item).collect(),
                ..AcquireAttributesRequest::default()
            }),
            Wanted::Release => Self::Release(ReleaseAttributesRequest {
                items: names.take(1).map(release_item).collect(),
                ..ReleaseAttributesRequest::default()
            }),
            Wanted::Page => Self::Page(ListOwnedAttributesRequest {
                page_size: i32::try_from(PAGE).unwrap_or(i32::MAX),
                ..ListOwnedAttributesRequest::default()
            }),
        }
    }
}

fn acquire_item(template: String) -> AcquireItem {
    AcquireItem {
        template: Some(template),
        ..AcquireItem::default()
    }
}

fn release_item(name: String) -> ReleaseItem {
    ReleaseItem {
        name: Some(name),
        ..ReleaseItem::default()
    }
}

impl Grpc {
    /// So many callers, on these channels.
    pub(crate) fn callers(
        channels: &[Channel],
        callers: u64,
        wanted: Wanted,
        users: &Arc<Users>,
    ) -> Vec<Self> {
        let message = Message::of(wanted);
        spread(channels, callers)
            .map(|(caller, channel)| Self {
                client: AttributeOwnershipClient::new(channel),
                message: message.clone(),
                users: Arc::clone(users),
                caller,
                number: 0,
            })
            .collect()
    }
}

impl Caller for Grpc {
    async fn call(&mut self) -> anyhow::Result<Called> {
        let Some(client) = self.users.next(self.caller, self.number) else {
            return Ok(Called::NoUserLeft);
        };
        self.number += 1;
        match &self.message {
            Message::Acquire(message) => {
                let request = request(message, client)?;
                let answer = self.client.acquire_attributes(request).await?.into_inner();
                succeeded(&answer.results, message.items.len())?;
            }
            Message::Release(message) => {
                let request = request(message, client)?;
                let answer = self.client.release_attributes(request).await?.into_inner();
                succeeded(&answer.results, message.items.len())?;
            }
            Message::Page(message) => {
                let request = request(message, client)?;
                let answer = self.client.list_owned_attributes(request).await?;
                let attributes = answer.into_inner().attributes.len();
                ensure!(attributes == PAGE, "a page of {attributes}");
            }
        }
        Ok(Called::Yes)
    }
}

fn request<T: Clone>(message: &T, client: Client) -> anyhow::Result<Request<T>> {
    with_token(message.clone(), &token(client))
}

/// A request of whoever has this token.
pub(crate) fn with_token<T>(message: T, token: &str) -> anyhow::Result<Request<T>> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {token}").parse()?;
    request.metadata_mut().insert("authorization", bearer);
    Ok(request)
}

fn succeeded(results: &[ItemResult], items: usize) -> anyhow::Result<()> {
    ensure!(
        results.len() == items,
        "{} of {items} results",
        results.len()
    );
    for result in results {
        match result.outcome.as_ref().context("no outcome")? {
            Outcome::Attribute(_) => {}
            Outcome::Failure(failure) => bail!("{failure:?}"),
        }
    }
    Ok(())
}

/// Calls what does nothing, on the same stack: no layer of the service, no token, no database.
pub(crate) struct Empty(HealthClient<Channel>);

impl Empty {
    pub(crate) fn callers(channels: &[Channel], callers: u64) -> Vec<Self> {
        spread(channels, callers)
            .map(|(_, channel)| Self(HealthClient::new(channel)))
            .collect()
    }
}

impl Caller for Empty {
    async fn call(&mut self) -> anyhow::Result<Called> {
        let answer = self.0.check(HealthCheckRequest::default()).await?;
        let status = answer.into_inner().status();
        ensure!(status == ServingStatus::Serving, "{status:?}");
        Ok(Called::Yes)
    }
}

//! What an internal service sees: checks, the ledger, watches; by a client generated from the proto.

use super::Tenure;
use std::{net::SocketAddr, time::Duration};
use tenure::{
    domain::internal::Role,
    proto::{
        self, CheckItem, CheckOwnershipRequest, CheckOwnershipResponse, CheckResult,
        IntrospectTokenRequest, IntrospectTokenResponse, ListOwnershipEventsRequest,
        ListOwnershipEventsResponse, OwnershipEvent, WatchOwnershipRequest, WatchOwnershipResponse,
        attribute_ownership_client::AttributeOwnershipClient, check_ownership_request::Freshness,
        watch_ownership_request::After,
    },
};
use tonic::{
    Request, Status, Streaming,
    transport::{Channel, Endpoint},
};

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(20);

/// An internal service.
#[derive(Clone)]
pub struct Inside {
    stub: AttributeOwnershipClient<Channel>,
    pub token: String,
}

impl Tenure {
    /// An internal reader.
    pub async fn inside(&self) -> Inside {
        let token = self.internal(Role::Reader).await;
        self.inside_with(token).await
    }

    /// One that calls with this token, whatever it is.
    pub async fn inside_with(&self, token: String) -> Inside {
        Inside::at(self.addresses.grpc, token).await
    }
}

/// An item of a check.
pub fn item(user: &str, attribute: &str, service: &str) -> CheckItem {
    CheckItem {
        user: user.to_owned(),
        attribute: attribute.to_owned(),
        service: service.to_owned(),
        ..CheckItem::default()
    }
}

/// From memory, if that is at most so old.
pub fn cached(age: Duration) -> Freshness {
    Freshness::Cached(proto::Cached {
        max_age: Some(age.try_into().unwrap()),
    })
}

impl Inside {
    pub async fn at(address: SocketAddr, token: String) -> Self {
        let endpoint: Endpoint = format!("http://{address}").parse().unwrap();
        let stub = AttributeOwnershipClient::new(endpoint.connect().await.unwrap());
        Self { stub, token }
    }

    fn with<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.token).parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        request
    }

    pub async fn check(
        &self,
        items: Vec<CheckItem>,
        freshness: impl Into<Option<Freshness>>,
    ) -> Result<CheckOwnershipResponse, Status> {
        let freshness = freshness.into();
        let request = self.with(CheckOwnershipRequest { items, freshness });
        let answer = self.stub.clone().check_ownership(request).await?;
        Ok(answer.into_inner())
    }

    /// The answer to one item.
    pub async fn check_one(
        &self,
        item: CheckItem,
        freshness: impl Into<Option<Freshness>>,
    ) -> CheckResult {
        let answer = self.check(vec![item], freshness).await.unwrap();
        answer.results[0].clone()
    }

    pub async fn introspect(&self, token: &str) -> Result<IntrospectTokenResponse, Status> {
        let token = token.to_owned();
        let request = self.with(IntrospectTokenRequest {
            token,
            counted: false,
        });
        Ok(self
            .stub
            .clone()
            .introspect_token(request)
            .await?
            .into_inner())
    }

    pub async fn events(
        &self,
        request: ListOwnershipEventsRequest,
    ) -> Result<ListOwnershipEventsResponse, Status> {
        let request = self.with(request);
        let page = self.stub.clone().list_ownership_events(request).await?;
        Ok(page.into_inner())
    }

    /// All of a user's events, in order.
    pub async fn all_events(&self, user: &str) -> Vec<OwnershipEvent> {
        let mut request = ListOwnershipEventsRequest {
            user: user.to_owned(),
            page_size: 500,
            ..ListOwnershipEventsRequest::default()
        };
        let mut events = Vec::new();
        loop {
            let page = self.events(request.clone()).await.unwrap();
            events.extend(page.events);
            if page.next_page_token.is_empty() {
                return events;
            }
            request.page_token = page.next_page_token;
        }
    }

    pub async fn watch(&self, request: WatchOwnershipRequest) -> Result<Watching, Status> {
        let stream = self
            .stub
            .clone()
            .watch_ownership(self.with(request))
            .await?;
        let mut watching = Watching {
            stream: stream.into_inner(),
            cursor: String::new(),
        };
        // The first message tells where the watch begins.
        let first = watching.message().await?;
        assert_eq!(first.event, None);
        Ok(watching)
    }

    /// All that happens from now on.
    pub async fn watch_all(&self) -> Watching {
        self.watch(WatchOwnershipRequest::default()).await.unwrap()
    }

    /// All that has happened since.
    pub async fn watch_from(&self, cursor: &str) -> Result<Watching, Status> {
        let after = Some(After::Cursor(cursor.to_owned()));
        let request = WatchOwnershipRequest {
            after,
            ..WatchOwnershipRequest::default()
        };
        self.watch(request).await
    }
}

/// An open watch.
pub struct Watching {
    stream: Streaming<WatchOwnershipResponse>,
    /// The last cursor.
    pub cursor: String,
}

impl Watching {
    /// The next message, or the error with which the watch ends.
    pub async fn message(&mut self) -> Result<WatchOwnershipResponse, Status> {
        let message = tokio::time::timeout(PATIENCE, self.stream.message());
        let message = message.await.expect("a message in time")?;
        let message = message.expect("a watch ends with an error");
        self.cursor.clone_from(&message.cursor);
        Ok(message)
    }

    /// The next event.
    pub async fn event(&mut self) -> OwnershipEvent {
        loop {
            if let Some(event) = self.message().await.unwrap().event {
                return event;
            }
        }
    }

    /// The next events, so many.
    pub async fn events(&mut self, count: usize) -> Vec<OwnershipEvent> {
        let mut events = Vec::new();
        for _ in 0..count {
            events.push(self.event().await);
        }
        events
    }

    /// The error with which the watch ends, after whatever comes before.
    pub async fn end(&mut self) -> Status {
        loop {
            if let Err(status) = self.message().await {
                return status;
            }
        }
    }
}

//! A platform: Tenure, the value service beside it, and a gateway that has both behind one address.

use super::{Client, Database, SCOPES, Tenure, http_get};
use std::{future::pending, net::SocketAddr, time::Duration};
use tenure::{app::Addresses, domain::internal::Role};
use tokio::{net::TcpListener, task::AbortHandle};
use tonic::transport::Endpoint;

/// What all services of a platform may do for a user: read too.
const READ: &str = "activity_read mood_read media_read custom_read health_read";

/// A Tenure with a value service.
pub struct Platform {
    pub t: Tenure,
    /// Where the values are kept.
    pub values: Database,
    /// Where both answer.
    pub http: SocketAddr,
    serving: Vec<AbortHandle>,
}

impl Platform {
    pub async fn new(t: Tenure) -> Self {
        let values = t.database.another().await;
        let (service, at) = listen().await;
        let endpoint = Endpoint::from_shared(format!("http://{}", t.addresses.grpc)).unwrap();
        let token = t.internal(Role::Reader).await;
        let channel = tenure::client::channel(&endpoint);
        let client = tenure::client::Client::new(channel, &token).unwrap();
        let store = tenure_values::Store::open(&url(&values)).await.unwrap();
        let here = "127.0.0.1".parse().unwrap();
        let config = tenure_gateway::Config::behind(vec![here]);
        let router = tenure_values::router(client, store, config);
        let mut serving = vec![serve(service, router)];

        let (gateway, http) = listen().await;
        let config = tenure_gateway::Config {
            upstream: Some(format!("http://{at}").parse().unwrap()),
            ..tenure_gateway::Config::default()
        };
        let channel = tenure_gateway::endpoint(endpoint).connect_lazy();
        serving.push(serve(gateway, tenure_gateway::router(channel, config)));
        Self {
            t,
            values,
            http,
            serving,
        }
    }

    /// A client of the service for ada, which may do what most need.
    pub async fn client(&self, service: &str) -> Client {
        let scopes = format!("{SCOPES} {READ}");
        self.with_scopes(service, &scopes).await
    }

    /// Connects the service to ada, and gives a client with a token for all of that.
    pub async fn with_scopes(&self, service: &str, scopes: &str) -> Client {
        self.t.connect("ada", service, scopes).await;
        let token = self.t.issue("ada", service, None).await;
        self.with_token(&token)
    }

    /// A client that sends this token, whatever it is.
    pub fn with_token(&self, token: &str) -> Client {
        let addresses = Addresses {
            http: self.http,
            ..self.t.addresses
        };
        Client::new(addresses, token.to_owned())
    }

    /// How often Tenure has told who may write.
    pub async fn checks(&self) -> u64 {
        let metrics = http_get(self.t.addresses.metrics, "/metrics").await;
        let count = metrics.lines().find_map(|line| {
            line.strip_prefix("tenure_grpc_calls_total{method=\"CheckOwnership\",code=\"Ok\"} ")
        });
        count.map_or(0, |count| count.trim().parse().unwrap())
    }

    /// Waits until it has told so once more than `before`.
    pub async fn checked_since(&self, before: u64) {
        while self.checks().await <= before {
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.serving.iter().for_each(AbortHandle::abort);
    }
}

/// The URL of a database that is made if it is not there.
fn url(database: &Database) -> String {
    let mode = if database.is_postgres() {
        ""
    } else {
        "?mode=rwc"
    };
    database.url() + mode
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn serve(listener: TcpListener, router: axum::Router) -> AbortHandle {
    let serving = tenure_gateway::serve(listener, router, pending(), Duration::ZERO);
    tokio::spawn(serving).abort_handle()
}

//! The gateway on its own, in front of a service elsewhere: the same answers, and 503 where there is none.

use crate::harness::{Client, Tenure, on_both_engines};
use serde_json::json;
use tenure::app::Addresses;
use tenure_gateway::Config;
use tokio::net::TcpListener;
use tonic::transport::Endpoint;

on_both_engines! {
    a_gateway_elsewhere_answers_as_the_one_within,
}

/// A gateway in front of the service at this address, and a client of it with this token.
pub async fn gateway(service: String, config: Config, addresses: Addresses, token: &str) -> Client {
    let endpoint: Endpoint = service.parse().unwrap();
    let router = tenure_gateway::router(endpoint.connect_lazy(), config);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = listener.local_addr().unwrap();
    let (never, at_once) = (std::future::pending(), std::time::Duration::ZERO);
    tokio::spawn(tenure_gateway::serve(listener, router, never, at_once));
    Client::new(Addresses { http, ..addresses }, token.to_owned())
}

async fn a_gateway_elsewhere_answers_as_the_one_within(t: Tenure) {
    let within = t.usual("ada", "test500").await;
    let service = format!("http://{}", t.addresses.grpc);
    let elsewhere = gateway(service, Config::default(), t.addresses, &within.token).await;
    let items = json!([{"template":"mood"},{"name":"nope"}]);
    let (a, b) = (
        elsewhere.acquire(items.clone()).await,
        within.acquire(items).await,
    );
    assert_eq!((a.status, a.text), (b.status, b.text));
    for query in ["", "?limit=0", "?page=9"] {
        let (a, b) = (elsewhere.owned(query).await, within.owned(query).await);
        let port = |client: &Client| format!(":{}/", client.addresses.http.port());
        assert_eq!(
            (a.status, a.text.replace(&port(&elsewhere), &port(&within))),
            (b.status, b.text)
        );
    }
}

#[tokio::test]
async fn without_a_service_it_is_503_and_the_wiring_is_not_told() {
    let t = Tenure::start(crate::harness::Database::sqlite()).await;
    let nowhere = "http://127.0.0.1:1".to_owned();
    let c = gateway(nowhere, Config::default(), t.addresses, "whatever").await;
    for answer in [c.acquire(json!([])).await, c.owned("?page=x").await] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.detail(), "The service cannot answer now; try again.");
    }
}

//! What has been passed on when Tenure is asked to stop.

use crate::harness::{Client, Database, Process, Tenure};
use axum::{Router, extract::Request};
use http::StatusCode;
use std::{future::pending, sync::Arc, time::Duration};
use tenure::{
    client::{self, Holder},
    domain::internal::Role,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A service that holds its answer, which tells for whom it is asked.
#[derive(Clone, Default)]
struct Holding {
    asked: Arc<Notify>,
    go: Arc<Notify>,
}

impl Holding {
    fn serve(&self, listener: TcpListener, tenure: client::Client) {
        let Self { asked, go } = self.clone();
        let handler = async move |request: Request| {
            let bearer = request.headers()["authorization"].to_str().unwrap();
            let token = bearer.strip_prefix("Bearer ").unwrap();
            asked.notify_one();
            go.notified().await;
            // As the value service asks before it commits.
            match tenure.introspect(token, false).await.map(Option::unwrap) {
                Ok(bearer) => match bearer.holder {
                    Holder::Service { user, .. } => (StatusCode::OK, user),
                    other => (StatusCode::FORBIDDEN, format!("{other:?}")),
                },
                Err(error) => (StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            }
        };
        let router = Router::new().fallback(handler);
        tokio::spawn(tenure_gateway::serve(
            listener,
            router,
            pending(),
            Duration::ZERO,
        ));
    }
}

#[tokio::test]
async fn what_was_passed_on_before_sigterm_is_answered_after_it() {
    // For the tokens alone.
    let t = Tenure::start(Database::sqlite()).await;
    let token = t.usual("ada", "test500").await.token;
    let internal = t.internal(Role::Reader).await;

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = listener.local_addr().unwrap();
    let line = format!("serve --upstream http://{upstream}");
    let process = Process::start(&t.database.url(), &line, "info");
    let (http, grpc) = (process.addresses.http, process.addresses.grpc);
    let channel = client::channel(&format!("http://{grpc}").parse().unwrap());
    let holding = Holding::default();
    holding.serve(listener, client::Client::new(channel, &internal).unwrap());

    let c = Client::new(process.addresses, token);
    let held = tokio::spawn(async move { c.get("/held").await });
    holding.asked.notified().await;
    process.ask_to_stop();
    // Nobody new is let in.
    while TcpStream::connect(http).await.is_ok() {
        tokio::task::yield_now().await;
    }
    holding.go.notify_one();
    let answer = held.await.unwrap();
    assert_eq!((answer.status, answer.text.as_str()), (200, "ada"));
    // The service hangs up when it is told to.
    let ended = tokio::task::spawn_blocking(|| process.ended());
    let (code, log) = ended.await.unwrap();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("draining") && log.contains("stopped"), "{log}");
    assert!(!log.contains("still under way"), "{log}");
}

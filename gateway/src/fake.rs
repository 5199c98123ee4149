//! A service for tests of the gateway, which decide what it answers to a watch.

mod service;

use crate::{
    Config, endpoint,
    proto::{OwnershipEvent, WatchOwnershipRequest, WatchOwnershipResponse},
};
use std::{collections::HashMap, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status, transport::Endpoint};
use tonic_types::{ErrorDetails, StatusExt as _};

/// How long a step of a test may take.
const PATIENCE: Duration = Duration::from_secs(20);

type Answer = Result<WatchOwnershipResponse, Status>;

/// A gateway, and the service behind it.
pub(crate) struct Fake {
    address: SocketAddr,
    calls: mpsc::UnboundedReceiver<Called>,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

/// A call of a watch, to be answered by the test.
pub(crate) struct Called {
    pub(crate) request: WatchOwnershipRequest,
    pub(crate) deadline: Option<String>,
    answers: mpsc::Sender<Answer>,
}

/// What reads an answer.
pub(crate) struct Reader(TcpStream);

impl Fake {
    pub(crate) async fn start() -> Self {
        Self::start_with(PATIENCE).await
    }

    /// With this time limit of a request. The time to drain is longer than any test.
    pub(crate) async fn start_with(request_timeout: Duration) -> Self {
        let (calls, called) = mpsc::unbounded_channel();
        let config = Config {
            request_timeout,
            ..Config::default()
        };
        let service: Endpoint = format!("http://{}", service::start(calls).await)
            .parse()
            .unwrap();
        let router = crate::router(endpoint(service).connect_lazy(), config);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            let drain = 100 * PATIENCE;
            crate::serve(listener, router, stopped, drain)
                .await
                .unwrap();
        });
        Self {
            address,
            calls: called,
            stop,
            serving,
        }
    }

    /// Sends a request of an internal service over HTTP/1.0, whose answers are not chunked.
    pub(crate) async fn get(&self, path: &str, headers: &str) -> Reader {
        self.get_as("internal", path, headers).await
    }

    /// The same with another token: `client` is that of an OAuth2 client.
    pub(crate) async fn get_as(&self, token: &str, path: &str, headers: &str) -> Reader {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!(
            "GET {path} HTTP/1.0\r\nHost: a\r\nAuthorization: Bearer {token}\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Reader(stream)
    }

    /// The next call of a watch.
    pub(crate) async fn called(&mut self) -> Called {
        within(self.calls.recv()).await.unwrap()
    }

    /// Asks the gateway to stop, and gives what waits until it has.
    pub(crate) fn stop(self) -> JoinHandle<()> {
        self.stop.cancel();
        self.serving
    }
}

impl Called {
    pub(crate) async fn send(&self, answer: Answer) {
        within(self.answers.send(answer)).await.unwrap();
    }

    /// Sends a message over and over, until for a while nobody wants more.
    pub(crate) async fn until_stuck(self, message: WatchOwnershipResponse) -> Self {
        let a_while = Duration::from_millis(500);
        let send = || tokio::time::timeout(a_while, self.answers.send(Ok(message.clone())));
        while let Ok(sent) = send().await {
            sent.unwrap();
        }
        self
    }

    /// Ends the call as the service does, with a reason.
    pub(crate) async fn end_with(self, code: Code, reason: &str) {
        let metadata = match code {
            Code::OutOfRange => HashMap::from([("oldest".to_owned(), "7".to_owned())]),
            _ => HashMap::new(),
        };
        let details = ErrorDetails::with_error_info(reason, "tenure", metadata);
        let status = Status::with_error_details(code, "as told", details);
        self.send(Err(status)).await;
    }

    /// Waits until the gateway has given the call up.
    pub(crate) async fn dropped(&self) {
        within(self.answers.closed()).await;
    }
}

impl Reader {
    /// All up to and including this text, and nothing after it.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        let mut read = Vec::new();
        while !read.ends_with(text.as_bytes()) {
            let byte = within(self.0.read_u8()).await;
            read.push(byte.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&read))));
        }
        String::from_utf8(read).unwrap()
    }

    /// All that is left.
    pub(crate) async fn rest(mut self) -> String {
        let mut read = String::new();
        within(self.0.read_to_string(&mut read)).await.unwrap();
        read
    }
}

pub(crate) fn heartbeat(cursor: &str) -> WatchOwnershipResponse {
    WatchOwnershipResponse {
        event: None,
        cursor: cursor.to_owned(),
    }
}

pub(crate) fn event(cursor: &str) -> WatchOwnershipResponse {
    let event = OwnershipEvent {
        user: "ada".to_owned(),
        ..OwnershipEvent::default()
    };
    WatchOwnershipResponse {
        event: Some(event),
        ..heartbeat(cursor)
    }
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap()
}

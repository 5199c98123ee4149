//! Clients that ask and read the answers, at a fixed rate.

use crate::service::Service;
use axum::body::Bytes;
use futures_util::future::join_all;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::{
    sync::Mutex,
    time::{Instant, MissedTickBehavior, interval_at},
};

/// How many there are, each with a connection that it keeps.
const CLIENTS: u32 = 10;

/// How many requests all of them send in a second. Every tenth is sent over a new connection.
const RATE: u32 = 200;

pub(crate) struct Honest<'a> {
    service: &'a Service,
    kept: Vec<Mutex<SendRequest<Full<Bytes>>>>,
}

/// What they saw.
#[derive(Default)]
pub(crate) struct Seen {
    times: Vec<Duration>,
    pub(crate) failed: usize,
}

impl<'a> Honest<'a> {
    pub(crate) async fn new(service: &'a Service) -> Self {
        let mut kept = Vec::new();
        for _ in 0..CLIENTS {
            kept.push(Mutex::new(connect(service).await));
        }
        Self { service, kept }
    }

    /// Sends requests for so long.
    pub(crate) async fn send(&self, time: Duration) -> Seen {
        let start = Instant::now();
        let clients = self.kept.iter().zip(0..);
        let clients = clients.map(|(kept, index)| async move {
            let every = Duration::from_secs(1) * CLIENTS / RATE;
            let mut turns = interval_at(start + every * index / CLIENTS, every);
            turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut seen = Seen::default();
            let mut kept = kept.lock().await;
            for turn in 0_u32.. {
                turns.tick().await;
                if start.elapsed() >= time {
                    break;
                }
                let asked = Instant::now();
                let is_answered = if turn % 10 == index % 10 {
                    let mut fresh = connect(self.service).await;
                    self.ask(&mut fresh).await
                } else {
                    // It may have made place for others while nothing was asked.
                    if kept.is_closed() {
                        *kept = connect(self.service).await;
                    }
                    self.ask(&mut kept).await
                };
                seen.times.push(asked.elapsed());
                seen.failed += usize::from(!is_answered);
            }
            seen
        });
        let mut all = Seen::default();
        for seen in join_all(clients).await {
            all.add(seen);
        }
        all
    }

    async fn ask(&self, over: &mut SendRequest<Full<Bytes>>) -> bool {
        let request = Request::get("/api/2/attributes/owned/")
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", self.service.token))
            .body(Full::default());
        let answered = async {
            over.ready().await?;
            let answer = over.send_request(request.unwrap()).await?;
            let status = answer.status();
            answer.into_body().collect().await?;
            Ok::<_, hyper::Error>(status)
        };
        answered.await.is_ok_and(|status| status == 200)
    }
}

async fn connect(service: &Service) -> SendRequest<Full<Bytes>> {
    let stream = TokioIo::new(service.connect().await);
    let (sender, connection) = handshake(stream).await.unwrap();
    tokio::spawn(connection);
    sender
}

impl Seen {
    pub(crate) fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.failed += other.failed;
    }

    pub(crate) fn p99(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        times[times.len() * 99 / 100]
    }
}

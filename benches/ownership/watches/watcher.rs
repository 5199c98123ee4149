//! Open watches, and what each of them is told.

use crate::grpc::with_token;
use anyhow::{Context as _, ensure};
use std::{
    collections::btree_map::{BTreeMap, Entry},
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};
use tenure::proto::{
    WatchOwnershipRequest, WatchOwnershipResponse,
    attribute_ownership_client::AttributeOwnershipClient,
};
use tokio::task::JoinSet;
use tonic::{Streaming, transport::Channel};

/// How long the stream is silent at most, in seconds: a watcher that has been told all waits so long for a second
/// telling.
const HEARTBEAT: i64 = 1;

/// For so long after the last change a watcher waits for what is missing.
const PATIENCE: Duration = Duration::from_secs(20);

/// A change: whose, and which revision it made.
pub(super) type Change = (String, i64);

/// What one watcher was told, and when for the first time.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) first: BTreeMap<Change, Instant>,
    pub(super) again: u64,
}

/// Watches that have begun.
pub(super) struct Watchers {
    running: JoinSet<anyhow::Result<Heard>>,
    /// How many changes there were, once there are no more.
    changes: Arc<OnceLock<usize>>,
}

impl Watchers {
    /// Opens so many, spread over the channels.
    pub(super) async fn open(
        channels: &[Channel],
        token: &str,
        watchers: usize,
    ) -> anyhow::Result<Self> {
        let (mut running, changes) = (JoinSet::new(), Arc::<OnceLock<usize>>::default());
        let mut begun = Vec::new();
        for channel in channels.iter().cycle().take(watchers) {
            let mut client = AttributeOwnershipClient::new(channel.clone());
            let heartbeat = prost_types::Duration {
                seconds: HEARTBEAT,
                nanos: 0,
            };
            let request = WatchOwnershipRequest {
                heartbeat: Some(heartbeat),
                ..WatchOwnershipRequest::default()
            };
            let mut stream = client
                .watch_ownership(with_token(request, token)?)
                .await?
                .into_inner();
            // The first message is where it begins: whatever changes from now on is told.
            let first = stream.message().await?.context("a watch has ended")?;
            ensure!(first.event.is_none(), "a watch begins with {first:?}");
            begun.push(stream);
        }
        for stream in begun {
            running.spawn(listen(stream, Arc::clone(&changes)));
        }
        Ok(Self { running, changes })
    }

    /// What each was told, now that there were so many changes.
    pub(super) async fn heard(mut self, changes: usize) -> anyhow::Result<Vec<Heard>> {
        self.changes.get_or_init(|| changes);
        let mut all = Vec::new();
        while let Some(heard) = self.running.join_next().await {
            all.push(heard.context("a watcher panicked")??);
        }
        Ok(all)
    }
}

/// Listens until all has been told and there is silence.
async fn listen(
    mut stream: Streaming<WatchOwnershipResponse>,
    changes: Arc<OnceLock<usize>>,
) -> anyhow::Result<Heard> {
    let mut heard = Heard::default();
    let mut told_at = Instant::now();
    loop {
        let message = stream.message().await?.context("a watch has ended")?;
        let now = Instant::now();
        if let Some(event) = message.event {
            told_at = now;
            match heard.first.entry((event.user, event.revision)) {
                Entry::Vacant(place) => drop(place.insert(now)),
                Entry::Occupied(_) => heard.again += 1,
            }
        } else if let Some(changes) = changes.get()
            && (heard.first.len() >= *changes || told_at.elapsed() > PATIENCE)
        {
            return Ok(heard);
        }
    }
}

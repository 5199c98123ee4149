//! Running and stopping: serve; on the signal stop accepting and finish what is under way; after a deadline, give up.
//!
//! The gateway stops before the service that it calls does, so that a request which is under way reaches it: in this
//! process, and over gRPC, where another service may ask to which the gateway has passed the request on.

use super::{App, Error};
use crate::service::{self, Feed, Housekeeping};
use std::{convert::Infallible, sync::Arc};
use tokio::{task::JoinSet, time::MissedTickBehavior};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::transport::Server;

/// What ended, and whether well.
type Ended = (&'static str, bool);

pub(super) async fn run(app: App, shutdown: CancellationToken) -> Result<(), Error> {
    let stop_edges = CancellationToken::new();
    let stop_api = CancellationToken::new();
    let (routes, in_process) = (app.routes(), app.routes());
    let drain = app.drain_timeout;

    let mut api = JoinSet::new();
    api.spawn(part("the in-process service", {
        let stop = stop_api.clone().cancelled_owned();
        Server::builder()
            .add_routes(in_process)
            .serve_with_incoming_shutdown(app.in_process, stop)
    }));

    let (grpc, http, metrics) = app.listeners.servers(routes, app.gateway, app.meters);
    api.spawn(part("the gRPC listener", {
        grpc.run(stop_api.clone().cancelled_owned(), drain)
    }));

    let mut edges = JoinSet::new();
    edges.spawn(part("the REST listener", {
        http.run(stop_edges.clone().cancelled_owned(), drain)
    }));
    edges.spawn(part("the metrics listener", {
        metrics.run(stop_edges.clone().cancelled_owned(), drain)
    }));

    background(
        &mut edges,
        Arc::clone(&app.feed),
        app.housekeeping,
        &stop_edges,
    );

    tokio::select! {
        () = shutdown.cancelled() => {}
        Some(ended) = edges.join_next() => return Err(died(ended)),
        Some(ended) = api.join_next() => return Err(died(ended)),
    }
    tracing::info!("draining");
    app.edge.drain().await;
    // Before all else: an open watch would hold the drain up.
    app.feed.stop();
    stop_edges.cancel();
    let drained = tokio::time::timeout(drain, async {
        ended(&mut edges).await?;
        stop_api.cancel();
        ended(&mut api).await
    });
    match drained.await {
        Ok(ended) => ended?,
        Err(_) => {
            tracing::warn!("requests were still under way when the time to finish them was over");
        }
    }
    tracing::info!("stopped");
    Ok(())
}

/// What nobody asks for.
fn background(
    parts: &mut JoinSet<Ended>,
    feed: Arc<Feed>,
    housekeeping: Housekeeping,
    stop: &CancellationToken,
) {
    parts.spawn(part("the feed", async move {
        feed.run().await;
        Ok::<_, Infallible>(())
    }));
    let stop = stop.clone().cancelled_owned();
    parts.spawn(part("the housekeeping", rounds(housekeeping, stop)));
}

/// Rounds of housekeeping until the instance stops. A round that fails is tried again with the next.
async fn rounds(
    housekeeping: Housekeeping,
    stop: WaitForCancellationFutureOwned,
) -> Result<(), Infallible> {
    let mut rounds = tokio::time::interval(service::INTERVAL);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let rounds = async {
        loop {
            rounds.tick().await;
            if let Err(error) = housekeeping.round().await {
                tracing::warn!(%error, "the housekeeping goes on with its next round");
            }
        }
    };
    tokio::select! {
        () = stop => Ok(()),
        () = rounds => Ok(()),
    }
}

async fn part<E: std::fmt::Display>(
    name: &'static str,
    serving: impl Future<Output = Result<(), E>>,
) -> Ended {
    let ended = serving.await;
    if let Err(error) = &ended {
        tracing::error!(part = name, %error, "failed");
    }
    (name, ended.is_ok())
}

fn died(ended: Result<Ended, tokio::task::JoinError>) -> Error {
    Error::Died(ended.map_or("a part that panicked", |(name, _)| name))
}

/// Waits until all parts have ended.
async fn ended(parts: &mut JoinSet<Ended>) -> Result<(), Error> {
    while let Some(ended) = parts.join_next().await {
        if !matches!(ended, Ok((_, true))) {
            return Err(died(ended));
        }
    }
    Ok(())
}

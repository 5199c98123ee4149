//! Changes at a steady rate, for those who watch.

use super::watcher::Change;
use crate::{
    grpc::with_token,
    operation::Client,
    population::{Population, TEMPLATES, token},
};
use anyhow::{Context as _, ensure};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};
use tenure::proto::{
    AcquireAttributesRequest, AcquireItem, attribute_ownership_client::AttributeOwnershipClient,
    item_result::Outcome,
};
use tokio::{task::JoinSet, time::MissedTickBehavior};
use tonic::transport::Channel;

/// When a change was asked for, and answered.
pub(super) struct Written {
    pub(super) asked: Instant,
    pub(super) answered: Instant,
}

/// One change of each user, so many a second, whether or not those before have been answered.
pub(super) async fn write(
    writer: &AttributeOwnershipClient<Channel>,
    users: &Population,
    rate: u64,
) -> anyhow::Result<BTreeMap<Change, Written>> {
    let mut turns = tokio::time::interval(Duration::from_secs(1) / u32::try_from(rate.max(1))?);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut running = JoinSet::new();
    for user in users.first..users.first + users.users {
        turns.tick().await;
        running.spawn(take(writer.clone(), user));
    }
    let mut written = BTreeMap::new();
    while let Some(change) = running.join_next().await {
        written.extend([change.context("a writer panicked")??]);
    }
    Ok(written)
}

/// The second service takes the attribute from the first, which is one event.
async fn take(
    mut writer: AttributeOwnershipClient<Channel>,
    user: u64,
) -> anyhow::Result<(Change, Written)> {
    let item = AcquireItem {
        template: Some(TEMPLATES[0].name.to_string()),
        ..AcquireItem::default()
    };
    let message = AcquireAttributesRequest {
        items: vec![item],
        ..AcquireAttributesRequest::default()
    };
    let request = with_token(message, &token(Client { user, service: 1 }))?;
    let asked = Instant::now();
    let answer = writer.acquire_attributes(request).await?.into_inner();
    let answered = Instant::now();
    let outcome = answer.results.first().and_then(|r| r.outcome.as_ref());
    ensure!(matches!(outcome, Some(Outcome::Attribute(_))), "{answer:?}");
    let change = (user.to_string(), answer.revision);
    Ok((change, Written { asked, answered }))
}

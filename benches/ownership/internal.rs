//! Callers of the platform's own, over gRPC: who they are, and checks.

use crate::{
    grpc::{spread, with_token},
    load::{Called, Caller},
    operation::Users,
    population::{SERVICES, TEMPLATES},
};
use anyhow::ensure;
use std::sync::Arc;
use tenure::proto::{
    Cached, CheckItem, CheckOwnershipRequest, CheckOwnershipResponse, GetCallerRequest, Latest,
    Verdict, attribute_ownership_client::AttributeOwnershipClient,
    check_ownership_request::Freshness,
};
use tonic::transport::Channel;

/// What is asked.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    /// Who the caller is, which needs nothing but the layers around every call.
    Caller,
    /// Whether the first service may write the first template's attribute of so many users.
    Check { freshness: Freshness, items: u64 },
}

impl Asked {
    pub(crate) fn latest(items: u64) -> Self {
        let freshness = Freshness::Latest(Latest {});
        Self::Check { freshness, items }
    }

    /// So many seconds old at most.
    pub(crate) fn cached(items: u64, seconds: i64) -> Self {
        let max_age = Some(prost_types::Duration { seconds, nanos: 0 });
        let freshness = Freshness::Cached(Cached { max_age });
        Self::Check { freshness, items }
    }
}

pub(crate) struct Internal {
    client: AttributeOwnershipClient<Channel>,
    token: String,
    asked: Asked,
    users: Arc<Users>,
    caller: u64,
    number: u64,
}

impl Internal {
    /// So many callers with this token, on these channels.
    pub(crate) fn callers(
        channels: &[Channel],
        callers: u64,
        token: &str,
        asked: &Asked,
        users: &Arc<Users>,
    ) -> Vec<Self> {
        spread(channels, callers)
            .map(|(caller, channel)| Self {
                client: AttributeOwnershipClient::new(channel),
                token: token.to_owned(),
                asked: asked.clone(),
                users: Arc::clone(users),
                caller,
                number: 0,
            })
            .collect()
    }

    /// The next so many items; none if there is no user left.
    fn items(&mut self, count: u64) -> Option<Vec<CheckItem>> {
        let numbers = self.number..self.number + count;
        self.number += count;
        let item = |number| {
            let client = self.users.next(self.caller, number)?;
            Some(CheckItem {
                user: client.user.to_string(),
                attribute: TEMPLATES[0].name.to_string(),
                service: SERVICES[0].to_owned(),
                ..CheckItem::default()
            })
        };
        numbers.map(item).collect()
    }
}

impl Caller for Internal {
    async fn call(&mut self) -> anyhow::Result<Called> {
        let Asked::Check { freshness, items } = self.asked.clone() else {
            let request = with_token(GetCallerRequest::default(), &self.token)?;
            let caller = self.client.get_caller(request).await?.into_inner();
            ensure!(!caller.internal.is_empty(), "{caller:?}");
            return Ok(Called::Yes);
        };
        let Some(items) = self.items(items) else {
            return Ok(Called::NoUserLeft);
        };
        let count = items.len();
        let message = CheckOwnershipRequest {
            items,
            freshness: Some(freshness),
        };
        let request = with_token(message, &self.token)?;
        let answer = self.client.check_ownership(request).await?.into_inner();
        is_right(&answer, count, freshness)?;
        Ok(Called::Yes)
    }
}

/// Each may be written, and the answer comes from where it should.
fn is_right(
    answer: &CheckOwnershipResponse,
    items: usize,
    freshness: Freshness,
) -> anyhow::Result<()> {
    let results = &answer.results;
    ensure!(results.len() == items, "{} of {items}", results.len());
    for result in results {
        let is_right = result.verdict() == Verdict::Owned
            && result.owner.as_deref() == Some(SERVICES[0])
            && result.generation == 1
            && result.revision > 0;
        ensure!(is_right, "{result:?}");
    }
    let from_memory = matches!(freshness, Freshness::Cached(_));
    ensure!(
        answer.age.is_some() == from_memory,
        "age {:?}, asked for {freshness:?}",
        answer.age
    );
    Ok(())
}

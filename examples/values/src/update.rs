//! `POST /api/2/attributes/update/` and `/increment/`

mod batch;
mod item;

use super::{Answer, Values, store::Repeatable};
use axum::extract::{Request, State};
use batch::{Batch, Wanted};
use http::request::Parts;
use item::Asked;
use std::collections::BTreeMap;
use tenure_gateway::rest::{Answered, Item, Received, bearer};

/// What a request does with the value of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Sets it.
    Set,
    /// Adds to it.
    Add,
}

pub(crate) async fn update(State(values): State<Values>, request: Request) -> Answer<Answered> {
    values.change(Change::Set, request).await
}

pub(crate) async fn increment(State(values): State<Values>, request: Request) -> Answer<Answered> {
    values.change(Change::Add, request).await
}

impl Values {
    async fn change(&self, change: Change, request: Request) -> Answer<Answered> {
        let token = |parts: &Parts| bearer(&parts.headers).map(str::to_owned);
        let (token, received) = Received::read(request, token).await?;
        let caller = &self.platform.caller(&token).await?;
        let ((), idempotency, raw) = received.parse(|_| Ok(()))?;
        let repeatable = idempotency.map(|idempotency| Repeatable {
            caller,
            idempotency,
        });
        if let Some(request) = &repeatable
            && let Some(answered) = self.store.kept(request).await?
        {
            return Ok(answered);
        }

        let items: Vec<_> = raw.into_iter().map(Item::new).collect();
        let asked = items.iter().enumerate();
        let asked: Vec<_> = asked
            .map(|(index, item)| Asked::of(item, index, change))
            .collect();
        let names = asked.iter().flatten().map(|asked| asked.name.as_str());
        let known = self.platform.attributes(&caller.user, names).await?;
        let (mut wanted, mut failed) = (Vec::new(), BTreeMap::new());
        for (index, asked) in asked.into_iter().enumerate() {
            match asked.and_then(|asked| Wanted::of(asked, &known)) {
                Ok(item) => wanted.push((index, item)),
                Err(failure) => drop(failed.insert(index, Err(failure))),
            }
        }
        let batch = Batch {
            values: self,
            caller,
            repeatable,
            change,
            items,
            failed,
            wanted,
        };
        batch.write().await
    }
}

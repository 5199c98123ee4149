//! `POST /api/2/attributes/update/` and `/increment/`

mod batch;
mod item;

use super::{Answer, Values};
use axum::{
    extract::{Request, State},
    response::Response,
};
use batch::{Batch, Stored, Wanted};
use http::request::Parts;
pub(crate) use item::is_day;
use item::{Asked, Failure};
use std::collections::BTreeMap;
use tenure_gateway::rest::{Item, Outcome, Received, answer, bearer};

/// What a request does with the value of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Sets it.
    Set,
    /// Adds to it.
    Add,
}

pub(crate) async fn update(State(values): State<Values>, request: Request) -> Answer<Response> {
    values.change(Change::Set, request).await
}

pub(crate) async fn increment(State(values): State<Values>, request: Request) -> Answer<Response> {
    values.change(Change::Add, request).await
}

impl Values {
    async fn change(&self, change: Change, request: Request) -> Answer<Response> {
        let token = |parts: &Parts| bearer(&parts.headers).map(str::to_owned);
        let (token, received) = Received::read(request, token).await?;
        let caller = self.platform.caller(&token).await?;
        let ((), raw) = received.parse(|_| Ok(()))?;
        let mut items: Vec<_> = raw.into_iter().map(Item::new).collect();
        let asked = items.iter().enumerate();
        let asked: Vec<_> = asked
            .map(|(index, item)| Asked::of(item, index, change))
            .collect();
        let names = asked.iter().flatten().map(|asked| asked.name.as_str());
        let known = self.platform.attributes(&caller.user, names).await?;
        let (mut wanted, mut outcomes) = (Vec::new(), BTreeMap::new());
        for (index, asked) in asked.into_iter().enumerate() {
            match asked.and_then(|asked| Wanted::of(asked, &known, &caller)) {
                Ok(item) => wanted.push(item),
                Err(failure) => drop(outcomes.insert(index, Err(failure))),
            }
        }
        let mut batch = Batch {
            values: self,
            caller: &caller,
            change,
            wanted,
        };
        outcomes.extend(batch.write().await?);
        let outcomes = items.iter_mut().zip(outcomes.into_values());
        Ok(answer(
            outcomes.map(|(item, stored)| told(item, stored, change)),
        ))
    }
}

/// The item, with what became of it.
fn told(item: &mut Item<'_>, stored: Stored, change: Change) -> Outcome {
    match stored {
        Ok(current) if change == Change::Add => item.set("current", current),
        Ok(_) => {}
        Err(Failure(code, text)) => {
            item.fail(code, &text);
            return Outcome::Failed(item.to_json());
        }
    }
    Outcome::Succeeded(item.to_json())
}

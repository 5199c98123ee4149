//! The way of a batch into the database: check, raise the fences, write, look again, commit with the answer.

use super::{Change, item::Asked};
use crate::{
    Answer, Values,
    platform::{self, Caller},
    store::{Repeatable, Write},
    value,
};
use std::collections::{BTreeMap, HashMap};
use tenure_client::{Attribute, Fence, Refusal, Target, Tried, WriteError};
use tenure_gateway::rest::{Answered, Failure, Item, Problem, answer};

/// What an item asks for, of an attribute that the user has.
pub(super) struct Wanted {
    asked: Asked,
    attribute: Attribute,
}

/// What became of an item: the value that is now stored, or why nothing was.
type Stored = Result<String, Failure>;

impl Wanted {
    pub(super) fn of(asked: Asked, known: &HashMap<String, Attribute>) -> Result<Self, Failure> {
        let attribute = known.get(&asked.name).cloned();
        let attribute = attribute.ok_or_else(|| Failure::not_found(&asked.name))?;
        Ok(Self { asked, attribute })
    }
}

/// A request that has been read.
pub(super) struct Batch<'v> {
    pub(super) values: &'v Values,
    pub(super) caller: &'v Caller,
    pub(super) repeatable: Option<Repeatable<'v>>,
    pub(super) change: Change,
    pub(super) items: Vec<Item<'v>>,
    /// By their places among the items, those that cannot be written whoever owns what.
    pub(super) failed: BTreeMap<usize, Stored>,
    /// The others, with theirs.
    pub(super) wanted: Vec<(usize, Wanted)>,
}

impl Batch<'_> {
    /// Writes, in one transaction, what may be written.
    pub(super) async fn write(mut self) -> Answer<Answered> {
        // By the names of their attributes, so that no two batches wait for each other, and those of one attribute in the
        // order of the request.
        self.wanted
            .sort_by(|(_, a), (_, b)| a.asked.name.cmp(&b.asked.name));
        let Caller { user, service, .. } = self.caller;
        let names = self.wanted.iter().map(|(_, wanted)| &*wanted.asked.name);
        let targets = names.map(|name| Target::new(&**user, name, &**service));
        let targets: Vec<_> = targets.collect();
        let attempt = |checked| self.attempt(&targets, checked);
        let written = self.values.guard.write_all(&targets, attempt).await;
        written.map_err(|error| match error {
            WriteError::Write(problem) => problem,
            WriteError::Unchecked(error) => platform::problem(error),
            WriteError::Refused(_) => Problem::internal(),
        })
    }

    async fn attempt(
        &self,
        targets: &[Target],
        checked: Vec<Result<Fence, Refusal>>,
    ) -> Answer<Tried<Answered>> {
        let mut write = self.values.store.write(&self.caller.user).await?;
        let (mut stored, mut too_late) = (self.failed.clone(), Vec::new());
        for (place, ((index, wanted), checked)) in self.wanted.iter().zip(&checked).enumerate() {
            let outcome = match self.permit(wanted, checked) {
                Err(failure) => Err(failure),
                Ok(fence) => {
                    if !write.raise(&wanted.asked.name, fence.generation).await? {
                        too_late.push(place);
                    }
                    self.store(&mut write, wanted, fence).await?
                }
            };
            stored.insert(*index, outcome);
        }
        if too_late.is_empty() {
            // Who was held up, and lost the attribute while nobody wrote it, has come too late as well.
            let overtaken = self.values.guard.overtaken(targets, &checked).await;
            too_late = overtaken.map_err(platform::problem)?;
        }
        if !too_late.is_empty() {
            return Ok(Tried::Fenced(too_late));
        }
        let answered = self.answer(stored);
        let answered = write.commit(answered, self.repeatable.as_ref()).await?;
        Ok(Tried::Done(answered))
    }

    /// The fence to write an item under, if its service owns the attribute and its token covers it.
    fn permit(&self, wanted: &Wanted, checked: &Result<Fence, Refusal>) -> Result<Fence, Failure> {
        let (name, attribute) = (&wanted.asked.name, &wanted.attribute);
        match checked {
            Err(Refusal::NoSuchAttribute) => Err(Failure::not_found(name)),
            Err(_) => Err(Failure::not_owned(name)),
            Ok(fence) if self.caller.bearer.may_write(attribute) => Ok(*fence),
            Ok(_) => Err(Failure::not_allowed(&attribute.group)),
        }
    }

    /// Stores the value of an item, within a write that holds its fence.
    async fn store(&self, write: &mut Write, wanted: &Wanted, fence: Fence) -> Answer<Stored> {
        let Wanted { asked, attribute } = wanted;
        let value = match self.change {
            Change::Set => value::set(attribute.value_type, &asked.value),
            Change::Add => {
                let before = write.read(&asked.name, &asked.day).await?;
                value::add(attribute.value_type, before.as_deref(), &asked.value)
            }
        };
        if let Ok(value) = &value {
            let under = (asked.name.as_str(), fence.generation);
            write.set(under, &asked.day, value).await?;
        }
        Ok(value.map_err(Failure::validation))
    }

    /// The items as they were sent, with what became of them, in their order.
    fn answer(&self, stored: BTreeMap<usize, Stored>) -> Answered {
        let outcomes = self.items.iter().cloned().zip(stored.into_values());
        answer(outcomes.map(|(mut item, stored)| match stored {
            Err(failure) => item.failed(&failure),
            Ok(current) if self.change == Change::Add => {
                item.set("current", current);
                item.succeeded()
            }
            Ok(_) => item.succeeded(),
        }))
    }
}

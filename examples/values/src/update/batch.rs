//! The way of a batch into the database: check, raise the fences, write, look again, commit.

use super::{
    Change,
    item::{Asked, Failure},
};
use crate::{
    Answer, Values,
    platform::{self, Caller},
    store::Write,
    value,
};
use std::collections::HashMap;
use tenure_client::{Attribute, Fence, Refusal, Target, Tried, WriteError};
use tenure_gateway::rest::Problem;

/// What an item asks for, of an attribute that the user has.
pub(super) struct Wanted {
    asked: Asked,
    attribute: Attribute,
    target: Target,
}

/// What became of an item: the value that is now stored, or why nothing was.
pub(super) type Stored = Result<String, Failure>;

impl Wanted {
    pub(super) fn of(
        asked: Asked,
        known: &HashMap<String, Attribute>,
        caller: &Caller,
    ) -> Result<Self, Failure> {
        let attribute = known.get(&asked.name).cloned();
        Ok(Self {
            attribute: attribute.ok_or_else(|| Failure::not_found(&asked.name))?,
            target: caller.target(&asked.name),
            asked,
        })
    }
}

/// The items of a request that can be written if their service may: by the names of their attributes, so that no two
/// batches wait for each other, and those of one attribute in the order of the request.
pub(super) struct Batch<'v> {
    pub(super) values: &'v Values,
    pub(super) caller: &'v Caller,
    pub(super) change: Change,
    pub(super) wanted: Vec<Wanted>,
}

impl Batch<'_> {
    /// Writes, in one transaction, what may be written: what became of the items at which places of the request.
    pub(super) async fn write(&mut self) -> Answer<Vec<(usize, Stored)>> {
        self.wanted.sort_by(|a, b| a.asked.name.cmp(&b.asked.name));
        let targets: Vec<_> = self.wanted.iter().map(|w| w.target.clone()).collect();
        let attempt = |checked| self.attempt(checked);
        let stored = match self.values.guard.write_all(&targets, attempt).await {
            Ok(stored) => stored,
            Err(WriteError::Write(problem)) => return Err(problem),
            Err(WriteError::Unchecked(error)) => return Err(platform::problem(error)),
            Err(WriteError::Refused(_)) => return Err(Problem::internal()),
        };
        let places = self.wanted.iter().map(|wanted| wanted.asked.index);
        Ok(places.zip(stored).collect())
    }

    async fn attempt(&self, checked: Vec<Result<Fence, Refusal>>) -> Answer<Tried<Vec<Stored>>> {
        let mut write = self.values.store.write(&self.caller.user).await?;
        let (mut stored, mut held, mut too_late) = (Vec::new(), Vec::new(), Vec::new());
        for (place, (wanted, checked)) in self.wanted.iter().zip(checked).enumerate() {
            stored.push(match self.permit(wanted, checked) {
                Err(failure) => Err(failure),
                Ok(fence) => {
                    if !write.raise(&wanted.asked.name, fence.generation).await? {
                        too_late.push(place);
                    }
                    held.push((place, (wanted.target.clone(), fence)));
                    self.store(&mut write, wanted, fence).await?
                }
            });
        }
        if too_late.is_empty() {
            // Who was held up, and lost the attribute while nobody wrote it, has come too late as well.
            let (places, writes): (Vec<_>, Vec<_>) = held.into_iter().unzip();
            let overtaken = self.values.guard.overtaken(&writes).await;
            let overtaken = overtaken.map_err(platform::problem)?.into_iter();
            too_late.extend(overtaken.map(|index| places[index]));
        }
        if !too_late.is_empty() {
            return Ok(Tried::Fenced(too_late));
        }
        write.commit().await?;
        Ok(Tried::Done(stored))
    }

    /// The fence to write an item under, if its service owns the attribute and its token covers it.
    fn permit(&self, wanted: &Wanted, checked: Result<Fence, Refusal>) -> Result<Fence, Failure> {
        let (name, attribute) = (&wanted.asked.name, &wanted.attribute);
        let fence = checked.map_err(|refusal| match refusal {
            Refusal::NoSuchAttribute => Failure::not_found(name),
            _ => Failure(
                "unauthorised",
                format!("Attribute '{name}' does not belong to this service"),
            ),
        })?;
        if self.caller.may("write", attribute) {
            return Ok(fence);
        }
        let group = &attribute.group;
        let text = format!("No permission to write to attributes in group '{group}'");
        Err(Failure("not_allowed", text))
    }

    /// Stores the value of an item, within a write that holds its fence.
    async fn store(
        &self,
        write: &mut Write,
        Wanted {
            asked, attribute, ..
        }: &Wanted,
        fence: Fence,
    ) -> Answer<Stored> {
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
        Ok(value.map_err(|wrong| Failure("validation", wrong)))
    }
}

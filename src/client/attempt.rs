//! How one write comes by its fence.

use super::{
    Checked, Client, Error, Fence, Freshness, Reacquire, Refusal, Target, Verdict, WriteError,
    known::Known, reacquire::Reacquired,
};
use std::time::Instant;

/// One write's way to a fence.
pub(super) struct Attempt<'a> {
    pub(super) client: &'a Client,
    pub(super) known: &'a Known,
    pub(super) target: &'a Target,
    /// Taken by its first use: a write acquires once.
    pub(super) reacquire: Option<&'a Reacquire>,
}

impl Attempt<'_> {
    /// The fence as it is known, here or in Tenure's memory.
    pub(super) async fn begin<E>(&mut self) -> Result<Fence, WriteError<E>> {
        if let Some(fence) = self.known.get(self.target).await {
            return Ok(fence);
        }
        // Half of the age for Tenure leaves half of it for us: else an answer could come too old to be remembered.
        let cached = Freshness::Cached(self.known.max_age() / 2);
        let checked = self.ask(cached).await?;
        let may_be_over = checked.verdict != Verdict::Owned && checked.age.is_some();
        if may_be_over {
            self.latest().await
        } else {
            self.settle(checked).await
        }
    }

    /// The fence as the database has it.
    pub(super) async fn latest<E>(&mut self) -> Result<Fence, WriteError<E>> {
        let checked = self.ask(Freshness::Latest).await?;
        self.settle(checked).await
    }

    /// The fence or the refusal of an answer, after acquiring if that is what is missing.
    async fn settle<E>(&mut self, mut checked: Checked) -> Result<Fence, WriteError<E>> {
        let mut not_acquired = None;
        if checked.verdict == Verdict::NotOwner
            && let Some(reacquire) = self.reacquire.take()
        {
            match reacquire.acquire(self.target).await? {
                // Asked again: the token may be of another service, and another may have acquired since.
                Reacquired::Done => checked = self.ask(Freshness::Latest).await?,
                Reacquired::NotTried => {}
                Reacquired::Failed { owner, why } => {
                    checked.owner = owner.or(checked.owner);
                    not_acquired = Some(why);
                }
            }
        }
        Ok(fence(checked, not_acquired)?)
    }

    async fn ask(&self, freshness: Freshness) -> Result<Checked, Error> {
        let asked = Instant::now();
        let question = self.target.clone();
        let checked = self.client.check_one(question, freshness).await?;
        self.known.remember(self.target, &checked, asked).await;
        Ok(checked)
    }
}

fn fence(checked: Checked, not_acquired: Option<String>) -> Result<Fence, Refusal> {
    match checked.verdict {
        Verdict::Owned => Ok(Fence::from(&checked)),
        Verdict::NoSuchAttribute => Err(Refusal::NoSuchAttribute),
        Verdict::NotOwner => Err(Refusal::NotOwner {
            owner: checked.owner,
            not_acquired,
        }),
        // Only a question that names a generation is answered so.
        Verdict::StaleGeneration => Err(Refusal::Fenced {
            generation: checked.generation,
        }),
        Verdict::Inactive => Err(Refusal::Inactive),
    }
}

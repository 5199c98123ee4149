//! How writes come by their fences.

use super::{
    Checked, Client, Error, Fence, Freshness, Reacquire, Refusal, Target, Verdict, known::Known,
    reacquire::Reacquired,
};
use std::time::Instant;

/// The way of one write, of one attribute or several, to its fences.
pub(super) struct Attempt<'a> {
    pub(super) client: &'a Client,
    pub(super) known: &'a Known,
    pub(super) reacquire: Option<&'a Reacquire>,
    pub(super) while_inactive: bool,
    pub(super) retry_fenced: bool,
    pub(super) targets: Vec<Standing<'a>>,
}

/// How it stands with one attribute of the write.
pub(super) struct Standing<'a> {
    target: &'a Target,
    /// The fence to write under, or why not.
    outcome: Result<Fence, Refusal>,
    /// A write acquires once.
    has_acquired: bool,
    /// Nothing is tried a third time.
    was_fenced: bool,
}

impl<'a> Standing<'a> {
    pub(super) fn unknown(target: &'a Target) -> Self {
        Self {
            target,
            outcome: Err(Refusal::NoSuchAttribute),
            has_acquired: false,
            was_fenced: false,
        }
    }
}

impl Attempt<'_> {
    pub(super) fn outcomes(&self) -> Vec<Result<Fence, Refusal>> {
        self.targets.iter().map(|s| s.outcome.clone()).collect()
    }

    /// The fences as they are known, here or in Tenure's memory.
    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        let mut unknown = Vec::new();
        for (place, standing) in self.targets.iter_mut().enumerate() {
            match self.known.get(standing.target).await {
                Some(fence) => standing.outcome = Ok(fence),
                None => unknown.push(place),
            }
        }
        // Half of the age for Tenure leaves half of it for us: else an answer could come too old to be remembered.
        let cached = Freshness::Cached(self.known.max_age() / 2);
        let (mut settled, mut may_be_over) = (Vec::new(), Vec::new());
        for (place, checked) in self.ask(&unknown, cached).await? {
            if checked.verdict != Verdict::Owned && checked.age.is_some() {
                may_be_over.push(place);
            } else {
                settled.push((place, checked));
            }
        }
        self.settle(settled).await?;
        self.latest(&may_be_over).await
    }

    /// What is to be done about those that were fenced: the fence as the database has it, if that is a later one.
    /// Whether there were any.
    pub(super) async fn fenced(&mut self, places: &[usize]) -> Result<bool, Error> {
        let (mut again, mut any) = (Vec::new(), false);
        for &place in places {
            let Some(standing) = self.targets.get_mut(place) else {
                continue;
            };
            let Ok(Fence { generation, .. }) = standing.outcome else {
                continue;
            };
            any = true;
            self.known.forget(standing.target).await;
            if standing.was_fenced {
                standing.outcome = Err(Refusal::Fenced { generation });
            } else {
                standing.was_fenced = true;
                again.push((place, generation));
            }
        }
        let of_again: Vec<_> = again.iter().map(|(place, _)| *place).collect();
        self.latest(&of_again).await?;
        for (place, before) in again {
            let standing = &mut self.targets[place];
            if let Ok(Fence { generation, .. }) = standing.outcome
                && (generation <= before || !self.retry_fenced)
            {
                self.known.forget(standing.target).await;
                standing.outcome = Err(Refusal::Fenced { generation });
            }
        }
        Ok(any)
    }

    /// The fences as the database has them.
    async fn latest(&mut self, places: &[usize]) -> Result<(), Error> {
        let checked = self.ask(places, Freshness::Latest).await?;
        self.settle(checked).await
    }

    /// Takes the answers for what they are, after acquiring what that is missing for.
    async fn settle(&mut self, answers: Vec<(usize, Checked)>) -> Result<(), Error> {
        let mut acquired = Vec::new();
        for (place, mut checked) in answers {
            let (standing, mut not_acquired) = (&mut self.targets[place], None);
            if let (Verdict::NotOwner, Some(reacquire)) = (checked.verdict, self.reacquire)
                && !std::mem::replace(&mut standing.has_acquired, true)
            {
                match reacquire.acquire(standing.target).await? {
                    Reacquired::Done => acquired.push(place),
                    Reacquired::NotTried => {}
                    Reacquired::Failed { owner, why } => {
                        checked.owner = owner.or(checked.owner);
                        not_acquired = Some(why);
                    }
                }
            }
            standing.outcome = outcome(checked, not_acquired, self.while_inactive);
        }
        // Asked again: the token may be of another service, and another may have acquired since.
        for (place, checked) in self.ask(&acquired, Freshness::Latest).await? {
            self.targets[place].outcome = outcome(checked, None, self.while_inactive);
        }
        Ok(())
    }

    /// The answer for each of these, and remembers those that let it write.
    async fn ask(
        &self,
        places: &[usize],
        freshness: Freshness,
    ) -> Result<Vec<(usize, Checked)>, Error> {
        if places.is_empty() {
            return Ok(Vec::new());
        }
        let asked = Instant::now();
        let targets = places.iter().map(|place| self.targets[*place].target);
        let answers = self.client.check(targets.cloned(), freshness).await?;
        let answers: Vec<_> = places.iter().copied().zip(answers).collect();
        for (place, checked) in &answers {
            let target = self.targets[*place].target;
            if let Ok(fence) = outcome(checked.clone(), None, self.while_inactive) {
                self.known.remember(target, fence, checked.age, asked).await;
            }
        }
        Ok(answers)
    }
}

fn outcome(
    checked: Checked,
    not_acquired: Option<String>,
    while_inactive: bool,
) -> Result<Fence, Refusal> {
    match checked.verdict {
        Verdict::Owned => Ok(Fence::from(&checked)),
        Verdict::Inactive if while_inactive => Ok(Fence::from(&checked)),
        Verdict::Inactive => Err(Refusal::Inactive),
        Verdict::NoSuchAttribute => Err(Refusal::NoSuchAttribute),
        Verdict::NotOwner => Err(Refusal::NotOwner {
            owner: checked.owner,
            not_acquired,
        }),
        // Only a question that names a generation is answered so.
        Verdict::StaleGeneration => Err(Refusal::Fenced {
            generation: checked.generation,
        }),
    }
}

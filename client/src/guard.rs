//! Writes under a fence.

use super::{
    Checked, Client, Error, Freshness, Question, Reacquire, Refusal, Target, Verdict, WriteError,
    attempt::{Attempt, Standing},
    known::Known,
};
use std::{slice, time::Duration};

/// What a write sends along, so that the store of the values can refuse it if it comes too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// The generation under which the service owns the attribute: the write must be refused where a later one has been
    /// stored.
    pub generation: i64,
    /// The user's revision at which that was so: what [`Freshness::AtLeast`] takes.
    pub revision: i64,
}

impl From<&Checked> for Fence {
    fn from(checked: &Checked) -> Self {
        Self {
            generation: checked.generation,
            revision: checked.revision,
        }
    }
}

/// What became of a write that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is done.
    Done,
    /// A later generation is stored; nothing was written.
    Fenced,
}

impl Written {
    /// What a statement did that changes a row unless its generation is later: no row means fenced.
    #[must_use]
    pub fn of_rows(affected: u64) -> Self {
        if affected == 0 {
            Self::Fenced
        } else {
            Self::Done
        }
    }
}

/// What became of a write of several attributes that was tried in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried<T> {
    /// It is done, with this result.
    Done(T),
    /// For the attributes at these places a later generation is stored; nothing was written of any.
    Fenced(Vec<usize>),
}

/// How a [`WriteGuard`] works.
#[derive(Debug, Clone)]
pub struct GuardOptions {
    /// How old the answer may be by which a write is tried first, from when Tenure's database gave it: what Tenure and
    /// the guard keep adds up to at most this. Zero asks the database each time. The fence keeps stale writes out
    /// whatever it is; it bounds how long one that no fence stops can go on (`docs/writing-safely.md`).
    pub max_age: Duration,
    /// How many answers the guard keeps, each for one [`Target`]; some hundred bytes each.
    pub max_entries: u64,
    /// How to acquire what the service does not own; none refuses the write.
    pub reacquire: Option<Reacquire>,
    /// Write too what the user has switched off, under whom the service still owns it.
    pub while_inactive: bool,
    /// Try a write that was fenced once more, if the service now owns the attribute under a later generation. For values
    /// that are still right then; without it, and with a `max_age` of zero, nothing is written that was asked for before
    /// ownership moved and came back.
    pub retry_fenced: bool,
}

impl Default for GuardOptions {
    /// Ten seconds, ten thousand answers, no acquiring, nothing that is switched off, and a second try.
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(10),
            max_entries: 10_000,
            reacquire: None,
            while_inactive: false,
            retry_fenced: true,
        }
    }
}

/// Lets a service write the attributes that it owns, each write under the fence of that ownership.
///
/// Only answers that allow a write are kept, and no refusal comes from one that was kept, here or in Tenure: a service
/// may write as soon as it has acquired.
#[derive(Debug, Clone)]
pub struct WriteGuard {
    client: Client,
    known: Known,
    reacquire: Option<Reacquire>,
    while_inactive: bool,
    retry_fenced: bool,
}

impl WriteGuard {
    /// Asks through `client`.
    #[must_use]
    pub fn new(client: Client, options: GuardOptions) -> Self {
        Self {
            client,
            known: Known::new(options.max_age, options.max_entries),
            reacquire: options.reacquire,
            while_inactive: options.while_inactive,
            retry_fenced: options.retry_fenced,
        }
    }

    /// Writes a value of the target's attribute if its service may, and gives the fence under which it was written.
    ///
    /// `write` stores the value unless a later generation than the fence's is stored for this attribute, compared in
    /// the same statement or transaction, and tells which of the two it was. It runs at most twice: if it was fenced
    /// the guard asks Tenure's database, and tries again if the service owns the attribute under a later generation.
    /// Others may have written in between: what is computed from stored values is to be read within `write`.
    ///
    /// # Errors
    /// [`WriteError::Refused`] if the service may not write, [`WriteError::Unchecked`] if that cannot be told, and
    /// [`WriteError::Write`] with the error of `write`, which is not tried again.
    pub async fn write<E, F>(
        &self,
        target: &Target,
        mut write: impl FnMut(Fence) -> F,
    ) -> Result<Fence, WriteError<E>>
    where
        F: Future<Output = Result<Written, E>>,
    {
        let written = self.write_all(slice::from_ref(target), |mut outcomes| {
            let begun = outcomes.remove(0).map(|fence| (fence, write(fence)));
            async move {
                let (fence, write) = match begun {
                    Ok(begun) => begun,
                    Err(refusal) => return Ok(Tried::Done(Err(refusal))),
                };
                Ok(match write.await? {
                    Written::Done => Tried::Done(Ok(fence)),
                    Written::Fenced => Tried::Fenced(vec![0]),
                })
            }
        });
        Ok(written.await??)
    }

    /// Writes values of several attributes in one transaction, at most 500, and gives what `write` makes of it.
    ///
    /// `write` is handed a fence for each of the `targets`, in their order, or why its service may not write it. It
    /// stores the others' values in one transaction unless for some a later generation than the fence's is stored;
    /// then it stores none, and tells which those are. It runs again after the guard has asked Tenure's database about
    /// these, until none is fenced; each is tried at most twice, and refused after that.
    ///
    /// To close the gap between the check and the write, `write` can ask [`WriteGuard::overtaken`] before it commits.
    ///
    /// # Errors
    /// [`WriteError::Unchecked`] if it cannot be told who may write, [`WriteError::Write`] with the error of `write`,
    /// which is not tried again, and [`WriteError::Refused`] if `write` says that what it was not to write was fenced.
    pub async fn write_all<T, E, F>(
        &self,
        targets: &[Target],
        mut write: impl FnMut(Vec<Result<Fence, Refusal>>) -> F,
    ) -> Result<T, WriteError<E>>
    where
        F: Future<Output = Result<Tried<T>, E>>,
    {
        let mut attempt = Attempt {
            client: &self.client,
            known: &self.known,
            reacquire: self.reacquire.as_ref(),
            while_inactive: self.while_inactive,
            retry_fenced: self.retry_fenced,
            targets: targets.iter().map(Standing::unknown).collect(),
        };
        attempt.begin().await?;
        loop {
            let tried = write(attempt.outcomes()).await;
            match tried.map_err(WriteError::Write)? {
                Tried::Done(result) => return Ok(result),
                Tried::Fenced(places) => {
                    // Else it would go on for ever.
                    if !attempt.fenced(&places).await? {
                        return Err(Refusal::Fenced { generation: 0 }.into());
                    }
                }
            }
        }
    }

    /// The places of those `targets` that their service does not own any more under the fence that `write` was handed
    /// for them, as Tenure's database has it now; those with a refusal are not asked about.
    ///
    /// Whoever asks while its transaction holds the rows of these attributes, and commits if there are none, has
    /// written as an owner: whatever a later one writes comes after it.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn overtaken(
        &self,
        targets: &[Target],
        outcomes: &[Result<Fence, Refusal>],
    ) -> Result<Vec<usize>, Error> {
        let outcomes = targets.iter().zip(outcomes).enumerate();
        let (places, questions): (Vec<_>, Vec<_>) = outcomes
            .filter_map(|(place, (target, outcome))| {
                let generation = Some(outcome.as_ref().ok()?.generation);
                let question = Question {
                    generation,
                    ..target.clone().into()
                };
                Some((place, question))
            })
            .unzip();
        if questions.is_empty() {
            return Ok(Vec::new());
        }
        let answers = self.client.check(questions, Freshness::Latest).await?;
        let is_over = |checked: &Checked| match checked.verdict {
            Verdict::Owned => false,
            Verdict::Inactive => !self.while_inactive,
            _ => true,
        };
        let checked = places.into_iter().zip(&answers);
        let over = checked.filter(|(_, checked)| is_over(checked));
        Ok(over.map(|(place, _)| place).collect())
    }
}

//! Writes under a fence.

use super::{
    Checked, Client, Reacquire, Refusal, Target, WriteError, attempt::Attempt, known::Known,
};
use std::time::Duration;

/// What a write sends along, so that the store of the values can refuse it if it comes too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fence {
    /// The generation under which the service owns the attribute: the write must be refused where a later one has been
    /// stored.
    pub generation: i64,
    /// The user's revision at which that was so: what [`Freshness::AtLeast`](super::Freshness::AtLeast) takes.
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
}

impl Default for GuardOptions {
    /// Ten seconds, ten thousand answers, and no acquiring.
    fn default() -> Self {
        Self {
            max_age: Duration::from_secs(10),
            max_entries: 10_000,
            reacquire: None,
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
}

impl WriteGuard {
    /// Asks through `client`.
    #[must_use]
    pub fn new(client: Client, options: GuardOptions) -> Self {
        Self {
            client,
            known: Known::new(options.max_age, options.max_entries),
            reacquire: options.reacquire,
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
        let mut attempt = Attempt {
            client: &self.client,
            known: &self.known,
            target,
            reacquire: self.reacquire.as_ref(),
        };
        let first = attempt.begin().await?;
        if write(first).await.map_err(WriteError::Write)? == Written::Done {
            return Ok(first);
        }
        self.known.forget(target).await;
        let second = attempt.latest().await?;
        if second.generation > first.generation
            && write(second).await.map_err(WriteError::Write)? == Written::Done
        {
            return Ok(second);
        }
        self.known.forget(target).await;
        let generation = second.generation;
        Err(Refusal::Fenced { generation }.into())
    }
}

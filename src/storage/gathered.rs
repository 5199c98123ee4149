//! What requests ask of the database, concurrent ones together.

use super::{
    Engine, Error, Loaded, Result, Selection, checks,
    coalesce::{Coalescer, Gathering, Running},
    pool::Pool,
};
use crate::domain::{
    change::Change,
    check::Seen,
    name::UserId,
    token::{TokenHash, TokenRecord},
};
use std::collections::BTreeSet;

/// How many statements of one kind may be under way. One alone would leave the database waiting while its answer is
/// looked at; with more of them less is gathered.
const LANES: usize = 2;

/// A check of more items than this is a large one.
const FEW: usize = 16;

/// How many large checks make a statement at most: what a statement costs by itself is nothing beside their items.
const FEW_LARGE: usize = 4;

type Answer<T> = Option<Result<T>>;

/// The operations of every request. A statement does one kind of them.
pub(super) struct Gathered {
    finds: Coalescer<TokenHash, Result<Option<TokenRecord>>>,
    revoked: Coalescer<TokenHash, Result<bool>>,
    named: Coalescer<(UserId, Selection), Result<Loaded>>,
    owned: Coalescer<(UserId, Selection), Result<Loaded>>,
    all: Coalescer<(UserId, Selection), Result<Loaded>>,
    checks: Coalescer<Attributes, Result<Vec<Seen>>>,
    large_checks: Coalescer<Attributes, Result<Vec<Seen>>>,
    commits: Coalescer<(UserId, Change), Result<()>>,
}

/// What a check is about.
type Attributes = Vec<(UserId, String)>;

impl Gathered {
    /// At most `most` calls make one statement; with one nothing is gathered.
    pub(super) fn new<DB: Engine>(read: &Pool<DB>, write: &Pool<DB>, most: usize) -> Self {
        let lanes = LANES;
        let writes = Gathering {
            lanes,
            most,
            waits: false,
        };
        let reads = Gathering {
            lanes,
            most: if DB::GATHERS_READS { most } else { 1 },
            waits: false,
        };
        let loads = || {
            let pool = read.clone();
            let run = move |asked| -> Running<_> { Box::pin(load(pool.clone(), asked)) };
            Coalescer::new(reads, Box::new(run))
        };
        let checks = |gathering| {
            let pool = read.clone();
            let run = move |calls| -> Running<_> { Box::pin(seen(pool.clone(), calls)) };
            Coalescer::new(gathering, Box::new(run))
        };
        // The answers are looked at in no time, so a second lane would only make the statements smaller. Those that
        // take long must not be in the way of those that do not.
        let small = Gathering {
            lanes: 1,
            waits: true,
            ..reads
        };
        let large = Gathering {
            most: reads.most.min(FEW_LARGE),
            ..reads
        };
        let (tokens, others, write) = (read.clone(), read.clone(), write.clone());
        let find = move |hashes| -> Running<_> { Box::pin(find(tokens.clone(), hashes)) };
        let revoked = move |hashes| -> Running<_> { Box::pin(revoked(others.clone(), hashes)) };
        let commit = move |changes| -> Running<_> { Box::pin(commit(write.clone(), changes)) };
        Self {
            finds: Coalescer::new(reads, Box::new(find)),
            revoked: Coalescer::new(reads, Box::new(revoked)),
            named: loads(),
            owned: loads(),
            all: loads(),
            checks: checks(small),
            large_checks: checks(large),
            commits: Coalescer::new(writes, Box::new(commit)),
        }
    }

    /// See [`super::Tokens::find`].
    pub(super) async fn find(&self, hash: TokenHash) -> Result<Option<TokenRecord>> {
        answered(self.finds.call(hash).await)
    }

    /// See [`super::RevokedTokens::is_revoked`].
    pub(super) async fn is_revoked(&self, hash: TokenHash) -> Result<bool> {
        answered(self.revoked.call(hash).await)
    }

    /// See [`super::Users::load`].
    pub(super) async fn load(&self, user: UserId, selection: Selection) -> Result<Loaded> {
        let of_kind = match selection {
            Selection::Named(_) => &self.named,
            Selection::OwnedBy(_) => &self.owned,
            Selection::All => &self.all,
        };
        answered(of_kind.call((user, selection)).await)
    }

    /// See [`super::Checks::seen`].
    pub(super) async fn seen(&self, attributes: Attributes) -> Result<Vec<Seen>> {
        let of_size = if attributes.len() > FEW {
            &self.large_checks
        } else {
            &self.checks
        };
        answered(of_size.call(attributes).await)
    }

    /// See [`super::Users::commit`].
    pub(super) async fn commit(&self, user: UserId, change: Change) -> Result<()> {
        answered(self.commits.call((user, change)).await)
    }
}

fn answered<T>(answer: Answer<T>) -> Result<T> {
    answer.unwrap_or_else(|| Err(Error::unavailable("what was to answer has died")))
}

async fn find<DB: Engine>(
    pool: Pool<DB>,
    hashes: Vec<TokenHash>,
) -> Vec<Result<Option<TokenRecord>>> {
    let found = async {
        let mut lease = pool.lease().await?;
        let found = DB::find(lease.connection(), &hashes).await;
        lease.end(found)
    };
    match found.await {
        Ok(rows) => {
            let row = |hash: &TokenHash| rows.iter().find(|row| row.hash == hash.0);
            let record = |hash| row(hash).map(TokenRecord::try_from).transpose();
            hashes.iter().map(record).collect()
        }
        Err(error) => to_all(&hashes, &error),
    }
}

async fn revoked<DB: Engine>(pool: Pool<DB>, hashes: Vec<TokenHash>) -> Vec<Result<bool>> {
    let found = async {
        let mut lease = pool.lease().await?;
        let found = DB::revoked(lease.connection(), &hashes).await;
        lease.end(found)
    };
    match found.await {
        Ok(rows) => {
            let is_there = |hash: &TokenHash| Ok(rows.iter().any(|row| row.hash == hash.0));
            hashes.iter().map(is_there).collect()
        }
        Err(error) => to_all(&hashes, &error),
    }
}

async fn load<DB: Engine>(pool: Pool<DB>, asked: Vec<(UserId, Selection)>) -> Vec<Result<Loaded>> {
    let loaded = async {
        let mut lease = pool.lease().await?;
        let loaded = DB::load(lease.connection(), &asked).await;
        lease.end(loaded)
    };
    loaded.await.unwrap_or_else(|error| to_all(&asked, &error))
}

async fn seen<DB: Engine>(pool: Pool<DB>, calls: Vec<Attributes>) -> Vec<Result<Vec<Seen>>> {
    let sizes: Vec<_> = calls.iter().map(Vec::len).collect();
    let all = async {
        let attributes: Vec<_> = calls.into_iter().flatten().collect();
        let mut lease = pool.lease().await?;
        let rows = DB::seen(lease.connection(), &attributes).await;
        checks::in_order(lease.end(rows)?, attributes.len())
    };
    match all.await {
        Ok(seen) => {
            let mut seen = seen.into_iter();
            let answer = |size| Ok(seen.by_ref().take(size).collect());
            sizes.into_iter().map(answer).collect()
        }
        Err(error) => to_all(&sizes, &error),
    }
}

/// Commits changes, of which several may be of one user: the first of them is tried, and the others are told that they
/// are stale, as they most likely are.
async fn commit<DB: Engine>(pool: Pool<DB>, changes: Vec<(UserId, Change)>) -> Vec<Result<()>> {
    let mut answers: Vec<_> = changes.iter().map(|_| Err(Error::Stale)).collect();
    let (mut users, mut places, mut first) = (BTreeSet::new(), Vec::new(), Vec::new());
    for (place, change) in changes.into_iter().enumerate() {
        if users.insert(change.0.clone()) {
            places.push(place);
            first.push(change);
        }
    }
    for (place, answer) in places.into_iter().zip(each(&pool, first).await) {
        answers[place] = answer;
    }
    answers
}

/// Commits changes of different users together; one by one if one of them is at fault, so that only that one fails.
async fn each<DB: Engine>(pool: &Pool<DB>, changes: Vec<(UserId, Change)>) -> Vec<Result<()>> {
    match together(pool, &changes).await {
        Ok(answers) => answers,
        // The database refused it, so nothing of it is written.
        Err(Error::Database(error)) if changes.len() > 1 && error.as_database_error().is_some() => {
            let mut answers = Vec::new();
            for change in changes.chunks(1) {
                let alone = together(pool, change).await;
                answers.extend(alone.unwrap_or_else(|error| vec![Err(error)]));
            }
            answers
        }
        Err(error) => to_all(&changes, &error),
    }
}

async fn together<DB: Engine>(
    pool: &Pool<DB>,
    changes: &[(UserId, Change)],
) -> Result<Vec<Result<()>>> {
    let mut lease = pool.lease().await?;
    let committed = DB::commit(lease.connection(), changes).await;
    lease.end(committed)
}

/// The same failure for each call.
fn to_all<C, T>(calls: &[C], error: &Error) -> Vec<Result<T>> {
    calls.iter().map(|_| Err(error.clone())).collect()
}

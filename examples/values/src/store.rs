//! The values, and the fences that keep stale writers out.
//!
//! The statements are the same on PostgreSQL and SQLite.

mod kept;

use super::Answer;
pub(crate) use kept::Repeatable;
use sqlx::{
    Any, AnyPool, Executor as _, SqlSafeStr as _, Transaction,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate, query, query_as, query_scalar,
};
use std::{str::FromStr as _, time::Duration};
use tenure_gateway::rest::{Answered, Problem};

/// How long a request waits for a connection: longer than one is kept waiting for a row, so that who writes what another
/// holds leaves some to all others.
const WAIT: Duration = Duration::from_secs(4);

/// What bounds a write on PostgreSQL, also one whose writer sleeps before the commit.
const LIMITS: &str = "set lock_timeout = '3s'; set statement_timeout = '4s';
    set idle_in_transaction_session_timeout = '6s'";

const RAISE: &str = include_str!("store/raise.sql");
const SET: &str = include_str!("store/set.sql");
const READ: &str = include_str!("store/read.sql");
const COUNT: &str = include_str!("store/count.sql");
const LIST: &str = include_str!("store/list.sql");

/// The database.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    begin: &'static str,
}

/// A day as `YYYY-MM-DD`, and its value as JSON text.
pub(crate) type Entry = (String, String);

impl Store {
    /// Opens the database at `url`, `sqlite://FILE?mode=rwc` or `postgres://...`, and makes its tables if they are not
    /// there.
    ///
    /// # Errors
    /// As the database says.
    pub async fn open(url: &str) -> Result<Self, sqlx::Error> {
        sqlx::any::install_default_drivers();
        let options = AnyConnectOptions::from_str(url)?;
        // SQLite has one writer: it is waited for here and not there, where whoever waits looks again and again. What
        // begins as a read cannot become the writer.
        let (connections, begin, first) = match options.database_url.scheme() {
            "sqlite" => (1, "begin immediate", "select 1"),
            _ => (8, "begin", LIMITS),
        };
        let pool = AnyPoolOptions::new().max_connections(connections);
        let pool = pool.after_connect(move |connection, _| {
            Box::pin(async move { connection.execute(first).await.map(drop) })
        });
        let pool = pool.acquire_timeout(WAIT).connect_with(options).await?;
        migrate!("./migrations").run(&pool).await?;
        Ok(Self { pool, begin })
    }

    /// Begins a write of the user's values; without a [`Write::commit`] nothing of it is done.
    pub(crate) async fn write(&self, user: &str) -> Answer<Write> {
        let transaction = self.pool.begin_with(self.begin.into_sql_str()).await;
        Ok(Write {
            transaction: transaction.map_err(problem)?,
            user: user.to_owned(),
        })
    }

    /// The answer that a request had before, if it had one.
    pub(crate) async fn kept(&self, request: &Repeatable<'_>) -> Answer<Option<Answered>> {
        request.kept(&self.pool).await
    }

    /// How many values the attribute has up to and with `until`, and some of them, newest first.
    pub(crate) async fn list(
        &self,
        (user, attribute): (&str, &str),
        until: &str,
        (skip, limit): (i64, i32),
    ) -> Answer<(i64, Vec<Entry>)> {
        let count = query_scalar(COUNT).bind(user).bind(attribute).bind(until);
        let count = count.fetch_one(&self.pool).await.map_err(problem)?;
        let list = query_as(LIST).bind(user).bind(attribute).bind(until);
        let entries = list.bind(limit).bind(skip).fetch_all(&self.pool).await;
        Ok((count, entries.map_err(problem)?))
    }
}

/// A write of one user's values that is under way.
pub(crate) struct Write {
    transaction: Transaction<'static, Any>,
    user: String,
}

impl Write {
    /// Raises the fence of an attribute, and holds it until the end; false, if a later generation is stored.
    pub(crate) async fn raise(&mut self, attribute: &str, to: i64) -> Answer<bool> {
        let raise = query(RAISE).bind(&self.user).bind(attribute).bind(to);
        let raised = raise.execute(&mut *self.transaction).await;
        Ok(raised.map_err(problem)?.rows_affected() > 0)
    }

    /// The value of a day. Who has raised the fence is the only one to change it.
    pub(crate) async fn read(&mut self, attribute: &str, day: &str) -> Answer<Option<String>> {
        let read = query_scalar(READ).bind(&self.user).bind(attribute);
        let read = read.bind(day).fetch_optional(&mut *self.transaction).await;
        read.map_err(problem)
    }

    /// Sets the value of a day.
    pub(crate) async fn set(
        &mut self,
        (attribute, generation): (&str, i64),
        day: &str,
        value: &str,
    ) -> Answer<()> {
        let set = query(SET).bind(&self.user).bind(attribute).bind(day);
        let set = set.bind(value).bind(generation);
        let done = set.execute(&mut *self.transaction).await;
        done.map(drop).map_err(problem)
    }

    /// Makes it last, with the answer if the request may be sent again. If that has meanwhile had one, it is given, and
    /// nothing of this write is done.
    pub(crate) async fn commit(
        mut self,
        answer: Answered,
        request: Option<&Repeatable<'_>>,
    ) -> Answer<Answered> {
        if let Some(request) = request
            && !request.keep(&answer, &mut self.transaction).await?
        {
            let kept = request.kept(&mut *self.transaction).await?;
            return kept.ok_or_else(Problem::unavailable);
        }
        self.transaction.commit().await.map_err(problem)?;
        Ok(answer)
    }
}

/// What a client is told while the database has no answer.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` has it")]
fn problem(error: sqlx::Error) -> Problem {
    tracing::warn!(%error, "the values are out of reach");
    Problem::unavailable()
}

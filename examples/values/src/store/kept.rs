//! Answers that are kept, so that a request which is sent again has one effect and one answer.

use super::problem;
use crate::{Answer, now, platform::Caller};
use sqlx::{Any, AnyConnection, Executor, query, query_as};
use tenure_gateway::rest::{Answered, Idempotency, Problem};

const KEPT: &str = include_str!("kept.sql");
const KEEP: &str = include_str!("keep.sql");
const FORGET: &str = include_str!("forget.sql");

/// A request that may be sent again, and whose it is.
pub(crate) struct Repeatable<'c> {
    pub(crate) caller: &'c Caller,
    pub(crate) idempotency: Idempotency,
}

impl Repeatable<'_> {
    /// The answer that it had before, if it had one.
    pub(super) async fn kept<'e>(
        &self,
        database: impl Executor<'e, Database = Any>,
    ) -> Answer<Option<Answered>> {
        let Caller { user, service, .. } = self.caller;
        let kept = query_as(KEPT).bind(user).bind(service);
        let kept = kept
            .bind(&self.idempotency.key)
            .bind(now().unix_timestamp());
        let kept = kept.fetch_optional(database).await.map_err(problem)?;
        let Some::<(String, String, String)>((fingerprint, status, body)) = kept else {
            return Ok(None);
        };
        self.idempotency.matches(&fingerprint)?;
        let status = status.parse().map_err(|_| Problem::internal())?;
        Ok(Some(Answered { status, body }))
    }

    /// Keeps its answer, and forgets those of its user that were kept for long enough; false, if it has one.
    pub(super) async fn keep(
        &self,
        answer: &Answered,
        database: &mut AnyConnection,
    ) -> Answer<bool> {
        let Caller { user, service, .. } = self.caller;
        let Idempotency { key, fingerprint } = &self.idempotency;
        let now = now();
        let forget = query(FORGET).bind(user).bind(now.unix_timestamp());
        forget.execute(&mut *database).await.map_err(problem)?;
        let keep = query(KEEP).bind(user).bind(service);
        let keep = keep.bind(key).bind(fingerprint.to_string());
        let keep = keep.bind(answer.status.as_str()).bind(&answer.body);
        let keep = keep.bind((now + Idempotency::KEPT).unix_timestamp());
        let done = keep.execute(database).await.map_err(problem)?;
        Ok(done.rows_affected() > 0)
    }
}

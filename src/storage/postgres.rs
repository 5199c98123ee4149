//! The commit of a change on PostgreSQL: one statement, one round trip.

use super::{Error, Result, column::Instant, document::Documents};
use crate::domain::{change::Change, name::UserId};
use sqlx::{PgConnection, Postgres};

/// Every part of the statement reads from `moved`, which is empty if the compare fails: then nothing is written.
const COMMIT: &str = include_str!("postgres/commit.sql");

pub(super) async fn commit(
    connection: &mut PgConnection,
    user: &UserId,
    change: &Change,
) -> Result<()> {
    let documents = Documents::of::<Postgres>(change);
    let moved: i64 = sqlx::query_scalar(COMMIT)
        .bind(user.as_str())
        .bind(change.revision)
        .bind(documents.attributes)
        .bind(documents.offers)
        .bind(documents.events)
        .bind(change.stamp.actor.to_string())
        .bind(&change.stamp.request_id)
        .bind(Instant(change.stamp.at))
        .bind(documents.forgotten)
        .bind(documents.connections)
        .bind(documents.disconnected)
        .bind(documents.tokens)
        .fetch_one(connection)
        .await?;
    if moved == 0 {
        return Err(Error::Stale);
    }
    Ok(())
}

//! The commit of a change on SQLite: a handful of statements in one `BEGIN IMMEDIATE`. Each list of the change that
//! is not empty is one statement, however long it is.

use super::{Engine as _, Error, Result, column::Instant, document::Documents};
use crate::domain::{change::Change, name::UserId};
use serde_json::Value;
use sqlx::{Connection as _, Sqlite, SqliteConnection, query::Query, sqlite::SqliteArguments};

const MOVE: &str = include_str!("sqlite/move.sql");
const ATTRIBUTES: &str = include_str!("sqlite/attributes.sql");
const OFFERS: &str = include_str!("sqlite/offers.sql");
const EVENTS: &str = include_str!("sqlite/events.sql");
const FORGOTTEN: &str = include_str!("sqlite/forgotten.sql");
const CONNECTIONS: &str = include_str!("sqlite/connections.sql");
const DISCONNECTED: &str = include_str!("sqlite/disconnected.sql");
const REVOKED: &str = include_str!("sqlite/revoked.sql");
const TOKENS: &str = include_str!("sqlite/tokens.sql");

pub(super) async fn commit(
    connection: &mut SqliteConnection,
    user: &UserId,
    change: &Change,
) -> Result<()> {
    let documents = Documents::of::<Sqlite>(change);
    let stamp = &change.stamp;
    let with = |sql, list: &Value| {
        sqlx::query(sql)
            .bind(user.as_str().to_owned())
            .bind(list.to_string())
    };
    let statements: Vec<(&Value, Query<'_, Sqlite, SqliteArguments>)> = vec![
        (
            &documents.attributes,
            with(ATTRIBUTES, &documents.attributes),
        ),
        (&documents.offers, with(OFFERS, &documents.offers)),
        (
            &documents.events,
            with(EVENTS, &documents.events)
                .bind(change.revision + 1)
                .bind(stamp.actor.to_string())
                .bind(stamp.request_id.clone())
                .bind(Instant(stamp.at)),
        ),
        (&documents.forgotten, with(FORGOTTEN, &documents.forgotten)),
        (
            &documents.connections,
            with(CONNECTIONS, &documents.connections),
        ),
        (
            &documents.disconnected,
            with(DISCONNECTED, &documents.disconnected),
        ),
        (
            &documents.disconnected,
            with(REVOKED, &documents.disconnected).bind(Instant(stamp.at)),
        ),
        (&documents.tokens, with(TOKENS, &documents.tokens)),
    ];

    let mut transaction = connection.begin_with(Sqlite::BEGIN).await?;
    let moved = sqlx::query(MOVE)
        .bind(user.as_str().to_owned())
        .bind(change.revision)
        .execute(&mut *transaction)
        .await?;
    if moved.rows_affected() == 0 {
        // At once: the lock would else be held until the connection is used again.
        transaction.rollback().await?;
        return Err(Error::Stale);
    }
    for (list, statement) in statements {
        if list.as_array().is_some_and(|rows| !rows.is_empty()) {
            statement.execute(&mut *transaction).await?;
        }
    }
    transaction.commit().await?;
    Ok(())
}

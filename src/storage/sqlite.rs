//! What only SQLite does, or does its own way: one user after the other, because a statement costs no round trip. The
//! commit of several changes is one `BEGIN IMMEDIATE`, so that they share the wait for the disk. Each list of a change
//! that is not empty is one statement, however long it is.

use super::{
    Engine, Error, Loaded, Result, Selection, checks,
    column::{self, Instant},
    document::Documents,
    loaded::{Answers, load},
    pruning, revoked_tokens, tokens,
};
use crate::domain::{
    self,
    change::Change,
    ledger::{Entry, Position},
    name::UserId,
    token::TokenHash,
};
use serde_json::Value;
use sqlx::{
    Connection as _, Sqlite, SqliteConnection, migrate::Migrator, query::Query,
    sqlite::SqliteArguments, types::Json,
};

const FIND: &str = tokens::select!("where hash = $1");
const IS_REVOKED: &str = revoked_tokens::select!("where hash = $1");

/// A load for the user `$1`.
macro_rules! load_one {
    ($attribute:literal, $offer:literal) => {
        load!(
            asked: , item: "1",
            attribute: "from attribute where user_id = $1 " $attribute,
            offer: "from offer where user_id = $1 " $offer,
            connection: "from connection where user_id = $1",
            withdrawal: "from withdrawal where user_id = $1",
            revision_of: "$1",
            user: "from catalog_version where id = 1",
        )
    };
}

const LOAD_NAMED: &str = load_one!(
    "and name in (select value from json_each($2))",
    "and attribute in (select value from json_each($2))"
);
const LOAD_OWNED: &str = load_one!(
    "and owner = $2",
    "and attribute in (select name from attribute where user_id = $1 and owner = $2)"
);
const LOAD_ALL: &str = load_one!("", "");

const SEEN: &str = "
    select asked.key + 1 as item, coalesce(stands.revision, 0) as revision, generation, owner, active
    from json_each($1) as asked
    left join user_revision as stands on stands.user_id = asked.value->>0
    left join attribute on attribute.user_id = asked.value->>0 and attribute.name = asked.value->>1";

const PRUNE_MOVE: &str = include_str!("sqlite/prune_move.sql");
const PRUNE_TELL: &str = include_str!("sqlite/prune_tell.sql");
const PRUNE_DELETE: &str = include_str!("sqlite/prune_delete.sql");

const MOVE: &str = include_str!("sqlite/move.sql");
const ATTRIBUTES: &str = include_str!("sqlite/attributes.sql");
const OFFERS: &str = include_str!("sqlite/offers.sql");
const EVENTS: &str = include_str!("sqlite/events.sql");
const FORGOTTEN: &str = include_str!("sqlite/forgotten.sql");
const CONNECTIONS: &str = include_str!("sqlite/connections.sql");
const DISCONNECTED: &str = include_str!("sqlite/disconnected.sql");
const REVOKED: &str = include_str!("sqlite/revoked.sql");
const WITHDRAWALS: &str = include_str!("sqlite/withdrawals.sql");
const TOKENS: &str = include_str!("sqlite/tokens.sql");
const RECORDS: &str = include_str!("sqlite/records.sql");

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

#[async_trait::async_trait]
impl Engine for Sqlite {
    const EMBEDDED: bool = true;
    const BEGIN: &'static str = "BEGIN IMMEDIATE";
    const GATHERS_READS: bool = false;
    const UPSERT_CATALOG: &'static str = "
        insert into catalog_entry (kind, name, definition)
        select r.value->>'kind', r.value->>'name', r.value->>'definition'
        from json_each($1) as r where true
        on conflict (kind, name) do update set definition = excluded.definition";

    const END_REMOVALS: &'static str = "
        delete from removal where service in (
            select r.value->>'name' from json_each($1) as r where r.value->>'kind' = 'service')";

    const HORIZON: &'static str = "
        select next as complete, next as seen, position, user_id, revision, number
        from (select coalesce(max(position), 0) + 1 as next from event) cross join ledger_start where id = 1";

    const HAS_VERSION: &'static str =
        "select count(*) as count from sqlite_master where name = '_sqlx_migrations'";

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
        // The lock that sqlx takes on PostgreSQL is nothing on SQLite: a transaction that writes is one.
        let mut transaction = connection.begin_with(Self::BEGIN).await?;
        MIGRATIONS
            .run_direct(None, &mut *transaction, false)
            .await?;
        Ok(transaction.commit().await?)
    }

    fn json_instant(moment: domain::Instant) -> Value {
        column::micros(moment).into()
    }

    fn rows_affected(result: &Self::QueryResult) -> u64 {
        result.rows_affected()
    }

    async fn find(
        connection: &mut SqliteConnection,
        hashes: &[TokenHash],
    ) -> Result<Vec<tokens::Row>> {
        let mut rows = Vec::new();
        for hash in hashes {
            let row = sqlx::query_as(FIND).bind(&hash.0[..]);
            rows.extend(row.fetch_optional(&mut *connection).await?);
        }
        Ok(rows)
    }

    async fn revoked(
        connection: &mut SqliteConnection,
        hashes: &[TokenHash],
    ) -> Result<Vec<revoked_tokens::Row>> {
        let mut rows = Vec::new();
        for hash in hashes {
            let row = sqlx::query_as(IS_REVOKED).bind(&hash.0[..]);
            rows.extend(row.fetch_optional(&mut *connection).await?);
        }
        Ok(rows)
    }

    async fn load(
        connection: &mut SqliteConnection,
        asked: &[(UserId, Selection)],
    ) -> Result<Vec<Result<Loaded>>> {
        let mut loaded = Vec::new();
        for (user, selection) in asked {
            let user = user.as_str();
            let query = match selection {
                Selection::Named(names) => sqlx::query(LOAD_NAMED).bind(user).bind(Json(names)),
                Selection::OwnedBy(service) => {
                    sqlx::query(LOAD_OWNED).bind(user).bind(service.as_str())
                }
                Selection::All => sqlx::query(LOAD_ALL).bind(user),
            };
            let rows = query.fetch_all(&mut *connection).await?;
            let mut answers = Answers::to(1);
            rows.iter().try_for_each(|row| answers.add(row))?;
            loaded.extend(answers.done());
        }
        Ok(loaded)
    }

    async fn seen(
        connection: &mut SqliteConnection,
        attributes: &[(UserId, String)],
    ) -> Result<Vec<checks::Row>> {
        let rows = sqlx::query_as(SEEN).bind(Json(attributes));
        Ok(rows.fetch_all(connection).await?)
    }

    async fn prune(
        connection: &mut SqliteConnection,
        start: &Position,
        passed: &[Entry],
    ) -> Result<()> {
        let Some((rows, end)) = pruning::passed(passed) else {
            return Ok(());
        };
        let mut transaction = connection.begin_with(Self::BEGIN).await?;
        let moved = sqlx::query(PRUNE_MOVE)
            .bind(start.transaction)
            .bind(&start.user)
            .bind(start.revision)
            .bind(start.number)
            .bind(end.transaction)
            .bind(&end.user)
            .bind(end.revision)
            .bind(end.number)
            .execute(&mut *transaction)
            .await?;
        if moved.rows_affected() == 0 {
            return Err(Error::Stale);
        }
        for statement in [PRUNE_TELL, PRUNE_DELETE] {
            let statement = sqlx::query(statement).bind(Json(&rows));
            statement.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn commit(
        connection: &mut SqliteConnection,
        changes: &[(UserId, Change)],
    ) -> Result<Vec<Result<()>>> {
        let mut transaction = connection.begin_with(Sqlite::BEGIN).await?;
        let mut answers = Vec::new();
        for (user, change) in changes {
            answers.push(write(&mut transaction, user, change).await?);
        }
        transaction.commit().await?;
        Ok(answers)
    }
}

/// Writes a change, unless it is stale.
async fn write(
    connection: &mut SqliteConnection,
    user: &UserId,
    change: &Change,
) -> Result<Result<()>> {
    let moved = sqlx::query(MOVE)
        .bind(user.as_str())
        .bind(change.revision)
        .execute(&mut *connection)
        .await?;
    if moved.rows_affected() == 0 {
        return Ok(Err(Error::Stale));
    }
    let documents = Documents::of::<Sqlite>(std::iter::once(change));
    for (list, statement) in statements(user, change, &documents) {
        if list.as_array().is_some_and(|rows| !rows.is_empty()) {
            statement.execute(&mut *connection).await?;
        }
    }
    Ok(Ok(()))
}

/// What writes each list of the change, in this order.
fn statements<'d>(
    user: &UserId,
    change: &Change,
    documents: &'d Documents,
) -> Vec<(&'d Value, Query<'static, Sqlite, SqliteArguments>)> {
    let stamp = &change.stamp;
    let with = |sql, list: &Value| {
        sqlx::query(sql)
            .bind(user.as_str().to_owned())
            .bind(list.to_string())
    };
    vec![
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
        (
            &documents.withdrawals,
            with(WITHDRAWALS, &documents.withdrawals),
        ),
        (&documents.tokens, with(TOKENS, &documents.tokens)),
        (&documents.records, with(RECORDS, &documents.records)),
    ]
}

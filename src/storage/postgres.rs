//! What only PostgreSQL does, or does its own way: each operation on several users at once, in one statement and one
//! round trip. What is asked is arrays with an element a user; what differs in number from user to user is JSON, whose
//! rows tell by `item`, counted from 1, to which user they belong.

use super::{
    Engine, Error, Loaded, Result, Selection, checks,
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
use serde_json::{Value, json};
use sqlx::{PgConnection, Postgres, migrate::Migrator};

/// Every part of the statement reads from `moved`, which lacks the users whose compare fails: nothing is written of
/// them then. The revisions are raised in the order of the users, so that two such statements do not wait for each
/// other.
const COMMIT: &str = concat!(
    include_str!("postgres/commit.sql"),
    "select item from moved"
);

/// The same for changes of which some are to be remembered, or withdraw something: most do neither, and each part of a
/// statement costs.
const COMMIT_AND_REMEMBER: &str = concat!(
    include_str!("postgres/commit.sql"),
    include_str!("postgres/records.sql"),
    include_str!("postgres/withdrawals.sql"),
    "select item from moved"
);

const SEEN: &str = "
    select item, coalesce(stands.revision, 0) as revision, generation, owner, active
    from unnest($1::text[], $2::text[]) with ordinality as a (user_id, name, item)
    left join lateral (select revision from user_revision where user_id = a.user_id offset 0) as stands on true
    left join lateral (select generation, owner, active from attribute
                       where user_id = a.user_id and name = a.name offset 0) as attribute on true";

const PRUNE: &str = include_str!("postgres/prune.sql");

const FIND: &str = tokens::select!("where hash = any ($1)");
const REVOKED: &str = revoked_tokens::select!("where hash = any ($1)");

/// A load for the users in `$1`, with the argument of each in `$2`. A lateral query reads what is of one user by the
/// index that begins with the user, whatever the planner thinks of the number of users.
macro_rules! load_many {
    ($attribute:literal, $offer:literal) => {
        load!(
            asked: "with asked as (
                        select item, user_id, argument
                        from unnest($1::text[], $2::jsonb[]) with ordinality as a (user_id, argument, item)
                    ) ",
            item: "item",
            attribute: "from asked cross join lateral (
                            select * from attribute where user_id = asked.user_id " $attribute " offset 0) as attribute",
            offer: "from asked cross join lateral (
                        select * from offer where user_id = asked.user_id " $offer " offset 0) as offer",
            connection: "from asked cross join lateral (
                             select * from connection where user_id = asked.user_id offset 0) as connection",
            withdrawal: "from asked cross join lateral (
                             select * from withdrawal where user_id = asked.user_id offset 0) as withdrawal",
            revision_of: "asked.user_id",
            user: "from asked cross join catalog_version where catalog_version.id = 1",
        )
    };
}

const LOAD_NAMED: &str = load_many!(
    "and name = any (array(select jsonb_array_elements_text(asked.argument)))",
    "and attribute = any (array(select jsonb_array_elements_text(asked.argument)))"
);
/// `is true` keeps the planner from making a join of the two, which it would choose by its guess at how many offers a
/// user has: of a large table that guess is bad, and each offer would then be a descent of the index.
const LOAD_OWNED: &str = load_many!(
    "and owner = asked.argument->>0",
    "and (attribute in (select name from attribute
                        where user_id = asked.user_id and owner = asked.argument->>0)) is true"
);
const LOAD_ALL: &str = load_many!("", "");

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");

#[async_trait::async_trait]
impl Engine for Postgres {
    const EMBEDDED: bool = false;
    const BEGIN: &'static str = "BEGIN";
    const GATHERS_READS: bool = true;
    const UPSERT_CATALOG: &'static str = "
        insert into catalog_entry (kind, name, definition)
        select r.kind, r.name, r.definition
        from jsonb_to_recordset($1) as r (kind text, name text, definition text)
        on conflict (kind, name) do update set definition = excluded.definition";

    const END_REMOVALS: &'static str = "
        delete from removal where service in (
            select r.name from jsonb_to_recordset($1) as r (kind text, name text) where r.kind = 'service')";

    const HORIZON: &'static str = "
        select pg_snapshot_xmin(now)::text::bigint as complete, pg_snapshot_xmax(now)::text::bigint as seen,
               position, user_id, revision, number
        from pg_current_snapshot() as now cross join ledger_start where id = 1";

    const HAS_VERSION: &'static str = "select count(*) as count from information_schema.tables
        where table_schema = current_schema() and table_name = '_sqlx_migrations'";

    fn migrations() -> &'static Migrator {
        &MIGRATIONS
    }

    async fn migrate(connection: &mut PgConnection) -> Result<()> {
        Ok(MIGRATIONS.run_direct(None, connection, false).await?)
    }

    fn json_instant(moment: domain::Instant) -> Value {
        let text = moment.format(&time::format_description::well_known::Rfc3339);
        text.map_or(Value::Null, Value::String)
    }

    fn rows_affected(result: &Self::QueryResult) -> u64 {
        result.rows_affected()
    }

    async fn find(connection: &mut PgConnection, hashes: &[TokenHash]) -> Result<Vec<tokens::Row>> {
        let rows = sqlx::query_as(FIND).bind(bytes(hashes));
        Ok(rows.fetch_all(connection).await?)
    }

    async fn revoked(
        connection: &mut PgConnection,
        hashes: &[TokenHash],
    ) -> Result<Vec<revoked_tokens::Row>> {
        let rows = sqlx::query_as(REVOKED).bind(bytes(hashes));
        Ok(rows.fetch_all(connection).await?)
    }

    async fn load(
        connection: &mut PgConnection,
        asked: &[(UserId, Selection)],
    ) -> Result<Vec<Result<Loaded>>> {
        let text = match asked.first() {
            Some((_, Selection::Named(_))) => LOAD_NAMED,
            Some((_, Selection::OwnedBy(_))) => LOAD_OWNED,
            _ => LOAD_ALL,
        };
        let users: Vec<&str> = asked.iter().map(|(user, _)| user.as_str()).collect();
        let arguments: Vec<Value> = asked
            .iter()
            .map(|(_, selection)| argument(selection))
            .collect();
        let rows = sqlx::query(text)
            .bind(users)
            .bind(arguments)
            .fetch_all(connection)
            .await?;
        let mut answers = Answers::to(asked.len());
        rows.iter().try_for_each(|row| answers.add(row))?;
        Ok(answers.done())
    }

    async fn seen(
        connection: &mut PgConnection,
        attributes: &[(UserId, String)],
    ) -> Result<Vec<checks::Row>> {
        let (users, names): (Vec<_>, Vec<_>) = attributes
            .iter()
            .map(|(user, name)| (user.as_str(), name.as_str()))
            .unzip();
        let rows = sqlx::query_as(SEEN).bind(users).bind(names);
        Ok(rows.fetch_all(connection).await?)
    }

    async fn prune(
        connection: &mut PgConnection,
        start: &Position,
        passed: &[Entry],
    ) -> Result<()> {
        let Some((rows, end)) = pruning::passed(passed) else {
            return Ok(());
        };
        let moved = sqlx::query(PRUNE)
            .bind(start.transaction)
            .bind(&start.user)
            .bind(start.revision)
            .bind(start.number)
            .bind(end.transaction)
            .bind(&end.user)
            .bind(end.revision)
            .bind(end.number)
            .bind(rows)
            .fetch_optional(connection)
            .await?;
        moved.map(drop).ok_or(Error::Stale)
    }

    async fn commit(
        connection: &mut PgConnection,
        changes: &[(UserId, Change)],
    ) -> Result<Vec<Result<()>>> {
        let documents = Documents::of::<Postgres>(changes.iter().map(|(_, change)| change));
        let stamps = || changes.iter().map(|(_, change)| &change.stamp);
        let remembers = |change: &Change| change.record.is_some() || !change.withdrawals.is_empty();
        let remembers = changes.iter().any(|(_, change)| remembers(change));
        let text = if remembers {
            COMMIT_AND_REMEMBER
        } else {
            COMMIT
        };
        let statement = sqlx::query_scalar(text)
            .bind(
                changes
                    .iter()
                    .map(|(user, _)| user.as_str())
                    .collect::<Vec<_>>(),
            )
            .bind(
                changes
                    .iter()
                    .map(|(_, change)| change.revision)
                    .collect::<Vec<_>>(),
            )
            .bind(
                stamps()
                    .map(|stamp| stamp.actor.to_string())
                    .collect::<Vec<_>>(),
            )
            .bind(
                stamps()
                    .map(|stamp| stamp.request_id.as_str())
                    .collect::<Vec<_>>(),
            )
            .bind(stamps().map(|stamp| stamp.at).collect::<Vec<_>>())
            .bind(documents.attributes)
            .bind(documents.offers)
            .bind(documents.events)
            .bind(documents.forgotten)
            .bind(documents.connections)
            .bind(documents.disconnected)
            .bind(documents.tokens);
        let statement = if remembers {
            let with_records = statement.bind(documents.records);
            with_records.bind(documents.withdrawals)
        } else {
            statement
        };
        let moved: Vec<i64> = statement.fetch_all(connection).await?;
        let mut answers: Vec<_> = changes.iter().map(|_| Err(Error::Stale)).collect();
        for item in moved {
            let index = usize::try_from(item - 1).unwrap_or(usize::MAX);
            if let Some(answer) = answers.get_mut(index) {
                *answer = Ok(());
            }
        }
        Ok(answers)
    }
}

fn bytes(hashes: &[TokenHash]) -> Vec<&[u8]> {
    hashes.iter().map(|hash| &hash.0[..]).collect()
}

fn argument(selection: &Selection) -> Value {
    match selection {
        Selection::Named(names) => json!(names),
        Selection::OwnedBy(service) => json!([service]),
        Selection::All => json!([]),
    }
}

//! The ledger in SQL. One text for both engines; only how far the feed can be read is each engine's own.

use super::{
    Engine, Error, Ledger, Result, SqlStore,
    column::{Column, Instant},
};
use crate::domain::{
    event::{Event, Stamp},
    ledger::{Entry, Events, Horizon, Position, Query},
    name::{AttributeName, ServiceName, UserId},
};
use sqlx::{Executor, FromRow, IntoArguments};

/// The columns of an event, which is what the statement calls `event`.
macro_rules! columns {
    () => {
        "event.position, event.user_id, event.revision, event.number, event.attribute, event.from_owner,
         event.to_owner, event.generation, event.active, event.manual, event.pinned, event.cause, event.actor,
         event.request_id, event.at"
    };
}

/// A page of the events of the user `$1`, and in each of its rows how the user stands; a row without an event if there
/// is none. One statement, so that it is all of one moment.
macro_rules! events {
    ($after:literal, $order:literal) => {
        concat!(
            "select coalesce(stands.revision, 0) as stands_at,
                    coalesce(stands.complete_after, 0) as complete_after, ",
            columns!(),
            " from (select 1 as one) as one
              left join user_revision as stands on stands.user_id = $1
              left join (
                  select * from event
                  where user_id = $1 and revision > $2 and (revision, number) ",
            $after,
            " ($3, $4) and ($5 = '' or attribute = $5) and ($6 = '' or from_owner = $6 or to_owner = $6)
                    and ($7 is null or at <= $7)
                  order by user_id, revision ",
            $order,
            ", number ",
            $order,
            " limit $8) as event on true order by event.revision ",
            $order,
            ", event.number ",
            $order
        )
    };
}

const OLDEST_FIRST: &str = events!(">", "");
const NEWEST_FIRST: &str = events!("<", "desc");

const FEED: &str = concat!(
    "select ",
    columns!(),
    " from event where (position, user_id, revision, number) > ($1, $2, $3, $4) and position < $5
      order by position, user_id, revision, number limit $6"
);
/// A user's events have the order of their revisions, so the page after an event of theirs begins at its revision, `$8`,
/// and costs no more than its own rows.
const FEED_OF_USER: &str = concat!(
    "select ",
    columns!(),
    " from event where (position, user_id, revision, number) > ($1, $2, $3, $4) and position < $5
                   and user_id = $7 and revision >= $8
      order by revision, number limit $6"
);

const PLACE_OF: &str = "select position, user_id, revision, number from event
                        where user_id = $1 and revision <= $2
                        order by user_id, revision desc, number desc limit 1";

/// How a user stands, beside an event if there is one.
#[derive(FromRow)]
pub(super) struct Beside {
    stands_at: i64,
    complete_after: i64,
    revision: Option<i64>,
}

#[derive(FromRow)]
pub(super) struct PlaceRow {
    position: i64,
    user_id: String,
    revision: i64,
    number: i32,
}

#[derive(FromRow)]
pub(super) struct HorizonRow {
    #[sqlx(flatten)]
    start: PlaceRow,
    complete: i64,
    seen: i64,
}

#[derive(FromRow)]
pub(super) struct EventRow {
    #[sqlx(flatten)]
    place: PlaceRow,
    attribute: String,
    from_owner: Option<String>,
    to_owner: Option<String>,
    generation: i64,
    active: bool,
    manual: bool,
    pinned: bool,
    cause: String,
    actor: String,
    request_id: String,
    at: Instant,
}

#[async_trait::async_trait]
impl<DB: Engine> Ledger for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    String: Column<DB>,
    i64: Column<DB>,
    Instant: Column<DB>,
    Option<Instant>: Column<DB>,
    Beside: for<'r> FromRow<'r, DB::Row>,
    PlaceRow: for<'r> FromRow<'r, DB::Row>,
    HorizonRow: for<'r> FromRow<'r, DB::Row>,
    EventRow: for<'r> FromRow<'r, DB::Row>,
{
    async fn events(&self, user: &UserId, query: &Query) -> Result<Events> {
        let (text, first) = if query.newest_first {
            (NEWEST_FIRST, (i64::MAX, i32::MAX))
        } else {
            (OLDEST_FIRST, (-1, 0))
        };
        let (revision, number) = query.page_after.unwrap_or(first);
        let attribute = query.attribute.as_ref().map(AttributeName::as_str);
        let concerning = query.concerning.as_ref().map(ServiceName::as_str);
        let mut lease = self.read.lease().await?;
        let rows = sqlx::query(text)
            .bind(user.as_str().to_owned())
            .bind(query.after_revision)
            .bind(revision)
            .bind(i64::from(number))
            .bind(attribute.unwrap_or_default().to_owned())
            .bind(concerning.unwrap_or_default().to_owned())
            .bind(query.until.map(Instant))
            .bind(i64::from(query.limit))
            .fetch_all(lease.connection())
            .await;
        let mut events = Events::default();
        for row in lease.end(rows)? {
            let beside = Beside::from_row(&row)?;
            events.revision = beside.stands_at;
            events.complete_after = beside.complete_after;
            if beside.revision.is_some() {
                events.entries.push(EventRow::from_row(&row)?.try_into()?);
            }
        }
        Ok(events)
    }

    async fn horizon(&self) -> Result<Horizon> {
        let mut lease = self.read.lease().await?;
        let row = sqlx::query_as(DB::HORIZON)
            .fetch_one(lease.connection())
            .await;
        let row: HorizonRow = lease.end(row)?;
        Ok(Horizon {
            start: row.start.into(),
            complete: row.complete,
            seen: row.seen,
        })
    }

    async fn feed(
        &self,
        after: &Position,
        complete: i64,
        user: Option<&UserId>,
        limit: u32,
    ) -> Result<Vec<Entry>> {
        let text = user.map_or(FEED, |_| FEED_OF_USER);
        let statement = sqlx::query_as(text)
            .bind(after.transaction)
            .bind(after.user.clone())
            .bind(after.revision)
            .bind(i64::from(after.number))
            .bind(complete)
            .bind(i64::from(limit));
        let statement = match user {
            Some(user) => {
                let is_theirs = after.user == user.as_str();
                let from = if is_theirs { after.revision } else { 0 };
                statement.bind(user.as_str().to_owned()).bind(from)
            }
            None => statement,
        };
        let mut lease = self.read.lease().await?;
        let rows = statement.fetch_all(lease.connection()).await;
        let rows: Vec<EventRow> = lease.end(rows)?;
        rows.into_iter().map(Entry::try_from).collect()
    }

    async fn place_of(&self, user: &UserId, revision: i64) -> Result<Position> {
        let mut lease = self.read.lease().await?;
        let row = sqlx::query_as(PLACE_OF)
            .bind(user.as_str().to_owned())
            .bind(revision)
            .fetch_optional(lease.connection())
            .await;
        let row: Option<PlaceRow> = lease.end(row)?;
        Ok(row.map_or_else(
            || Position {
                user: user.to_string(),
                ..Position::default()
            },
            Position::from,
        ))
    }

    async fn prune(&self, start: &Position, passed: &[Entry]) -> Result<()> {
        let mut lease = self.write.lease().await?;
        let pruned = DB::prune(lease.connection(), start, passed).await;
        lease.end(pruned)
    }
}

impl From<PlaceRow> for Position {
    fn from(row: PlaceRow) -> Self {
        Self {
            transaction: row.position,
            user: row.user_id,
            revision: row.revision,
            number: row.number,
        }
    }
}

impl TryFrom<EventRow> for Entry {
    type Error = Error;
    fn try_from(row: EventRow) -> Result<Self> {
        Ok(Self {
            position: row.place.into(),
            event: Event {
                attribute: AttributeName::parse(row.attribute)?,
                from: row.from_owner.map(ServiceName::parse).transpose()?,
                to: row.to_owner.map(ServiceName::parse).transpose()?,
                generation: row.generation,
                active: row.active,
                manual: row.manual,
                pinned: row.pinned,
                cause: row.cause.parse()?,
            },
            stamp: Stamp {
                actor: row.actor.parse()?,
                request_id: row.request_id,
                at: row.at.0,
            },
        })
    }
}

//! Users in SQL: loading a state, for both engines.

/// The text that loads a user's state: one statement, so that it sees one moment and costs one round trip. Its rows
/// are of four kinds, which share the columns that mean the same. The arguments narrow the attributes, and the
/// offers.
macro_rules! load {
    ($attribute:literal, $offer:literal) => {
        concat!(
            "select 1 as kind, name as attribute, owner as service, template, label, group_name, value_type,
                    priority, manual, active, pinned, generation, owned_since as since,
                    cast(null as text) as scopes, cast(null as boolean) as offered,
                    cast(null as boolean) as declined, cast(null as bigint) as revision,
                    cast(null as integer) as rank, cast(null as bigint) as catalog_version
             from attribute where user_id = $1 ",
            $attribute,
            " union all
             select 2, attribute, service, null, null, null, null, null, manual, null, null, null, null, null,
                    offered, declined, last_owned, rank, null
             from offer where user_id = $1 ",
            $offer,
            " union all
             select 3, null, service, null, null, null, null, null, null, null, null, null, since, scopes,
                    null, null, null, null, null
             from connection where user_id = $1
             union all
             select 4, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                    coalesce((select revision from user_revision where user_id = $1), 0), null, version
             from catalog_version"
        )
    };
}
pub(super) use load;

use super::{
    Engine, Error, Loaded, Result, Selection, SqlStore, Users,
    column::{Column, Instant},
};
use crate::domain::{
    attribute::{Attribute, Owner},
    change::Change,
    name::{AttributeName, ServiceName, UserId},
    scope::Scopes,
    state::{Connection, Offer, UserState},
};
use sqlx::{Executor, FromRow, IntoArguments, types::Json};

const LOAD_OWNED: &str = load!(
    "and owner = $2",
    "and attribute in (select name from attribute where user_id = $1 and owner = $2)"
);
const LOAD_ALL: &str = load!("", "");

const CONNECTED: &str = "select user_id from connection where service = $1 and user_id > $2
                         order by user_id limit $3";

/// A user who has a service connected.
#[derive(FromRow)]
pub(super) struct Connected {
    user_id: String,
}

/// A row of [`load!`]. Which columns are there depends on its kind.
#[derive(FromRow)]
pub(super) struct Row {
    kind: i32,
    attribute: Option<String>,
    service: Option<String>,
    template: Option<String>,
    label: Option<String>,
    group_name: Option<String>,
    value_type: Option<i32>,
    priority: Option<i32>,
    manual: Option<bool>,
    active: Option<bool>,
    pinned: Option<bool>,
    generation: Option<i64>,
    since: Option<Instant>,
    scopes: Option<String>,
    offered: Option<bool>,
    declined: Option<bool>,
    revision: Option<i64>,
    rank: Option<i32>,
    catalog_version: Option<i64>,
}

#[async_trait::async_trait]
impl<DB: Engine> Users for SqlStore<DB>
where
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    DB::Arguments: IntoArguments<DB>,
    String: Column<DB>,
    i64: Column<DB>,
    Json<Vec<AttributeName>>: Column<DB>,
    Row: for<'r> FromRow<'r, DB::Row>,
    Connected: for<'r> FromRow<'r, DB::Row>,
{
    async fn load(&self, user: &UserId, selection: &Selection) -> Result<Loaded> {
        let user = user.as_str().to_owned();
        let query = match selection {
            Selection::Named(names) => sqlx::query_as(DB::LOAD_NAMED)
                .bind(user)
                .bind(Json(names.clone())),
            Selection::OwnedBy(service) => sqlx::query_as(LOAD_OWNED)
                .bind(user)
                .bind(service.as_str().to_owned()),
            Selection::All => sqlx::query_as(LOAD_ALL).bind(user),
        };
        let mut lease = self.read.lease().await?;
        let rows = query.fetch_all(lease.connection()).await;
        loaded(lease.end(rows)?)
    }

    async fn commit(&self, user: &UserId, change: &Change) -> Result<()> {
        let mut lease = self.write.lease().await?;
        let committed = DB::commit(lease.connection(), user, change).await;
        lease.end(committed)
    }

    async fn connected(
        &self,
        service: &ServiceName,
        after: &str,
        limit: u32,
    ) -> Result<Vec<UserId>> {
        let mut lease = self.read.lease().await?;
        let rows = sqlx::query_as(CONNECTED)
            .bind(service.as_str().to_owned())
            .bind(after.to_owned())
            .bind(i64::from(limit))
            .fetch_all(lease.connection())
            .await;
        let rows: Vec<Connected> = lease.end(rows)?;
        let user = |row: Connected| parsed("connection", Some(row.user_id));
        rows.into_iter().map(user).collect()
    }
}

fn loaded(rows: Vec<Row>) -> Result<Loaded> {
    let mut loaded = Loaded {
        state: UserState::default(),
        catalog_version: 0,
    };
    let state = &mut loaded.state;
    for mut row in rows {
        match row.kind {
            1 => {
                let attribute = row.attribute()?;
                state.attributes.insert(attribute.name.clone(), attribute);
            }
            2 => {
                let key = (row.name("offer")?, row.service("offer")?);
                state.offers.insert(key, row.offer());
            }
            3 => {
                let service = row.service("connection")?;
                state.connections.insert(service, row.connection()?);
            }
            _ => {
                state.revision = row.revision.unwrap_or_default();
                loaded.catalog_version = row.catalog_version.unwrap_or_default();
            }
        }
    }
    Ok(loaded)
}

/// The value of a column that this kind of row has.
fn present<T>(table: &'static str, value: Option<T>) -> Result<T> {
    value.ok_or_else(|| Error::Inconsistent {
        table,
        reason: "a column is null".to_owned(),
    })
}

/// The value of a column whose text has a form.
fn parsed<T, R>(table: &'static str, raw: Option<R>) -> Result<T>
where
    T: TryFrom<R>,
    T::Error: std::fmt::Display,
{
    T::try_from(present(table, raw)?).map_err(|error| Error::Inconsistent {
        table,
        reason: error.to_string(),
    })
}

impl Row {
    fn name(&mut self, table: &'static str) -> Result<AttributeName> {
        parsed(table, self.attribute.take())
    }

    fn service(&mut self, table: &'static str) -> Result<ServiceName> {
        parsed(table, self.service.take())
    }

    fn attribute(&mut self) -> Result<Attribute> {
        const TABLE: &str = "attribute";
        let owner = match self.service {
            None => None,
            Some(_) => Some(Owner {
                service: self.service(TABLE)?,
                since: present(TABLE, self.since.take())?.0,
                active: present(TABLE, self.active)?,
                pinned: present(TABLE, self.pinned)?,
            }),
        };
        let template = self.template.take();
        Ok(Attribute {
            name: self.name(TABLE)?,
            template: template.map(|t| parsed(TABLE, Some(t))).transpose()?,
            label: parsed(TABLE, self.label.take())?,
            group: parsed(TABLE, self.group_name.take())?,
            value_type: parsed(TABLE, self.value_type)?,
            priority: parsed(TABLE, self.priority)?,
            manual: present(TABLE, self.manual)?,
            generation: present(TABLE, self.generation)?,
            owner,
        })
    }

    fn offer(&self) -> Offer {
        Offer {
            offered: self.offered.unwrap_or_default(),
            declined: self.declined.unwrap_or_default(),
            manual: self.manual,
            last_owned: self.revision,
            rank: self.rank,
        }
    }

    fn connection(&mut self) -> Result<Connection> {
        const TABLE: &str = "connection";
        Ok(Connection {
            scopes: Scopes::from(present(TABLE, self.scopes.take())?),
            since: present(TABLE, self.since.take())?.0,
        })
    }
}

//! The rows of a load, taken apart. Every request that reads does this, for each of its rows: so columns are found by
//! their place, only those that a kind of row has are looked at, and text is not copied before it is a name.

use super::{Error, Loaded, Result, column::Instant};
use crate::domain::{
    attribute::{Attribute, Owner},
    name::{AttributeName, GroupName, InvalidName, Label, ServiceName, TemplateName},
    scope::Scopes,
    state::{Connection, Offer},
    value_type::ValueType,
    withdrawal::Withdrawal,
};
use sqlx::{ColumnIndex, Decode, Row};

/// The text that loads the state of users: one statement, so that it sees one moment and costs one round trip. Its
/// rows are of five kinds, which share the columns that mean the same. The arguments say what comes before, how a row
/// tells whose it is, and where the rows of each kind come from.
macro_rules! load {
    (
        asked: $($asked:literal)*, item: $item:literal, attribute: $($attribute:literal)+, offer: $($offer:literal)+,
        connection: $($connection:literal)+, withdrawal: $($withdrawal:literal)+, revision_of: $user:literal, user: $from:literal $(,)?
    ) => {
        concat!(
            $($asked,)*
            "select ", $item, " as item, 1 as kind, name as attribute, owner as service, template, label, group_name,
                    value_type, priority, manual, active, pinned, generation, owned_since as since,
                    cast(null as text) as scopes, cast(null as boolean) as offered,
                    cast(null as boolean) as declined, cast(null as bigint) as revision,
                    cast(null as integer) as rank, cast(null as bigint) as catalog_version,
                    cast(null as timestamptz) as narrowed_at ",
            $($attribute,)+
            " union all
             select ", $item, ", 2, attribute, service, null, null, null, null, null, manual, null, null, null, null,
                    null, offered, declined, last_owned, rank, null, null ",
            $($offer,)+
            " union all
             select ", $item, ", 3, null, service, null, null, null, null, null, null, null, null, null, since, scopes,
                    null, null, null, null, null, null ",
            $($connection,)+
            " union all
             select ", $item, ", 4, null, null, null, null, null, null, null, null, null, null, null, null, null,
                    null, null, coalesce((select revision from user_revision where user_id = ", $user, "), 0), null,
                    version, null ",
            $from,
            " union all
             select ", $item, ", 5, null, service, null, null, null, null, null, null, null, null, null,
                    disconnected_at, null, null, null, null, null, null, narrowed_at ",
            $($withdrawal),+
        )
    };
}
pub(super) use load;

/// What was loaded for each of several users, in the order in which they were asked for.
pub(super) struct Answers(Vec<Result<Loaded>>);

impl Answers {
    /// Nothing yet, for so many.
    pub(super) fn to(users: usize) -> Self {
        Self((0..users).map(|_| Ok(Loaded::default())).collect())
    }

    /// Adds what a row tells to what others have told of its user. A row that makes no sense spoils that user's.
    pub(super) fn add(&mut self, row: &impl LoadRow) -> Result<()> {
        let item = usize::try_from(row.item()? - 1).map_err(inconsistent)?;
        if let Some(Ok(loaded)) = self.0.get_mut(item)
            && let Err(error) = row.add_to(loaded)
        {
            self.0[item] = Err(error);
        }
        Ok(())
    }

    /// All of it.
    pub(super) fn done(self) -> Vec<Result<Loaded>> {
        self.0
    }
}

/// The columns of [`load!`], by their place.
#[derive(Clone, Copy)]
enum Column {
    Item,
    Kind,
    Attribute,
    Service,
    Template,
    Label,
    Group,
    ValueType,
    Priority,
    Manual,
    Active,
    Pinned,
    Generation,
    Since,
    Scopes,
    Offered,
    Declined,
    Revision,
    Rank,
    CatalogVersion,
    NarrowedAt,
}

/// A row of [`load!`], of either engine.
pub(super) trait LoadRow {
    /// Which of the users it is about, from 1.
    fn item(&self) -> Result<i64>;
    /// Adds what the row tells to what others have told.
    fn add_to(&self, loaded: &mut Loaded) -> Result<()>;
    /// Kind 1.
    fn attribute(&self) -> Result<Attribute>;
    /// Kind 2.
    fn offer(&self) -> Result<Offer>;
    /// Kind 3.
    fn connection(&self) -> Result<Connection>;
    /// Kind 5.
    fn withdrawal(&self) -> Result<Withdrawal>;
}

impl<R: Row> LoadRow for R
where
    usize: ColumnIndex<R>,
    for<'r> &'r str: Decode<'r, R::Database>,
    for<'r> i32: Decode<'r, R::Database>,
    for<'r> i64: Decode<'r, R::Database>,
    for<'r> bool: Decode<'r, R::Database>,
    for<'r> Instant: Decode<'r, R::Database>,
{
    fn item(&self) -> Result<i64> {
        get(self, Column::Item)
    }

    fn add_to(&self, loaded: &mut Loaded) -> Result<()> {
        let state = &mut loaded.state;
        match get(self, Column::Kind)? {
            1 => {
                let attribute = self.attribute()?;
                state.attributes.insert(attribute.name.clone(), attribute);
            }
            2 => {
                let attribute = AttributeName::parse(get::<_, &str>(self, Column::Attribute)?)?;
                let service = ServiceName::parse(get::<_, &str>(self, Column::Service)?)?;
                state.offers.insert((attribute, service), self.offer()?);
            }
            3 => {
                let service = ServiceName::parse(get::<_, &str>(self, Column::Service)?)?;
                state.connections.insert(service, self.connection()?);
            }
            5 => {
                let service = ServiceName::parse(get::<_, &str>(self, Column::Service)?)?;
                state.withdrawals.insert(service, self.withdrawal()?);
            }
            _ => {
                state.revision = get(self, Column::Revision)?;
                loaded.catalog_version = get(self, Column::CatalogVersion)?;
            }
        }
        Ok(())
    }

    fn attribute(&self) -> Result<Attribute> {
        let owner = match get::<_, Option<&str>>(self, Column::Service)? {
            None => None,
            Some(service) => Some(Owner {
                service: ServiceName::parse(service)?,
                since: get::<_, Instant>(self, Column::Since)?.0,
                active: get(self, Column::Active)?,
                pinned: get(self, Column::Pinned)?,
            }),
        };
        let template: Option<&str> = get(self, Column::Template)?;
        Ok(Attribute {
            name: AttributeName::parse(get::<_, &str>(self, Column::Attribute)?)?,
            template: template.map(TemplateName::parse).transpose()?,
            label: Label::parse(get::<_, &str>(self, Column::Label)?)?,
            group: GroupName::parse(get::<_, &str>(self, Column::Group)?)?,
            value_type: ValueType::try_from(get::<_, i32>(self, Column::ValueType)?)
                .map_err(inconsistent)?,
            priority: u16::try_from(get::<_, i32>(self, Column::Priority)?)
                .map_err(inconsistent)?,
            manual: get(self, Column::Manual)?,
            generation: get(self, Column::Generation)?,
            owner,
        })
    }

    fn offer(&self) -> Result<Offer> {
        Ok(Offer {
            offered: get(self, Column::Offered)?,
            declined: get(self, Column::Declined)?,
            manual: get(self, Column::Manual)?,
            last_owned: get(self, Column::Revision)?,
            rank: get(self, Column::Rank)?,
        })
    }

    fn connection(&self) -> Result<Connection> {
        Ok(Connection {
            scopes: Scopes::from(get::<_, &str>(self, Column::Scopes)?.to_owned()),
            since: get::<_, Instant>(self, Column::Since)?.0,
        })
    }

    fn withdrawal(&self) -> Result<Withdrawal> {
        let moment = |column| get::<_, Option<Instant>>(self, column);
        Ok(Withdrawal {
            disconnected_at: moment(Column::Since)?.map(|at| at.0),
            narrowed_at: moment(Column::NarrowedAt)?.map(|at| at.0),
        })
    }
}

/// The value of a column. Its type is what the statement says, so it is not compared once more.
fn get<'r, R: Row, T: Decode<'r, R::Database>>(row: &'r R, column: Column) -> Result<T>
where
    usize: ColumnIndex<R>,
{
    row.try_get_unchecked(column as usize).map_err(inconsistent)
}

impl From<InvalidName> for Error {
    fn from(error: InvalidName) -> Self {
        inconsistent(error)
    }
}

fn inconsistent(error: impl std::fmt::Display) -> Error {
    Error::Inconsistent {
        table: "attribute, offer, connection or withdrawal",
        reason: error.to_string(),
    }
}

//! Checks in SQL: how attributes stand, of as many users as are asked about.

use super::{Checks, Engine, Error, Result, SqlStore};
use crate::domain::{
    check::{Seen, Standing},
    name::{AttributeName, ServiceName, UserId},
};
use sqlx::{ColumnIndex, Decode, FromRow};

/// How the attribute of place `item`, from 1, stands. The columns are in this order.
pub(super) struct Row {
    item: i64,
    revision: i64,
    generation: Option<i64>,
    owner: Option<String>,
    active: Option<bool>,
}

/// By their places: to look for their names would cost more than all else of a row.
impl<'r, R: sqlx::Row> FromRow<'r, R> for Row
where
    usize: ColumnIndex<R>,
    i64: Decode<'r, R::Database>,
    String: Decode<'r, R::Database>,
    bool: Decode<'r, R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            item: row.try_get_unchecked(0)?,
            revision: row.try_get_unchecked(1)?,
            generation: row.try_get_unchecked(2)?,
            owner: row.try_get_unchecked(3)?,
            active: row.try_get_unchecked(4)?,
        })
    }
}

#[async_trait::async_trait]
impl<DB: Engine> Checks for SqlStore<DB> {
    async fn seen(&self, mut attributes: Vec<(UserId, String)>) -> Result<Vec<Seen>> {
        for (_, name) in &mut attributes {
            // What is no attribute's name cannot be found, and could not always be asked for.
            if AttributeName::parse(name.as_str()).is_err() {
                name.clear();
            }
        }
        self.gathered.seen(attributes).await
    }
}

/// What the rows tell, in the order of the items.
pub(super) fn in_order(rows: Vec<Row>, items: usize) -> Result<Vec<Seen>> {
    let mut seen = vec![Seen::default(); items];
    for row in rows {
        let place = usize::try_from(row.item - 1).ok();
        if let Some(place) = place.and_then(|place| seen.get_mut(place)) {
            *place = Seen::try_from(row)?;
        }
    }
    Ok(seen)
}

impl TryFrom<Row> for Seen {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let standing = match row.generation {
            None => None,
            Some(generation) => Some(Standing {
                owner: row.owner.map(ServiceName::parse).transpose()?,
                generation,
                active: row.active.unwrap_or_default(),
            }),
        };
        Ok(Self {
            standing,
            revision: row.revision,
        })
    }
}

//! Pages by number (the contract, Owned): where they begin, and the links between them.

use super::{
    links,
    query::{Query, number},
};
use crate::{config::Origin, problem::Problem};
use http::Uri;

/// The default and the largest `limit`.
const LIMIT: (u64, u64) = (20, 100);

/// Which page is asked for: its number, from 1, and how many entries it has at most.
#[derive(Clone, Copy)]
pub(super) struct Page {
    number: u64,
    limit: u64,
    skip: i64,
}

impl Page {
    pub(super) fn of(query: &Query<'_>) -> Result<Self, Problem> {
        let limit = query.limit(LIMIT)?;
        let number = match query.last("page") {
            None => Some(1),
            Some(text) => number(text).filter(|number| *number > 0),
        };
        let number = number.ok_or_else(Problem::invalid_page)?;
        let skip = (number - 1).checked_mul(limit);
        let skip = skip.and_then(|skip| i64::try_from(skip).ok());
        Ok(Self {
            number,
            limit,
            skip: skip.ok_or_else(Problem::invalid_page)?,
        })
    }

    /// How many entries it has at most.
    pub(super) fn size(self) -> i32 {
        i32::try_from(self.limit).unwrap_or(i32::MAX)
    }

    /// How many entries are on the pages before.
    pub(super) fn skip(self) -> i64 {
        self.skip
    }

    /// The page as it is answered: with how many entries there are on all pages together, and these of them.
    pub(super) fn body(
        self,
        total: i64,
        entries: &[String],
        origin: &Origin,
        uri: &Uri,
    ) -> Result<String, Problem> {
        let total = total.max(0);
        if self.number > 1 && self.skip >= total {
            return Err(Problem::invalid_page());
        }
        let link = |is_there: bool, number| {
            serde_json::Value::from(is_there.then(|| links::numbered(origin, uri, number)))
        };
        let has_next = total - self.skip.min(total) > i64::from(self.size());
        let has_previous = self.number > 1;
        let next = link(has_next, self.number + 1);
        let previous = link(has_previous, self.number.saturating_sub(1));
        let results = entries.join(",");
        Ok(format!(
            "{{\"count\":{total},\"next\":{next},\"previous\":{previous},\"results\":[{results}]}}"
        ))
    }
}

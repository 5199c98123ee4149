//! Pages by number (the contract, Owned): where they begin, and the links between them.

use super::{
    links,
    problem::Problem,
    query::{Query, number},
};
use crate::config::Origin;
use http::Uri;

/// The default and the largest `limit`.
const LIMIT: (u64, u64) = (20, 100);

/// Which page is asked for: its number, from 1, and how many entries it has at most.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    number: u64,
    limit: u64,
    skip: i64,
}

impl Page {
    /// The page that `page` and `limit` ask for: the first, of 20 entries, by default; of 100 at most.
    ///
    /// # Errors
    /// 400 where `limit` is no number from 1, 404 where `page` is none.
    pub fn of(query: &Query<'_>) -> Result<Self, Problem> {
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
    #[must_use]
    pub fn size(self) -> i32 {
        i32::try_from(self.limit).unwrap_or(i32::MAX)
    }

    /// How many entries are on the pages before.
    #[must_use]
    pub fn skip(self) -> i64 {
        self.skip
    }

    /// The page as it is answered, as JSON text: with how many entries there are on all pages together, these of them,
    /// each as JSON text, and links to the neighbours, built from what the client used.
    ///
    /// # Errors
    /// 404 where the page is past the last one.
    pub fn body(
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

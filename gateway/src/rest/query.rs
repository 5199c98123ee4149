//! Parameters of the query: unknown ones are ignored, of a repeated one the last counts.

use super::{date, problem::Problem};
use http::Uri;
use std::borrow::Cow;

/// The parameters of a request.
#[derive(Debug)]
pub struct Query<'u>(Vec<(Cow<'u, str>, Cow<'u, str>)>);

impl<'u> Query<'u> {
    /// Those of this address.
    #[must_use]
    pub fn of(uri: &'u Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    /// The parameter's value.
    #[must_use]
    pub fn last(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_ref())
    }

    /// The value of a parameter that must be there; `expected` is what it is to be.
    ///
    /// # Errors
    /// 400 where it is not there, or empty.
    pub fn required(&self, name: &str, expected: &str) -> Result<&str, Problem> {
        let value = self.last(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| wrong(name, expected, ""))
    }

    /// A boolean parameter: the bare name is on.
    ///
    /// # Errors
    /// 400 where the value is none of the contract's words.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        let Some(value) = self.last(name) else {
            return Ok(None);
        };
        match value.to_ascii_lowercase().as_str() {
            "" | "1" | "true" | "yes" | "on" => Ok(Some(true)),
            "0" | "false" | "no" | "off" => Ok(Some(false)),
            _ => Err(wrong(name, "true or false", value)),
        }
    }

    /// How much a page holds, from 1; more than the largest is the largest.
    ///
    /// # Errors
    /// 400 where it is 0, or no number.
    pub fn limit(&self, (default, largest): (u64, u64)) -> Result<u64, Problem> {
        let Some(text) = self.last("limit") else {
            return Ok(default);
        };
        match number(text) {
            Some(limit) if limit > 0 => Ok(limit.min(largest)),
            _ => Err(wrong("limit", "a number from 1", text)),
        }
    }

    /// A number from 0 of a proto's `int64`; one beyond that is as far as there are any.
    ///
    /// # Errors
    /// 400 where it is no number.
    pub fn count(&self, name: &str) -> Result<Option<i64>, Problem> {
        let Some(text) = self.last(name) else {
            return Ok(None);
        };
        let count = number(text).ok_or_else(|| wrong(name, "a number from 0", text))?;
        Ok(Some(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// A day, as `YYYY-MM-DD`; an empty one is none.
    ///
    /// # Errors
    /// 400 where it is no day.
    pub fn date(&self, name: &str) -> Result<Option<&str>, Problem> {
        let text = self.last(name).filter(|text| !text.is_empty());
        match text {
            Some(text) if !date::is_date(text) => Err(wrong(name, date::EXPECTED, text)),
            text => Ok(text),
        }
    }

    /// Names that are separated by commas, or that a parameter each gives: here all of them count.
    #[must_use]
    pub fn all_names(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(key, _)| key == name);
        let names = values.flat_map(|(_, value)| value.split(','));
        let names = names.filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }

    /// Names that are separated by commas; none is no filter.
    #[must_use]
    pub fn names(&self, name: &str) -> Vec<String> {
        let value = self.last(name).filter(|value| !value.is_empty());
        let names = value.map(|value| value.split(',').map(str::to_owned).collect());
        names.unwrap_or_default()
    }
}

/// A number that is written in digits alone; one too large for us is as large as can be.
#[must_use]
pub fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// What is told of a parameter that has a wrong value.
#[must_use]
pub fn wrong(name: &str, expected: &str, got: &str) -> Problem {
    Problem::bad_request(format!(
        "Parameter '{name}' must be {expected}, got '{got}'."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(uri: &str) -> (Result<Option<i64>, Problem>, Vec<String>) {
        let uri: Uri = uri.parse().unwrap();
        let query = Query::of(&uri);
        (query.count("after"), query.all_names("service"))
    }

    #[test]
    fn a_count_is_written_in_digits() {
        assert_eq!(query("/").0.unwrap(), None);
        assert_eq!(query("/?after=x&after=007").0.unwrap(), Some(7));
        let huge = "9".repeat(30);
        let huge = query(&format!("/?after={huge}")).0.unwrap();
        assert_eq!(huge, Some(i64::MAX));
        for wrong in ["", "-1", "%2B1", "1.0", "1e3", "x"] {
            assert!(query(&format!("/?after={wrong}")).0.is_err(), "{wrong}");
        }
    }

    #[test]
    fn of_repeated_names_all_count() {
        let names = query("/?service=a,b&x=y&service=c&service=,").1;
        assert_eq!(names, ["a", "b", "c"]);
        assert!(query("/?service=&service").1.is_empty());
    }
}

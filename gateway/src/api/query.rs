//! Parameters of the query: unknown ones are ignored, of a repeated one the last counts.

use crate::problem::Problem;
use http::Uri;
use std::borrow::Cow;

/// The parameters of a request.
pub(super) struct Query<'u>(Vec<(Cow<'u, str>, Cow<'u, str>)>);

impl<'u> Query<'u> {
    pub(super) fn of(uri: &'u Uri) -> Self {
        let query = uri.query().unwrap_or_default();
        Self(form_urlencoded::parse(query.as_bytes()).collect())
    }

    /// The parameter's value.
    pub(super) fn last(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_ref())
    }

    /// A boolean parameter: the bare name is on.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        let Some(value) = self.last(name) else {
            return Ok(None);
        };
        match value.to_ascii_lowercase().as_str() {
            "" | "1" | "true" | "yes" | "on" => Ok(Some(true)),
            "0" | "false" | "no" | "off" => Ok(Some(false)),
            _ => Err(Problem::bad_request(format!(
                "Parameter '{name}' must be true or false, got '{value}'."
            ))),
        }
    }

    /// Whether an acquire leaves alone what others own.
    pub(super) fn if_available(&self) -> Result<bool, Problem> {
        match self.last("mode").unwrap_or_default() {
            "" => Ok(false),
            "if_available" => Ok(true),
            other => Err(Problem::bad_request(format!(
                "Parameter 'mode' must be if_available, got '{other}'."
            ))),
        }
    }

    /// Names that are separated by commas; none is no filter.
    pub(super) fn names(&self, name: &str) -> Vec<String> {
        let value = self.last(name).filter(|value| !value.is_empty());
        let names = value.map(|value| value.split(',').map(str::to_owned).collect());
        names.unwrap_or_default()
    }
}

/// A number that is written in digits alone; one too large for us is as large as can be.
pub(super) fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

//! A figure beside what it is to be.

use serde::Serialize;
use std::fmt;

#[derive(Debug, Serialize)]
pub(crate) struct Goal {
    what: String,
    value: f64,
    /// None is only told.
    to_be: Option<Bound>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtLeast(f64),
    AtMost(f64),
}

impl Goal {
    pub(crate) fn new(what: impl Into<String>, value: f64, to_be: Option<Bound>) -> Self {
        let what = what.into();
        Self { what, value, to_be }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, value, to_be } = self;
        write!(f, "{what}: {value:.2}")?;
        let is_missed = match to_be {
            None => return Ok(()),
            Some(Bound::AtLeast(least)) => {
                write!(f, " (to be at least {least})")?;
                value < least
            }
            Some(Bound::AtMost(most)) => {
                write!(f, " (to be at most {most})")?;
                value > most
            }
        };
        // What is no number, for want of anything measured, misses as well.
        let is_missed = is_missed || value.is_nan();
        f.write_str(if is_missed { " !" } else { "" })
    }
}

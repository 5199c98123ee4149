//! Moments, and what happened at them.

use crate::proto::UserEvent;
use prost_types::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339, macros::format_description};

/// A moment, in UTC: a script puts it into the reader's own time where it can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct When {
    /// RFC 3339.
    pub(in crate::page) machine: String,
    /// `24 November 2026, 18:02 UTC`.
    pub(in crate::page) people: String,
    /// `24 November 2026`.
    pub(in crate::page) day: String,
}

impl When {
    /// Nothing if there is none, or one that no calendar has.
    pub(in crate::page) fn new(time: Option<Timestamp>) -> Option<Self> {
        let time = OffsetDateTime::from_unix_timestamp(time?.seconds).ok()?;
        let day = format_description!("[day padding:none] [month repr:long] [year]");
        let people =
            format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
        Some(Self {
            machine: time.format(&Rfc3339).ok()?,
            people: time.format(&people).ok()?,
            day: time.format(&day).ok()?,
        })
    }
}

/// A line of what happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct EventLine {
    pub(in crate::page) text: String,
    pub(in crate::page) when: Option<When>,
}

impl EventLine {
    pub(in crate::page) fn new(event: UserEvent) -> Self {
        Self {
            text: event.text,
            when: When::new(event.event.and_then(|event| event.time)),
        }
    }
}

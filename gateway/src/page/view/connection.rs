//! Connected services, and what becomes of what one owns when it is disconnected.

use super::{
    event::When,
    words::{Labels, attributes},
};
use crate::{
    page::frame::Frame,
    proto::{DisconnectResponse, Passing, UserConnection},
};
use askama::Template;

/// A service in the list of those that are connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::page) struct ConnectionLine {
    pub(in crate::page) name: String,
    pub(in crate::page) label: String,
    /// `Owns 2 attributes`.
    pub(in crate::page) owned: String,
    /// What it may do.
    pub(in crate::page) may: String,
    pub(in crate::page) since: Option<When>,
}

impl ConnectionLine {
    pub(in crate::page) fn new(connection: UserConnection, labels: &Labels) -> Self {
        let service = connection.service.unwrap_or_default();
        let owned = match usize::try_from(connection.owned) {
            Ok(0) | Err(_) => "Owns nothing".to_owned(),
            Ok(count) => format!("Owns {}", attributes(count)),
        };
        Self {
            name: service.name,
            label: service.label,
            owned,
            may: labels.may(&connection.scopes),
            since: When::new(connection.connect_time),
        }
    }
}

/// What would pass to whom, before it does.
#[derive(Debug, Template)]
#[template(path = "disconnect.html")]
pub(in crate::page) struct DisconnectPage {
    pub(in crate::page) frame: Frame,
    pub(in crate::page) name: String,
    pub(in crate::page) label: String,
    /// For which revision this was told.
    pub(in crate::page) revision: i64,
    pub(in crate::page) passing: Vec<Passing>,
    /// Whether the preview that was agreed to does not hold any more.
    pub(in crate::page) overtaken: bool,
}

impl DisconnectPage {
    pub(in crate::page) fn new(
        frame: Frame,
        (name, label): (String, String),
        preview: DisconnectResponse,
        overtaken: bool,
    ) -> Self {
        Self {
            frame,
            name,
            label,
            revision: preview.revision,
            passing: preview.passing,
            overtaken,
        }
    }

    /// `Its attribute`, `Its 3 attributes`.
    fn what(&self) -> String {
        match self.passing.len() {
            1 => "its attribute".to_owned(),
            count => format!("its {count} attributes"),
        }
    }
}

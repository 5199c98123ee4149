//! The settings file, `tenure.toml`: what is a list or a table, and so no flag.

use crate::domain::state::Connections;
use serde::Deserialize;
use std::{fs, io, path::Path};

/// What the file says. A key that is not known is an error: it may be one that was meant to protect something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsFile {
    /// What makes connections: `explicit`, or `from_tokens`.
    #[serde(default)]
    pub connections: Connections,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidFile {
    /// It cannot be read.
    #[error("cannot read '{path}': {error}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why not.
        error: io::Error,
    },
    /// It does not say what it should.
    #[error("'{path}': {error}")]
    Invalid {
        /// Which.
        path: String,
        /// Where, and what was expected.
        error: toml::de::Error,
    },
}

impl SettingsFile {
    /// Reads the file.
    ///
    /// # Errors
    /// As [`InvalidFile`] says.
    pub fn read(path: &Path) -> Result<Self, InvalidFile> {
        let shown = || path.display().to_string();
        let text = fs::read_to_string(path).map_err(|error| InvalidFile::Unreadable {
            path: shown(),
            error,
        })?;
        toml::from_str(&text).map_err(|error| InvalidFile::Invalid {
            path: shown(),
            error,
        })
    }
}

//! The settings file, `tenure.toml`: what is a list or a table, and so no flag.

use crate::{
    auth::{self, InvalidSetting, IssuerSettings},
    domain::state::Connections,
};
use serde::Deserialize;
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// What the file says. A key that is not known is an error: it may be one that was meant to protect something.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsFile {
    /// Whose tokens let callers in, besides Tenure's own.
    #[serde(default, rename = "issuer")]
    pub issuers: Vec<IssuerSettings>,
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
    #[error("'{path}'{place}: {message}")]
    Invalid {
        /// Which.
        path: String,
        /// Where in it.
        place: Place,
        /// What was expected.
        message: String,
    },
    /// What it says does not fit together.
    #[error("'{path}': {error}")]
    Unfit {
        /// Which.
        path: String,
        /// What.
        error: InvalidSetting,
    },
}

/// A line of a file and the key there, if it has one: never the line itself, which may hold a secret.
#[derive(Debug)]
pub struct Place(Option<(usize, String)>);

impl Place {
    fn of(error: &toml::de::Error, text: &str) -> Self {
        let before = error.span().and_then(|span| text.get(..span.start));
        Self(before.map(|before| {
            let number = before.lines().count().max(1);
            let number = number + usize::from(before.ends_with('\n'));
            let line = text.lines().nth(number - 1).unwrap_or_default();
            let key = line.split_once('=').map_or("", |(key, _)| key.trim());
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            let key = if key.chars().all(plain) { key } else { "" };
            (number, key.to_owned())
        }))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => Ok(()),
            Some((line, key)) if key.is_empty() => write!(f, ", line {line}"),
            Some((line, key)) => write!(f, ", line {line}, '{key}'"),
        }
    }
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
        Self::parse(&text, path)
    }

    /// Takes what a file of this path says. The files that it names are looked for from where it is.
    ///
    /// # Errors
    /// As [`InvalidFile`] says.
    pub fn parse(text: &str, path: &Path) -> Result<Self, InvalidFile> {
        let shown = || path.display().to_string();
        let said: Self = toml::from_str(text).map_err(|error| InvalidFile::Invalid {
            path: shown(),
            place: Place::of(&error, text),
            message: error.message().to_owned(),
        })?;
        let folder = path.parent().map_or_else(PathBuf::new, Path::to_owned);
        let read = |file: &Path| fs::read_to_string(folder.join(file));
        let issuers = auth::prepare(said.issuers, read).map_err(|error| InvalidFile::Unfit {
            path: shown(),
            error,
        })?;
        Ok(Self { issuers, ..said })
    }
}

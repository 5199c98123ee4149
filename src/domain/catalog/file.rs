//! The catalog as it is written down: TOML tables `[[group]]`, `[[template]]` and `[[service]]`.

use super::{Group, Service, Template};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Entries of a catalog. On their own they need not fit together: they may add to others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CatalogFile {
    /// What attributes belong to.
    #[serde(default)]
    pub group: Vec<Group>,
    /// Attribute definitions.
    #[serde(default)]
    pub template: Vec<Template>,
    /// OAuth2 clients.
    #[serde(default)]
    pub service: Vec<Service>,
}

/// A text that is no catalog.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Not TOML, an unknown or missing key, or a value out of its range; the message says where.
    #[error("line {line}: {message}")]
    Toml {
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// One key twice: which of them counts would be a guess.
    #[error("{kind} '{name}' is there twice")]
    Repeated {
        /// `group`, `template` or `service`.
        kind: &'static str,
        /// Its name.
        name: String,
    },
}

impl FileError {
    fn toml(text: &str, error: &toml::de::Error) -> Self {
        let start = error.span().map_or(0, |span| span.start);
        let before = text.get(..start).unwrap_or_default();
        Self::Toml {
            line: before.matches('\n').count() + 1,
            message: error.message().replace('\n', ", "),
        }
    }
}

impl CatalogFile {
    /// Reads a catalog file.
    ///
    /// # Errors
    /// As [`FileError`] says.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        let file: Self = toml::from_str(text).map_err(|error| FileError::toml(text, &error))?;
        unique("group", file.group.iter().map(|g| g.name.as_str()))?;
        unique("template", file.template.iter().map(|t| t.name.as_str()))?;
        unique("service", file.service.iter().map(|s| s.name.as_str()))?;
        Ok(file)
    }

    /// The groups and templates that Exist documents.
    ///
    /// # Panics
    /// Never: a test reads the embedded file.
    #[must_use]
    pub fn builtin() -> Self {
        Self::parse(include_str!("builtin.toml")).expect("the embedded catalog is valid")
    }

    /// These entries, then those of `other`: of two with one name, [`Catalog`](super::Catalog) takes the later.
    #[must_use]
    pub fn overlaid(self, other: Self) -> Self {
        Self {
            group: [self.group, other.group].concat(),
            template: [self.template, other.template].concat(),
            service: [self.service, other.service].concat(),
        }
    }
}

fn unique<'a>(kind: &'static str, names: impl Iterator<Item = &'a str>) -> Result<(), FileError> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            let name = name.to_owned();
            return Err(FileError::Repeated { kind, name });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{super::Catalog, *};

    #[test]
    fn the_builtin_catalog_has_17_groups_and_86_templates() {
        let file = CatalogFile::builtin();
        assert_eq!((file.group.len(), file.template.len()), (17, 86));
        assert!(Catalog::new(CatalogFile::default()).is_ok());
    }

    #[test]
    fn an_operators_entry_replaces_a_builtin_one() {
        let file = CatalogFile::parse("[[group]]\nname = 'mood'\nlabel = 'Feelings'\npriority = 1");
        let catalog = Catalog::new(file.unwrap()).unwrap();
        let group = catalog.group("mood").unwrap();
        assert_eq!((group.label.as_str(), group.priority), ("Feelings", 1));
        assert_eq!(catalog.to_file().group.len(), 17);
    }

    #[test]
    fn an_entry_must_name_what_exists() {
        for (text, sentence) in [
            (
                "[[service]]\nname = 's'\nlabel = 'S'\nprovides = ['nope']",
                "service 's' provides 'nope', which the catalog does not have",
            ),
            (
                "[[template]]\nname = 't'\nlabel = 'T'\ngroup = 'nope'\nvalue_type = 0\npriority = 1",
                "template 't' is in group 'nope', which the catalog does not have",
            ),
        ] {
            let file = CatalogFile::parse(text).unwrap();
            assert_eq!(Catalog::new(file).unwrap_err().to_string(), sentence);
        }
    }

    #[test]
    fn a_wrong_entry_is_refused_with_its_place() {
        for (text, part) in [
            ("[[service]]\nname = 'a b'\nlabel = 'S'", "service name"),
            ("[[group]]\nname = 'g'\nlabel = 'G'", "priority"),
            (
                "[[group]]\nname = 'g'\nlabel = 'G'\npriority = 1\nx = 1",
                "`x`",
            ),
            ("[[sevice]]\nname = 'a'", "sevice"),
            (
                "[[service]]\nname = 'a'\nlabel = 'A'\n[[service]]\nname = 'a'\nlabel = 'B'",
                "service 'a' is there twice",
            ),
        ] {
            let error = CatalogFile::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}

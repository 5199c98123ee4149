//! The catalog in memory.

use super::Error;
use crate::{domain::catalog::Catalog, storage::Store};
use arc_swap::ArcSwapOption;
use std::sync::Arc;

/// The catalog as it was last loaded. Every load of a user tells the version of the catalog at that moment, so a
/// decision is never made by an older one than its state.
pub(super) struct CatalogCache {
    store: Arc<dyn Store>,
    cached: ArcSwapOption<Versioned>,
}

/// A catalog and the version that it was read at.
pub(super) struct Versioned {
    pub(super) version: i64,
    pub(super) catalog: Catalog,
}

impl CatalogCache {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            cached: ArcSwapOption::empty(),
        }
    }

    /// The catalog of that version, or a later one.
    pub(super) async fn of_version(&self, version: i64) -> Result<Arc<Versioned>, Error> {
        match self.cached.load_full() {
            Some(cached) if cached.version == version => Ok(cached),
            _ => self.reload().await,
        }
    }

    /// The catalog, read again if it has changed.
    pub(super) async fn refresh(&self) -> Result<Arc<Versioned>, Error> {
        let version = self.store.version().await?;
        self.of_version(version).await
    }

    /// The catalog as it is in the database now.
    pub(super) async fn reload(&self) -> Result<Arc<Versioned>, Error> {
        let (version, operator) = self.store.entries().await?;
        let catalog = Catalog::new(operator).map_err(|error| Error::Internal(error.into()))?;
        let loaded = Arc::new(Versioned { version, catalog });
        self.cached.store(Some(Arc::clone(&loaded)));
        Ok(loaded)
    }
}

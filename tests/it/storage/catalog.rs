//! The operator's catalog entries, and the tables themselves.

use super::{at, conformance};
use crate::harness::{id, name};
use std::sync::Arc;
use tenure::{
    domain::{catalog::CatalogFile, removal::Removal},
    storage::{Error, Selection, Store},
};

conformance!(
    entries_are_added_and_replaced,
    entries_are_applied_only_to_the_version_that_was_read,
    a_load_tells_the_version_of_the_catalog,
    migrating_twice_is_as_once,
    a_removed_service_is_gone_and_its_removal_pending_until_it_comes_back,
);

fn file(text: &str) -> CatalogFile {
    CatalogFile::parse(text).unwrap()
}

async fn entries_are_added_and_replaced(store: Arc<dyn Store>) {
    assert_eq!(store.entries().await.unwrap(), (0, CatalogFile::default()));
    let first = file(
        "[[service]]\nname = 's'\nlabel = 'Ünï “S”'\nprovides = ['steps']
         [[group]]\nname = 'g'\nlabel = 'G'\npriority = 1",
    );
    store.apply(0, &first).await.unwrap();
    assert_eq!(store.entries().await.unwrap(), (1, first.clone()));
    let second = file("[[service]]\nname = 's'\nlabel = 'Other'");
    store.apply(1, &second).await.unwrap();
    let both = CatalogFile {
        service: second.service,
        ..first
    };
    assert_eq!(store.entries().await.unwrap(), (2, both));
}

async fn entries_are_applied_only_to_the_version_that_was_read(store: Arc<dyn Store>) {
    let entries = file("[[service]]\nname = 's'\nlabel = 'S'");
    store.apply(0, &entries).await.unwrap();
    let other = file("[[service]]\nname = 'other'\nlabel = 'O'");
    assert!(matches!(store.apply(0, &other).await, Err(Error::Stale)));
    assert_eq!(store.entries().await.unwrap(), (1, entries));
}

async fn a_load_tells_the_version_of_the_catalog(store: Arc<dyn Store>) {
    let version = async || {
        let loaded = store.load(&id("nobody"), &Selection::All).await;
        loaded.unwrap().catalog_version
    };
    assert_eq!(version().await, 0);
    let entries = file("[[service]]\nname = 's'\nlabel = 'S'");
    store.apply(0, &entries).await.unwrap();
    assert_eq!(version().await, 1);
}

async fn a_removed_service_is_gone_and_its_removal_pending_until_it_comes_back(
    store: Arc<dyn Store>,
) {
    let entries = file("[[service]]\nname = 's'\nlabel = 'S'");
    store.apply(0, &entries).await.unwrap();
    let removal = Removal::begin(name("s"), at(0));
    let stale = store.remove(0, &removal).await;
    assert!(matches!(stale, Err(Error::Stale)));
    assert_eq!(store.entries().await.unwrap(), (1, entries.clone()));
    assert_eq!(store.pending().await.unwrap(), []);

    store.remove(1, &removal).await.unwrap();
    assert_eq!(store.entries().await.unwrap(), (2, CatalogFile::default()));
    assert_eq!(store.pending().await.unwrap(), [removal]);

    store.apply(2, &entries).await.unwrap();
    assert_eq!(store.version().await.unwrap(), 3);
    assert_eq!(store.pending().await.unwrap(), []);
}

async fn migrating_twice_is_as_once(store: Arc<dyn Store>) {
    let before = store.versions().await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(store.versions().await.unwrap(), before);
    assert_eq!(before.found, before.needed);
    assert!(before.needed >= 1);
}

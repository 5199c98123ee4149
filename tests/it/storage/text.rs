//! How text and time are compared and kept.

use super::{all, at, attribute, conformance, owned, put};
use crate::harness::{id, name};
use std::sync::Arc;
use tenure::storage::{Selection, Store};

conformance!(
    identifiers_differ_by_case,
    labels_keep_every_character,
    time_is_kept_to_the_microsecond,
);

async fn identifiers_differ_by_case(store: Arc<dyn Store>) {
    let attributes = vec![owned("a", "Oura", 1), owned("b", "oura", 1)];
    put(&store, "ada", 0, attributes).await.unwrap();
    for (service, attribute) in [("Oura", "a"), ("oura", "b")] {
        let selection = Selection::OwnedBy(name(service));
        let state = store.load(&id("ada"), &selection).await.unwrap().state;
        let names: Vec<_> = state.attributes.keys().map(ToString::to_string).collect();
        assert_eq!(names, [attribute]);
    }
}

async fn labels_keep_every_character(store: Arc<dyn Store>) {
    let mut odd = attribute("a");
    for label in [
        "<script>alert(1)</script>",
        "'\"\\%_",
        "é e\u{301} 日本 🦀",
        " x ",
    ] {
        let revision = all(&store, &id("ada")).await.revision;
        odd.name = tenure::domain::name::AttributeName::parse(format!("a{revision}")).unwrap();
        odd.label = tenure::domain::name::Label::parse(label).unwrap();
        put(&store, "ada", revision, vec![odd.clone()])
            .await
            .unwrap();
        let state = all(&store, &id("ada")).await;
        assert_eq!(state.attributes.get(&odd.name), Some(&odd));
    }
}

async fn time_is_kept_to_the_microsecond(store: Arc<dyn Store>) {
    for (revision, micros) in [(0, 0), (1, 1), (2, 999_999), (3, -1)] {
        let mut attribute = owned("a", "oura", 1);
        let since = at(0) + time::Duration::microseconds(micros);
        if let Some(owner) = &mut attribute.owner {
            owner.since = since;
        }
        put(&store, "ada", revision, vec![attribute.clone()])
            .await
            .unwrap();
        let state = all(&store, &id("ada")).await;
        assert_eq!(state.attributes.values().next(), Some(&attribute));
    }
}

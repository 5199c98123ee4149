//! What users see of their attributes.

use super::{User, ada, facts, owner, service_names};
use crate::harness::{Tenure, on_both_engines};
use serde_json::json;
use tenure::domain::catalog::CatalogFile;

on_both_engines! {
    all_attributes_are_there_by_group_in_order,
    of_names_those_that_the_user_has_are_listed,
    each_user_sees_their_own,
    successors_come_in_the_order_in_which_they_would_take_over,
    what_nobody_owns_has_successors_too,
    the_tag_is_equal_if_and_only_if_what_it_stands_for_is,
}

/// A template that lists hide unless they are asked.
const HIDDEN: &str = r#"
[[template]]
name = "naps"
label = "Naps"
group = "sleep"
value_type = 0
priority = 10
"#;

async fn all_attributes_are_there_by_group_in_order(t: Tenure) {
    let (user, c) = ada(&t).await;
    t.registry
        .apply_catalog(&CatalogFile::parse(HIDDEN).unwrap())
        .await
        .unwrap();
    let all = json!([
        {"template":"mood"}, {"template":"mood_note"}, {"template":"weight"},
        {"template":"steps_active_min"}, {"template":"naps"},
    ]);
    c.acquire(all).await.succeeded();
    c.release(json!([{"name":"mood_note"}])).await.succeeded();
    t.switch("ada", "mood", false).await;
    t.custom("ada", "Cups of tea", "custom").await;
    let listed = user.list(&[]).await;
    let (mut places, mut names) = (Vec::new(), Vec::new());
    for group in &listed.groups {
        let of = group.group.as_ref().unwrap();
        assert!(!group.attributes.is_empty());
        for attribute in &group.attributes {
            let attribute = attribute.attribute.as_ref().unwrap();
            assert_eq!(attribute.group.as_ref(), Some(of));
            names.push(attribute.name.clone());
            let name = attribute.name.clone();
            places.push((of.priority, of.name.clone(), attribute.priority, name));
        }
    }
    assert!(places.is_sorted(), "{places:?}");
    assert!(places.iter().any(|place| place.2 >= 10), "{places:?}");
    names.sort();
    let expected = [
        "cups_of_tea",
        "mood",
        "mood_note",
        "naps",
        "steps",
        "steps_active_min",
        "weight",
    ];
    assert_eq!(names, expected);
    assert_eq!(owner(&user.sees("mood_note").await), "");
    assert_eq!(facts(&user.sees("mood").await), (1, false, true, false));
    assert_eq!(listed.revision, user.revision().await);
}

async fn of_names_those_that_the_user_has_are_listed(t: Tenure) {
    let (user, c) = ada(&t).await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    for (names, expected) in [
        (&["mood"][..], &["mood"][..]),
        (&["steps", "nope", "mood", "steps"], &["steps", "mood"]),
        (&["No Name", "", "a\0"], &[]),
    ] {
        let listed = user.list(names).await.groups;
        let listed = listed.iter().flat_map(|group| &group.attributes);
        let listed: Vec<_> = listed
            .map(|shown| &*shown.attribute.as_ref().unwrap().name)
            .collect();
        assert_eq!(listed, expected, "{names:?}");
    }
}

async fn each_user_sees_their_own(t: Tenure) {
    ada(&t).await;
    let listed = User::of(&t, "grace").await.list(&[]).await;
    assert_eq!((listed.groups, listed.revision), (vec![], 1), "her token");
}

async fn successors_come_in_the_order_in_which_they_would_take_over(t: Tenure) {
    let (user, c) = ada(&t).await;
    let successors = async || {
        let seen = user.sees("steps").await;
        service_names(&seen.successors).join(" ")
    };
    // By label; zz_first is connected and has not indicated anything.
    t.usual("ada", "zz_first").await;
    assert_eq!(successors().await, "oura withings");
    // Whoever owned it most recently.
    let withings = t.usual("ada", "withings").await;
    let steps = json!([{"name":"steps"}]);
    withings.acquire(steps.clone()).await.succeeded();
    c.acquire(steps.clone()).await.succeeded();
    assert_eq!(successors().await, "withings oura");
    // The ranking before all that; the owner is none, and what is not covered or declined is none.
    user.ranks("steps", &["test500", "zz_first", "oura"], "")
        .await
        .unwrap();
    assert_eq!(successors().await, "oura withings");
    t.connect("ada", "oura", "mood_write").await;
    assert_eq!(successors().await, "withings");
    withings.acquire(steps.clone()).await.succeeded();
    withings.release(steps).await.succeeded();
    let seen = user.sees("steps").await;
    assert_eq!(owner(&seen), "test500");
    assert_eq!(seen.successors, []);
    assert_eq!(seen.succession, ["test500", "zz_first", "oura"]);
}

async fn what_nobody_owns_has_successors_too(t: Tenure) {
    let (user, _) = ada(&t).await;
    let (seen, _) = user.gives("steps", "").await.unwrap();
    assert_eq!(
        service_names(&seen.successors),
        ["test500", "oura", "withings"]
    );
    assert_eq!(seen, user.sees("steps").await);
}

/// What changes the tag changes what it stands for; what is undone has another generation, or the same tag again.
async fn the_tag_is_equal_if_and_only_if_what_it_stands_for_is(t: Tenure) {
    let (user, c) = ada(&t).await;
    let first = user.sees("steps").await.etag;
    assert!((1..=64).contains(&first.len()), "{first}");
    assert!(first.bytes().all(|b| b.is_ascii_graphic() && b != b'"'));
    let tag = async |set: super::Set| set.unwrap().0.etag;
    let off = tag(user.switches("steps", false, "").await).await;
    let on = tag(user.switches("steps", true, "").await).await;
    let pinned = tag(user.pins("steps", true, "").await).await;
    let unpinned = tag(user.pins("steps", false, "").await).await;
    let ranked = tag(user.ranks("steps", &["oura", "withings"], "").await).await;
    let otherwise = tag(user.ranks("steps", &["withings", "oura"], "").await).await;
    let no_more = tag(user.ranks("steps", &[], "").await).await;
    for same in [&on, &unpinned, &no_more] {
        assert_eq!(*same, first);
    }
    let manual = json!([{"name":"steps","manual":true}]);
    c.acquire(manual).await.succeeded();
    let manual = user.sees("steps").await.etag;
    user.gives("steps", "oura").await.unwrap();
    let (seen, _) = user.gives("steps", "test500").await.unwrap();
    let mut all = vec![first, off, pinned, ranked, otherwise, manual, seen.etag];
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 7);
    // What is another attribute's, or of the connections, changes nothing.
    let before = user.sees("steps").await.etag;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    t.connect("ada", "zz_first", "mood_write").await;
    assert_eq!(user.sees("steps").await.etag, before);
}

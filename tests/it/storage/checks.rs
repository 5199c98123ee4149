//! How attributes stand.

use super::{attribute, conformance, owned, put};
use crate::harness::{id, name};
use std::sync::Arc;
use tenure::{
    domain::check::{Seen, Standing},
    storage::Store,
};

conformance!(
    each_attribute_is_told_in_the_order_in_which_it_was_asked_for,
    names_are_compared_byte_by_byte,
    concurrent_checks_keep_apart,
);

fn standing(owner: Option<&str>, generation: i64, revision: i64) -> Seen {
    Seen {
        standing: Some(Standing {
            owner: owner.map(name),
            generation,
            active: owner.is_some(),
        }),
        revision,
    }
}

fn nothing(revision: i64) -> Seen {
    Seen {
        standing: None,
        revision,
    }
}

/// How these attributes of users stand.
async fn seen(store: &Arc<dyn Store>, asked: &[(&str, &str)]) -> Vec<Seen> {
    let asked = asked
        .iter()
        .map(|(user, name)| (id(user), (*name).to_owned()));
    store.seen(asked.collect()).await.unwrap()
}

async fn each_attribute_is_told_in_the_order_in_which_it_was_asked_for(store: Arc<dyn Store>) {
    put(
        &store,
        "ada",
        0,
        vec![owned("steps", "oura", 3), attribute("idle")],
    )
    .await
    .unwrap();
    put(&store, "eve", 0, vec![owned("steps", "withings", 1)])
        .await
        .unwrap();
    put(&store, "eve", 1, vec![owned("steps", "oura", 2)])
        .await
        .unwrap();
    let asked = [
        ("eve", "steps"),
        ("ada", "nothing"),
        ("ada", "idle"),
        ("nobody", "steps"),
        ("ada", "steps"),
        ("eve", "steps"),
    ];
    let expected = [
        standing(Some("oura"), 2, 2),
        nothing(1),
        standing(None, 0, 1),
        nothing(0),
        standing(Some("oura"), 3, 1),
        standing(Some("oura"), 2, 2),
    ];
    assert_eq!(seen(&store, &asked).await, expected);
    assert_eq!(seen(&store, &[]).await, []);
}

async fn names_are_compared_byte_by_byte(store: Arc<dyn Store>) {
    put(&store, "Ada", 0, vec![owned("steps", "oura", 1)])
        .await
        .unwrap();
    let asked = [
        ("ada", "steps"),
        ("Ada", "Steps"),
        ("Ada", "step_"),
        ("Ada", ""),
        ("Ada", "a\0b"),
        ("Ada", "steps "),
    ];
    let [other_user, rest @ ..] = &seen(&store, &asked).await[..] else {
        panic!("nothing was told");
    };
    assert_eq!(other_user, &nothing(0));
    assert!(rest.iter().all(|seen| *seen == nothing(1)), "{rest:?}");
}

async fn concurrent_checks_keep_apart(store: Arc<dyn Store>) {
    for generation in 1..=20 {
        let user = format!("user{generation}");
        put(&store, &user, 0, vec![owned("steps", "oura", generation)])
            .await
            .unwrap();
    }
    let checks = (1..=20).map(|generation| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let user = format!("user{generation}");
            // Of different lengths, so that a shift would be seen.
            let some = usize::try_from(generation % 4).unwrap();
            let asked = vec![(user.as_str(), "steps"); some];
            let expected = vec![standing(Some("oura"), generation, 1); some];
            assert_eq!(seen(&store, &asked).await, expected);
        })
    });
    for check in checks.collect::<Vec<_>>() {
        check.await.unwrap();
    }
}

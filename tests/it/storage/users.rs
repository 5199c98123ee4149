//! Loading and committing a user's state.

use super::{all, at, attribute, conformance, connection, empty, event, owned, put};
use crate::harness::{id, name};
use std::sync::Arc;
use tenure::{
    domain::{
        change::Change,
        name::AttributeName,
        state::{Offer, UserState},
    },
    storage::{Error, Selection, Store},
};

conformance!(
    an_unknown_user_is_empty_at_revision_0,
    what_is_committed_is_loaded,
    an_attribute_is_replaced_as_a_whole,
    a_stale_commit_writes_nothing,
    a_commit_is_all_or_nothing,
    of_concurrent_commits_one_wins_each_revision,
    users_are_apart,
    only_what_is_selected_is_loaded,
    offers_are_kept_and_forgotten,
    connections_come_and_go,
    of_changes_at_one_time_only_the_one_at_fault_fails,
    a_user_that_is_sql_and_names_that_are_many_are_just_that,
);

async fn an_unknown_user_is_empty_at_revision_0(store: Arc<dyn Store>) {
    assert_eq!(all(&store, &id("nobody")).await, UserState::default());
}

async fn what_is_committed_is_loaded(store: Arc<dyn Store>) {
    let attributes = vec![attribute("free"), owned("mine", "oura", 7)];
    put(&store, "ada", 0, attributes.clone()).await.unwrap();
    let state = all(&store, &id("ada")).await;
    assert_eq!(state.revision, 1);
    assert_eq!(
        state.attributes.into_values().collect::<Vec<_>>(),
        attributes
    );
}

async fn an_attribute_is_replaced_as_a_whole(store: Arc<dyn Store>) {
    put(&store, "ada", 0, vec![attribute("a")]).await.unwrap();
    let mut changed = owned("a", "oura", 1);
    changed.manual = false;
    put(&store, "ada", 1, vec![changed.clone()]).await.unwrap();
    let state = all(&store, &id("ada")).await;
    assert_eq!(state.attributes.values().next(), Some(&changed));
    let mut released = changed;
    released.owner = None;
    released.generation = 2;
    put(&store, "ada", 2, vec![released.clone()]).await.unwrap();
    let state = all(&store, &id("ada")).await;
    assert_eq!(state.attributes.values().next(), Some(&released));
}

async fn a_stale_commit_writes_nothing(store: Arc<dyn Store>) {
    put(&store, "ada", 0, vec![attribute("a")]).await.unwrap();
    let before = all(&store, &id("ada")).await;
    for revision in [0, 2, 99] {
        let change = Change {
            attributes: vec![owned("a", "oura", 1), attribute("b")],
            offers: vec![(
                (AttributeName::parse("a").unwrap(), name("oura")),
                Offer {
                    offered: true,
                    ..Offer::default()
                },
            )],
            connections: vec![connection("oura", "mood_write")],
            events: vec![event(&attribute("a"))],
            ..empty(revision)
        };
        let refused = store.commit(&id("ada"), change.clone()).await;
        assert!(matches!(refused, Err(Error::Stale)), "{refused:?}");
        assert_eq!(all(&store, &id("ada")).await, before);
    }
}

async fn a_commit_is_all_or_nothing(store: Arc<dyn Store>) {
    put(&store, "ada", 0, vec![attribute("a")]).await.unwrap();
    let before = all(&store, &id("ada")).await;
    // What nobody owns has no generation below zero: the tables refuse the last of them.
    let mut impossible = attribute("c");
    impossible.generation = -1;
    let broken = put(&store, "ada", 1, vec![attribute("b"), impossible]).await;
    assert!(matches!(broken, Err(Error::Database(_))), "{broken:?}");
    assert_eq!(all(&store, &id("ada")).await, before);
}

async fn of_concurrent_commits_one_wins_each_revision(store: Arc<dyn Store>) {
    let mut wins = 0;
    for revision in 0..5 {
        let commits = (0..8).map(|n| {
            let store = Arc::clone(&store);
            let attribute = attribute(&format!("a{n}"));
            tokio::spawn(async move { put(&store, "ada", revision, vec![attribute]).await })
        });
        let commits: Vec<_> = commits.collect();
        for commit in commits {
            match commit.await.unwrap() {
                Ok(()) => wins += 1,
                Err(error) => assert!(matches!(error, Error::Stale), "{error:?}"),
            }
        }
    }
    assert_eq!(wins, 5);
    assert_eq!(all(&store, &id("ada")).await.revision, 5);
}

async fn users_are_apart(store: Arc<dyn Store>) {
    for user in ["ada", "Ada", "ada ", "adа"] {
        put(&store, user, 0, vec![owned("a", "oura", 1)])
            .await
            .unwrap();
    }
    put(&store, "ada", 1, vec![attribute("b")]).await.unwrap();
    assert_eq!(all(&store, &id("Ada")).await.attributes.len(), 1);
    assert_eq!(all(&store, &id("ada")).await.attributes.len(), 2);
}

async fn only_what_is_selected_is_loaded(store: Arc<dyn Store>) {
    let key = |attribute: &str, service| (AttributeName::parse(attribute).unwrap(), name(service));
    let said = Offer {
        offered: true,
        ..Offer::default()
    };
    let change = Change {
        attributes: vec![
            owned("a", "oura", 1),
            owned("b", "withings", 1),
            attribute("c"),
        ],
        offers: vec![
            (key("a", "oura"), said.clone()),
            (key("a", "withings"), said.clone()),
            (key("b", "oura"), said.clone()),
            (key("z", "oura"), said),
        ],
        connections: vec![connection("oura", ""), connection("withings", "")],
        ..empty(0)
    };
    store.commit(&id("ada"), change.clone()).await.unwrap();
    let load = async |selection| {
        let state = store.load(&id("ada"), &selection).await.unwrap().state;
        assert_eq!((state.revision, state.connections.len()), (1, 2));
        let attributes: Vec<_> = state.attributes.keys().map(ToString::to_string).collect();
        let offers: Vec<_> = state
            .offers
            .keys()
            .map(|(a, s)| format!("{a}:{s}"))
            .collect();
        (attributes.join(" "), offers.join(" "))
    };
    let named = |names: &[&str]| {
        Selection::Named(
            names
                .iter()
                .map(|n| AttributeName::parse(*n).unwrap())
                .collect(),
        )
    };
    let found = |attributes: &str, offers: &str| (attributes.to_owned(), offers.to_owned());
    assert_eq!(
        load(named(&["a", "c", "nope"])).await,
        found("a c", "a:oura a:withings")
    );
    assert_eq!(load(named(&[])).await, found("", ""));
    // An offer may be there before its attribute is.
    assert_eq!(load(named(&["z"])).await, found("", "z:oura"));
    let owned_by = Selection::OwnedBy(name("withings"));
    assert_eq!(load(owned_by).await, found("b", "b:oura"));
    let everything = found("a b c", "a:oura a:withings b:oura z:oura");
    assert_eq!(load(Selection::All).await, everything);
}

async fn offers_are_kept_and_forgotten(store: Arc<dyn Store>) {
    let key = (AttributeName::parse("a").unwrap(), name("oura"));
    let mut revision = 0;
    for offer in [
        Offer {
            offered: true,
            manual: Some(false),
            last_owned: Some(3),
            ..Offer::default()
        },
        Offer {
            declined: true,
            manual: Some(true),
            rank: Some(2),
            ..Offer::default()
        },
        Offer {
            rank: Some(1),
            ..Offer::default()
        },
    ] {
        let change = Change {
            offers: vec![(key.clone(), offer.clone())],
            ..empty(revision)
        };
        store.commit(&id("ada"), change.clone()).await.unwrap();
        assert_eq!(all(&store, &id("ada")).await.offers.get(&key), Some(&offer));
        revision += 1;
    }
    let change = Change {
        forgotten: vec![key],
        ..empty(revision)
    };
    store.commit(&id("ada"), change.clone()).await.unwrap();
    assert!(all(&store, &id("ada")).await.offers.is_empty());
}

async fn connections_come_and_go(store: Arc<dyn Store>) {
    let (oura, withings) = (
        connection("oura", "mood_write a_b"),
        connection("withings", ""),
    );
    let change = Change {
        connections: vec![oura.clone(), withings.clone()],
        ..empty(0)
    };
    store.commit(&id("ada"), change.clone()).await.unwrap();
    let state = all(&store, &id("ada")).await;
    assert_eq!(
        state.connections.into_iter().collect::<Vec<_>>(),
        [oura, withings.clone()]
    );
    let mut narrowed = connection("oura", "mood_read");
    // Since when it is connected stays, whatever is written.
    narrowed.1.since = at(99);
    let change = Change {
        connections: vec![narrowed],
        disconnected: vec![name("withings")],
        ..empty(1)
    };
    store.commit(&id("ada"), change.clone()).await.unwrap();
    let state = all(&store, &id("ada")).await;
    let left = connection("oura", "mood_read");
    assert_eq!(state.connections.into_iter().collect::<Vec<_>>(), [left]);
}

async fn a_user_that_is_sql_and_names_that_are_many_are_just_that(store: Arc<dyn Store>) {
    let user = "'; drop table attribute; --";
    let attributes: Vec<_> = (0..2_000).map(|n| attribute(&format!("a{n}"))).collect();
    put(&store, user, 0, attributes).await.unwrap();
    let names = (0..3_000)
        .map(|n| AttributeName::parse(format!("a{n}")).unwrap())
        .collect();
    let loaded = store
        .load(&id(user), &Selection::Named(names))
        .await
        .unwrap();
    assert_eq!(loaded.state.attributes.len(), 2_000);
}

async fn of_changes_at_one_time_only_the_one_at_fault_fails(store: Arc<dyn Store>) {
    put(&store, "ada", 0, vec![owned("a", "oura", 5)])
        .await
        .unwrap();
    // Its generation falls, which the database refuses; the others come with it.
    let ada = put(&store, "ada", 1, vec![owned("a", "oura", 4)]);
    let others: Vec<_> = (0..40)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                put(&store, &format!("user-{number}"), 0, vec![attribute("a")]).await
            })
        })
        .collect();
    assert!(matches!(ada.await, Err(Error::Database(_))));
    for other in others {
        other.await.unwrap().unwrap();
    }
    let state = all(&store, &id("ada")).await;
    assert_eq!((state.revision, state.attributes["a"].generation), (1, 5));
}

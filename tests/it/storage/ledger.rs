//! The ledger and the feed.

use super::{at, conformance, empty, event, owned, put};
use crate::harness::id;
use std::sync::Arc;
use tenure::{
    domain::{
        change::Change,
        event::{Actor, Cause, Event, Stamp},
        ledger::{Entry, Position, Query},
        name::UserId,
    },
    storage::{Error, Store},
};

conformance!(
    an_event_is_read_as_it_was_written,
    every_cause_and_every_actor_is_read_as_it_was_written,
    events_are_ordered_by_revision_and_number,
    the_feed_has_every_event_once_and_a_user_s_in_their_order,
    a_user_s_feed_is_complete_from_every_place_by_pages_of_any_size,
    a_place_is_that_of_the_last_event_at_a_revision,
    pruning_keeps_the_last_event_of_each_attribute,
    a_stale_pruning_deletes_nothing,
);

fn query(limit: u32) -> Query {
    Query {
        limit,
        ..Query::default()
    }
}

/// All of the feed, as far as it is complete once what others on the server write has been written.
async fn feed(store: &Arc<dyn Store>, events: usize) -> Vec<Entry> {
    loop {
        let complete = store.horizon().await.unwrap().complete;
        let feed = store
            .feed(&Position::default(), complete, None, 1_000)
            .await
            .unwrap();
        if feed.len() >= events {
            return feed;
        }
        tokio::task::yield_now().await;
    }
}

async fn an_event_is_read_as_it_was_written(store: Arc<dyn Store>) {
    let event = Event {
        from: Some(crate::harness::name("withings")),
        active: false,
        manual: true,
        pinned: true,
        cause: Cause::Inherited,
        generation: i64::MAX,
        ..event(&owned("steps", "oura", 1))
    };
    let stamp = Stamp {
        actor: Actor::Service(crate::harness::name("a.b-c_D")),
        request_id: "id.1-2_3".to_owned(),
        at: at(7),
    };
    let change = Change {
        events: vec![event.clone()],
        stamp: stamp.clone(),
        ..empty(0)
    };
    store.commit(&id("日本 'x'"), change).await.unwrap();
    let events = store.events(&id("日本 'x'"), &query(5)).await.unwrap();
    assert_eq!((events.revision, events.complete_after), (1, 0));
    let entry = &events.entries[0];
    assert_eq!((&entry.event, &entry.stamp), (&event, &stamp));
    let position = &entry.position;
    assert_eq!(
        (position.user.as_str(), position.revision, position.number),
        ("日本 'x'", 1, 0)
    );
    assert_eq!(feed(&store, 1).await, events.entries);
}

async fn every_cause_and_every_actor_is_read_as_it_was_written(store: Arc<dyn Store>) {
    let service = Actor::Service(crate::harness::name("oura"));
    let actors = [service, Actor::User, Actor::Operator];
    let mut written = Vec::new();
    for (revision, actor) in (0..).zip(actors) {
        let of = |cause| Event {
            cause,
            ..event(&owned("steps", "oura", 1))
        };
        let change = Change {
            events: Cause::ALL.map(of).to_vec(),
            stamp: Stamp {
                actor: actor.clone(),
                ..empty(0).stamp
            },
            ..empty(revision)
        };
        store.commit(&id("ada"), change).await.unwrap();
        written.extend(Cause::ALL.map(|cause| (cause, actor.clone())));
    }
    let read = store.events(&id("ada"), &query(100)).await.unwrap().entries;
    let read = read
        .into_iter()
        .map(|read| (read.event.cause, read.stamp.actor));
    assert_eq!(read.collect::<Vec<_>>(), written);
}

/// Three revisions of one user, of two events each.
async fn three(store: &Arc<dyn Store>, user: &str) {
    for revision in 0..3 {
        let attributes = ["steps", "weight"].map(|name| owned(name, "oura", revision + 1));
        put(store, user, revision, attributes.into()).await.unwrap();
    }
}

async fn events_are_ordered_by_revision_and_number(store: Arc<dyn Store>) {
    three(&store, "ada").await;
    three(&store, "eve").await;
    let places = |events: Vec<Entry>| {
        let place = |entry: Entry| (entry.position.revision, entry.position.number);
        events.into_iter().map(place).collect::<Vec<_>>()
    };
    let ada = id("ada");
    let all = places(store.events(&ada, &query(100)).await.unwrap().entries);
    assert_eq!(all, [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]);
    for (newest_first, page_after, expected) in [
        (false, Some((1, 1)), [(2, 0), (2, 1)]),
        (true, None, [(3, 1), (3, 0)]),
        (true, Some((2, 1)), [(2, 0), (1, 1)]),
    ] {
        let query = Query {
            newest_first,
            page_after,
            ..query(2)
        };
        let page = store.events(&ada, &query).await.unwrap().entries;
        assert_eq!(places(page), expected);
    }
    let none = store.events(&ada, &query(0)).await.unwrap();
    assert_eq!((none.entries.len(), none.revision), (0, 3));
}

async fn the_feed_has_every_event_once_and_a_user_s_in_their_order(store: Arc<dyn Store>) {
    for user in ["b", "a", "B"] {
        three(&store, user).await;
    }
    let all = feed(&store, 18).await;
    assert_eq!(all.len(), 18);
    assert!(all.is_sorted_by_key(|entry| &entry.position));
    for user in ["b", "a", "B"] {
        let of_user: Vec<_> = all
            .iter()
            .filter(|e| e.position.user == user)
            .cloned()
            .collect();
        let events = store.events(&id(user), &query(100)).await.unwrap();
        assert_eq!(of_user, events.entries);
        let complete = i64::MAX;
        let (nowhere, user) = (Position::default(), id(user));
        let read = store
            .feed(&nowhere, complete, Some(&user), 100)
            .await
            .unwrap();
        assert_eq!(of_user, read);
    }
    assert_eq!(paged(&store, Position::default(), None, 4).await, all);
    let last = all[17].position.transaction;
    let before_last = store
        .feed(&Position::default(), last, None, 100)
        .await
        .unwrap();
    assert!(before_last.len() < 18);
    let horizon = store.horizon().await.unwrap();
    assert!(last < horizon.seen && horizon.complete <= horizon.seen);
}

/// The rest from a place on, page by page.
async fn paged(
    store: &Arc<dyn Store>,
    mut after: Position,
    user: Option<&UserId>,
    limit: u32,
) -> Vec<Entry> {
    let mut paged = Vec::new();
    loop {
        let page = store.feed(&after, i64::MAX, user, limit).await.unwrap();
        let Some(last) = page.last() else {
            return paged;
        };
        after = last.position.clone();
        paged.extend(page);
    }
}

async fn a_user_s_feed_is_complete_from_every_place_by_pages_of_any_size(store: Arc<dyn Store>) {
    for user in ["b", "a", "B"] {
        three(&store, user).await;
    }
    let all = feed(&store, 18).await;
    let places = [Position::default(), Position::before(i64::MAX)];
    let places = places
        .into_iter()
        .chain(all.iter().map(|e| e.position.clone()));
    for after in places {
        for user in ["a", "b"] {
            let is_next = |e: &&Entry| e.position.user == user && e.position > after;
            let expected: Vec<_> = all.iter().filter(is_next).cloned().collect();
            for limit in 1..4 {
                let read = paged(&store, after.clone(), Some(&id(user)), limit).await;
                assert_eq!(read, expected, "{user} after {after:?} by {limit}");
            }
        }
    }
}

async fn a_place_is_that_of_the_last_event_at_a_revision(store: Arc<dyn Store>) {
    three(&store, "ada").await;
    let events = store.events(&id("ada"), &query(100)).await.unwrap().entries;
    for (revision, event) in [(1, 1), (2, 3), (3, 5), (9, 5)] {
        let place = store.place_of(&id("ada"), revision).await.unwrap();
        assert_eq!(place, events[event].position);
    }
    let before = Position {
        user: "ada".to_owned(),
        ..Position::default()
    };
    assert_eq!(store.place_of(&id("ada"), 0).await.unwrap(), before);
}

async fn pruning_keeps_the_last_event_of_each_attribute(store: Arc<dyn Store>) {
    three(&store, "ada").await;
    three(&store, "eve").await;
    let all = feed(&store, 12).await;
    let start = store.horizon().await.unwrap().start;
    assert_eq!(start, Position::default());
    // Ada's first two revisions and one event of the third.
    store.prune(&start, &all[..5]).await.unwrap();
    assert_eq!(store.horizon().await.unwrap().start, all[4].position);
    let ada = store.events(&id("ada"), &query(100)).await.unwrap();
    assert_eq!(ada.entries, [&all[3..6]].concat());
    assert_eq!((ada.revision, ada.complete_after), (3, 3));
    let eve = store.events(&id("eve"), &query(100)).await.unwrap();
    assert_eq!((eve.entries.len(), eve.complete_after), (6, 0));
    // It goes on where it was.
    let start = all[4].position.clone();
    store.prune(&start, &all[5..8]).await.unwrap();
    let ada = store.events(&id("ada"), &query(100)).await.unwrap();
    assert_eq!(ada.entries, [&all[4..6]].concat());
    let eve = store.events(&id("eve"), &query(100)).await.unwrap();
    assert_eq!(
        (eve.entries.len(), eve.complete_after),
        (6, 0),
        "nothing was overtaken yet"
    );
}

async fn a_stale_pruning_deletes_nothing(store: Arc<dyn Store>) {
    three(&store, "ada").await;
    let all = feed(&store, 6).await;
    store.prune(&Position::default(), &all[..1]).await.unwrap();
    let stale = store.prune(&Position::default(), &all).await;
    assert!(matches!(stale, Err(Error::Stale)), "{stale:?}");
    assert_eq!(feed(&store, 6).await, all);
    store.prune(&all[0].position, &[]).await.unwrap();
}

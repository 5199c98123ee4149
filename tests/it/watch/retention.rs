//! What happens when old events are pruned.

use super::{key, metadata};
use crate::{
    check::reason,
    harness::{Inside, Tenure, on_both_engines},
    housekeeping::pruned,
};
use serde_json::json;
use tenure::proto::{
    Cause, ListOwnershipEventsRequest, WatchOwnershipRequest, watch_ownership_request::After,
};
use tonic::Code;

on_both_engines! {
    what_has_been_overtaken_goes_and_the_ledger_says_from_where_on_it_is_complete,
    an_event_of_a_clock_that_was_ahead_goes_with_the_next_old_one,
    a_round_prunes_so_much_and_the_next_one_goes_on,
    a_watch_from_before_what_is_kept_is_refused_with_the_oldest_that_works,
    a_watch_from_the_beginning_gives_what_stands_and_goes_on,
    a_watch_from_the_beginning_that_is_cut_goes_on_where_it_was,
    a_watch_from_the_beginning_that_has_caught_up_is_as_any_other,
}

async fn page(inside: &Inside, user: &str) -> tenure::proto::ListOwnershipEventsResponse {
    let request = ListOwnershipEventsRequest {
        user: user.to_owned(),
        ..ListOwnershipEventsRequest::default()
    };
    inside.events(request).await.unwrap()
}

/// Two attributes of ada's that change hands, one of grace's that stays.
async fn history(t: &Tenure) {
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let graces = t.usual("grace", "oura").await;
    graces
        .acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    for _ in 0..15 {
        oura.acquire(json!([{"template":"steps"},{"template":"weight"}]))
            .await
            .succeeded();
        withings
            .acquire(json!([{"template":"steps"},{"template":"weight"}]))
            .await
            .succeeded();
    }
}

async fn what_has_been_overtaken_goes_and_the_ledger_says_from_where_on_it_is_complete(t: Tenure) {
    let inside = t.inside().await;
    history(&t).await;
    let before = page(&inside, "ada").await;
    assert_eq!(
        (before.events.len(), before.complete_after_revision),
        (62, 0)
    );
    // Nothing is old enough.
    pruned(&t.database, 60).await;
    assert_eq!(page(&inside, "ada").await, before);

    let listed = t.snapshot("ada").await;
    pruned(&t.database, 0).await;
    let after = page(&inside, "ada").await;
    assert_eq!(
        after.events,
        before.events[60..],
        "the last of each attribute stays"
    );
    assert_eq!(after.complete_after_revision, after.revision);
    assert_eq!(t.snapshot("ada").await, listed);
    // Of what is not overtaken, the creation alone goes.
    let graces = page(&inside, "grace").await;
    assert_eq!(graces.events.len(), 1);
    assert_eq!(graces.events[0].cause(), Cause::Acquired);

    // What comes later is complete, and a check goes by the state as before.
    let oura = t.usual("ada", "oura").await;
    oura.acquire(json!([{"name":"steps"}])).await.succeeded();
    let later = page(&inside, "ada").await;
    assert_eq!(later.events.len(), 3);
    assert_eq!(later.events[2].generation, 31);
    pruned(&t.database, 0).await;
    pruned(&t.database, 0).await;
    assert_eq!(page(&inside, "ada").await.events, later.events[1..]);
}

/// The first of Ada's events are from a clock that was years ahead.
async fn ahead(t: &Tenure) {
    let later = if t.database.is_postgres() {
        "interval '10 years'"
    } else {
        "315360000000000"
    };
    let ahead =
        format!("update event set at = at + {later} where user_id = 'ada' and revision < 9");
    t.database.run(&ahead).await;
}

async fn an_event_of_a_clock_that_was_ahead_goes_with_the_next_old_one(t: Tenure) {
    let inside = t.inside().await;
    history(&t).await;
    ahead(&t).await;
    let before = page(&inside, "ada").await;
    pruned(&t.database, 60).await;
    assert_eq!(
        page(&inside, "ada").await,
        before,
        "what came after it is not old"
    );
    pruned(&t.database, 0).await;
    assert_eq!(page(&inside, "ada").await.events, before.events[60..]);
}

/// So many events of an attribute of Eve's, half of them from a clock that was a day ahead, then half from a day ago.
async fn many(t: &Tenure, count: u32) {
    let (now, day) = if t.database.is_postgres() {
        ("now()", "interval '1 day'")
    } else {
        ("unixepoch() * 1000000", "86400000000")
    };
    let insert = format!(
        "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {count})
         insert into event (user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual,
                            pinned, cause, actor, request_id, at)
         select 'eve', n, 0, 'steps', null, 'oura', 1, true, n % 2 = 0, false, 'MANUAL_CHANGED', 'operator', 'r',
                case when n <= {count} / 2 then {now} + {day} else {now} - {day} end
         from numbers"
    );
    t.database.run(&insert).await;
}

async fn a_round_prunes_so_much_and_the_next_one_goes_on(t: Tenure) {
    let kept = async || {
        let kept = "select count(*) from event where user_id = 'eve'";
        t.database.numbers(kept).await[0]
    };
    many(&t, 10_500).await;
    pruned(&t.database, 60).await;
    assert_eq!(kept().await, 501);
    pruned(&t.database, 60).await;
    assert_eq!(kept().await, 1);
}

async fn a_watch_from_before_what_is_kept_is_refused_with_the_oldest_that_works(t: Tenure) {
    let inside = t.inside().await;
    let begin = inside.watch_all().await.cursor;
    history(&t).await;
    pruned(&t.database, 0).await;
    let status = inside.watch_from(&begin).await.err().unwrap();
    assert_eq!(status.code(), Code::OutOfRange);
    assert_eq!(reason(&status), "NOT_RETAINED");
    let mut oldest = inside
        .watch_from(&metadata(&status, "oldest"))
        .await
        .unwrap();

    let of_user = |revision| WatchOwnershipRequest {
        user: "ada".to_owned(),
        after: Some(After::Revision(revision)),
        ..WatchOwnershipRequest::default()
    };
    let status = inside.watch(of_user(3)).await.err().unwrap();
    assert_eq!(reason(&status), "NOT_RETAINED");
    let revision: i64 = metadata(&status, "oldest").parse().unwrap();
    assert_eq!(revision, page(&inside, "ada").await.complete_after_revision);
    let mut of_ada = inside.watch(of_user(revision)).await.unwrap();

    let oura = t.usual("ada", "oura").await;
    oura.acquire(json!([{"name":"steps"}])).await.succeeded();
    for watch in [&mut oldest, &mut of_ada] {
        assert_eq!(watch.event().await.generation, 31);
        // Its cursor is good as long as nothing after it goes.
        inside.watch_from(&watch.cursor).await.unwrap();
    }
}

async fn a_watch_from_the_beginning_gives_what_stands_and_goes_on(t: Tenure) {
    let inside = t.inside().await;
    history(&t).await;
    for pruning in [false, true] {
        if pruning {
            pruned(&t.database, 0).await;
        }
        let kept: Vec<_> = [
            inside.all_events("ada").await,
            inside.all_events("grace").await,
        ]
        .concat();
        let mut watch = inside.watch_from("beginning").await.unwrap();
        let mut told = watch.events(kept.len()).await;
        told.sort_by_key(key);
        assert_eq!(told, kept);
    }
    let mut watch = inside.watch_from("beginning").await.unwrap();
    watch.events(3).await;
    let oura = t.usual("ada", "oura").await;
    oura.acquire(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(watch.event().await.generation, 31);
}

async fn a_watch_from_the_beginning_that_is_cut_goes_on_where_it_was(t: Tenure) {
    let inside = t.inside().await;
    history(&t).await;
    pruned(&t.database, 0).await;
    let kept = [
        inside.all_events("ada").await,
        inside.all_events("grace").await,
    ]
    .concat();
    // Cut before the first event, and after each: all of these places lie before what is complete.
    let (mut cursor, mut told) = ("beginning".to_owned(), Vec::new());
    for _ in 0..kept.len() {
        let watch = inside.watch_from(&cursor).await.unwrap();
        let mut watch = inside.watch_from(&watch.cursor).await.unwrap();
        told.push(watch.event().await);
        cursor = watch.cursor;
    }
    told.sort_by_key(key);
    assert_eq!(told, kept);

    // What is overtaken between two cuts is left out, and what overtook it comes.
    let mut watch = inside.watch_from("beginning").await.unwrap();
    watch.event().await;
    let oura = t.usual("ada", "oura").await;
    oura.acquire(json!([{"name":"steps"},{"name":"weight"}]))
        .await
        .succeeded();
    pruned(&t.database, 0).await;
    let kept = inside.all_events("ada").await;
    let mut resumed = inside.watch_from(&watch.cursor).await.unwrap();
    assert_eq!(resumed.events(kept.len()).await, kept);
}

async fn a_watch_from_the_beginning_that_has_caught_up_is_as_any_other(t: Tenure) {
    let inside = t.inside().await;
    history(&t).await;
    let request = WatchOwnershipRequest {
        after: Some(After::Cursor("beginning".to_owned())),
        heartbeat: Some(prost_types::Duration {
            seconds: 1,
            nanos: 0,
        }),
        ..WatchOwnershipRequest::default()
    };
    let mut watch = inside.watch(request).await.unwrap();
    // A heartbeat comes when all has been told.
    while watch.message().await.unwrap().event.is_some() {}
    for service in ["oura", "withings"] {
        let client = t.usual("ada", service).await;
        client.acquire(json!([{"name":"steps"}])).await.succeeded();
    }
    pruned(&t.database, 0).await;
    let status = inside.watch_from(&watch.cursor).await.err().unwrap();
    assert_eq!(reason(&status), "NOT_RETAINED");
}

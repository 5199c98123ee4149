//! The ledger: who owned what, since when, and why that changed.

use crate::{
    check::reason,
    harness::{Inside, Tenure, on_both_engines},
};
use serde_json::json;
use tenure::proto::{Cause, ListOwnershipEventsRequest, OwnershipEvent};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

on_both_engines! {
    the_ledger_tells_every_cause,
    pages_go_both_ways,
    pages_are_filtered_and_say_where_the_user_is,
    who_owned_it_then_is_one_call,
    a_client_sees_the_entries_that_concern_it,
    what_is_wrong_with_a_page_is_told_field_by_field,
}

fn of(user: &str) -> ListOwnershipEventsRequest {
    ListOwnershipEventsRequest {
        user: user.to_owned(),
        ..ListOwnershipEventsRequest::default()
    }
}

async fn events(inside: &Inside, request: ListOwnershipEventsRequest) -> Vec<OwnershipEvent> {
    inside.events(request).await.unwrap().events
}

async fn the_ledger_tells_every_cause(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    oura.acquire(json!([{"name":"steps","manual":false}]))
        .await
        .succeeded();
    t.switch("ada", "steps", false).await;
    t.switch("ada", "steps", true).await;
    withings
        .acquire(json!([{"name":"steps"}]))
        .await
        .succeeded();
    withings
        .release(json!([{"name":"steps"}]))
        .await
        .succeeded();
    t.disconnect("ada", "withings").await;
    oura.release(json!([{"name":"steps"}])).await.succeeded();
    oura.acquire(json!([{"name":"steps"}])).await.succeeded();
    t.connect("ada", "oura", "mood_write").await;
    t.connect("ada", "oura", "activity_write").await;
    oura.acquire(json!([{"name":"steps"}])).await.succeeded();
    t.disconnect("ada", "oura").await;
    let told = events(&inside, of("ada")).await;
    let causes: Vec<_> = told.iter().map(OwnershipEvent::cause).collect();
    assert_eq!(
        causes,
        [
            Cause::Created,
            Cause::Acquired,
            Cause::ManualChanged,
            Cause::Deactivated,
            Cause::Activated,
            Cause::Taken,
            Cause::Inherited,
            Cause::Released,
            Cause::Acquired,
            Cause::ScopeNarrowed,
            Cause::Acquired,
            Cause::Disconnected,
        ]
    );
    let generations: Vec<_> = told.iter().map(|event| event.generation).collect();
    assert_eq!(generations, [0, 1, 1, 1, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert!(told.iter().all(|event| event.time.is_some()));
    assert!(
        told.windows(2)
            .all(|two| two[0].revision <= two[1].revision)
    );
}

/// Ten events of ada's, and some of grace's.
async fn history(t: &Tenure, inside: &Inside) -> Vec<OwnershipEvent> {
    let (oura, graces) = (t.usual("ada", "oura").await, t.usual("grace", "oura").await);
    for template in ["steps", "weight", "sleep", "mood"] {
        let items = json!([{"template":template}]);
        oura.acquire(items.clone()).await.succeeded();
        graces.acquire(items).await.succeeded();
    }
    let items = json!([{"name":"steps"},{"name":"mood"}]);
    oura.release(items).await.succeeded();
    let all = events(inside, of("ada")).await;
    assert_eq!(all.len(), 10);
    all
}

async fn pages_go_both_ways(t: Tenure) {
    let inside = t.inside().await;
    let all = history(&t, &inside).await;
    for newest_first in [false, true] {
        for page_size in [1, 3, 10] {
            let mut request = ListOwnershipEventsRequest {
                newest_first,
                page_size,
                ..of("ada")
            };
            let mut paged = Vec::new();
            loop {
                let page = inside.events(request.clone()).await.unwrap();
                assert!(page.events.len() <= usize::try_from(page_size).unwrap());
                paged.extend(page.events);
                request.page_token = page.next_page_token;
                if request.page_token.is_empty() {
                    break;
                }
            }
            if newest_first {
                paged.reverse();
            }
            assert_eq!(paged, all);
        }
    }
}

async fn pages_are_filtered_and_say_where_the_user_is(t: Tenure) {
    let inside = t.inside().await;
    let all = history(&t, &inside).await;
    let request = ListOwnershipEventsRequest {
        attribute: "mood".to_owned(),
        ..of("ada")
    };
    assert!(
        events(&inside, request)
            .await
            .iter()
            .eq(all.iter().filter(|e| e.attribute == "mood"))
    );
    let revision = all[4].revision;
    let request = ListOwnershipEventsRequest {
        after_revision: revision,
        ..of("ada")
    };
    let later = events(&inside, request).await;
    assert!(
        later
            .iter()
            .eq(all.iter().filter(|e| e.revision > revision))
    );
    let page = inside.events(of("nobody")).await.unwrap();
    assert_eq!(
        (
            page.events.len(),
            page.revision,
            page.complete_after_revision
        ),
        (0, 0, 0)
    );
    let page = inside.events(of("ada")).await.unwrap();
    assert_eq!(page.revision, all[9].revision);
}

async fn who_owned_it_then_is_one_call(t: Tenure) {
    let inside = t.inside().await;
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    oura.acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    for client in [&withings, &oura, &withings] {
        client.acquire(json!([{"name":"steps"}])).await.succeeded();
    }
    let all = events(&inside, of("ada")).await;
    for then in &all[1..] {
        let request = ListOwnershipEventsRequest {
            attribute: "steps".to_owned(),
            until: then.time,
            newest_first: true,
            page_size: 1,
            ..of("ada")
        };
        let found = events(&inside, request).await;
        assert_eq!(found.len(), 1);
        assert_eq!(
            (&found[0].to, found[0].generation),
            (&then.to, then.generation)
        );
    }
    let before = all[0].time.map(|time| prost_types::Timestamp {
        seconds: time.seconds - 1,
        ..time
    });
    let request = ListOwnershipEventsRequest {
        until: before,
        ..of("ada")
    };
    assert_eq!(events(&inside, request).await, []);
}

async fn a_client_sees_the_entries_that_concern_it(t: Tenure) {
    let (oura, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    oura.acquire(json!([{"template":"steps"},{"template":"mood"}]))
        .await
        .succeeded();
    withings
        .acquire(json!([{"name":"steps"},{"template":"weight"}]))
        .await
        .succeeded();
    let all = t.inside().await.all_events("ada").await;
    for (client, service, other) in [(&oura, "oura", "withings"), (&withings, "withings", "oura")] {
        let inside = t.inside_with(client.token.clone()).await;
        for user in ["", "ada"] {
            let seen = events(&inside, of(user)).await;
            let concerns = |event: &&OwnershipEvent| {
                [&event.from, &event.to]
                    .into_iter()
                    .flatten()
                    .any(|owner| owner == service)
            };
            let expected = all
                .iter()
                .filter(concerns)
                .cloned()
                .map(|event| OwnershipEvent {
                    request_id: if event.actor == format!("service:{other}") {
                        String::new()
                    } else {
                        event.request_id
                    },
                    ..event
                });
            assert!(expected.eq(seen));
        }
        let status = inside.events(of("grace")).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
    }
    let inside = t.inside_with(oura.token.clone()).await;
    t.disconnect("ada", "oura").await;
    let status = inside.events(of("")).await.unwrap_err();
    assert_eq!(reason(&status), "TOKEN_INVALID");
}

async fn what_is_wrong_with_a_page_is_told_field_by_field(t: Tenure) {
    let inside = t.inside().await;
    let fields = |status: Status| {
        assert_eq!(status.code(), Code::InvalidArgument);
        let violations = status.get_details_bad_request().unwrap().field_violations;
        violations.into_iter().map(|v| v.field).collect::<Vec<_>>()
    };
    let request = ListOwnershipEventsRequest {
        user: "a\0b".to_owned(),
        attribute: "No".to_owned(),
        after_revision: -1,
        until: Some(prost_types::Timestamp {
            seconds: i64::MAX,
            nanos: 0,
        }),
        page_size: -1,
        page_token: "x".to_owned(),
        newest_first: false,
    };
    let wrong = inside.events(request).await.unwrap_err();
    let expected = [
        "user",
        "attribute",
        "after_revision",
        "until",
        "page_size",
        "page_token",
    ];
    assert_eq!(fields(wrong), expected);
    let nobody = inside.events(of("")).await.unwrap_err();
    assert_eq!(fields(nobody), ["user"]);
}

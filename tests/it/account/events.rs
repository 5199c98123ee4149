//! What happened, in words.

use super::{User, ada};
use crate::harness::{Tenure, on_both_engines};
use serde_json::json;
use tenure::proto::{Cause, DisconnectRequest, ListEventsRequest, ListEventsResponse, UserEvent};

on_both_engines! {
    what_happened_is_told_in_sentences_the_newest_first,
    pages_are_whole_and_follow_one_another,
    of_an_attribute_its_own_events_are_told,
    the_id_of_a_request_is_shown_to_whoever_made_it,
    each_user_is_told_of_their_own,
}

async fn page(user: &User, request: ListEventsRequest) -> ListEventsResponse {
    let request = user.request(request);
    let page = user.stub.clone().list_events(request).await;
    page.unwrap().into_inner()
}

async fn all(user: &User) -> Vec<UserEvent> {
    page(user, ListEventsRequest::default()).await.events
}

async fn what_happened_is_told_in_sentences_the_newest_first(t: Tenure) {
    let (user, c) = ada(&t).await;
    let oura = t.usual("ada", "oura").await;
    let steps = json!([{"name":"steps"}]);
    oura.acquire(steps.clone()).await.succeeded();
    user.switches("steps", false, "").await.unwrap();
    oura.acquire(steps.clone()).await.succeeded();
    let manual = json!([{"name":"steps","manual":true}]);
    oura.acquire(manual).await.succeeded();
    user.set_owner("steps", "withings", Some(true), "")
        .await
        .unwrap();
    user.pins("steps", false, "").await.unwrap();
    user.pins("steps", true, "").await.unwrap();
    user.gives("steps", "").await.unwrap();
    c.acquire(steps.clone()).await.succeeded();
    c.release(steps).await.succeeded();
    t.connect("ada", "oura", "mood_write").await;
    let service = "withings".to_owned();
    let request = user.request(DisconnectRequest {
        service,
        ..DisconnectRequest::default()
    });
    user.stub.clone().disconnect(request).await.unwrap();
    let told = all(&user).await.into_iter().rev();
    let told: Vec<_> = told.map(|event| (event.text, event.label)).collect();
    let expected = [
        "My Test Client created Steps",
        "My Test Client took over Steps",
        "Oura took over Steps from My Test Client",
        "You switched Steps off",
        "Oura switched Steps on",
        "Oura set Steps to be entered by hand",
        "You gave Steps to Withings",
        "You unpinned Steps from Withings",
        "You pinned Steps to Withings",
        "You took Steps from Withings, and nobody has it now",
        "My Test Client took over Steps",
        "Withings inherited Steps when My Test Client released it",
        "You disconnected Withings, and nobody has Steps now",
    ];
    let expected = expected.map(|text| (text.to_owned(), "Steps".to_owned()));
    assert_eq!(told, expected);
}

async fn pages_are_whole_and_follow_one_another(t: Tenure) {
    let (user, c) = ada(&t).await;
    // Two events of one change, which a page may part.
    c.acquire(json!([{"template":"mood"}, {"template":"weight"}]))
        .await
        .succeeded();
    for pinned in [true, false, true] {
        user.pins("steps", pinned, "").await.unwrap();
    }
    let whole = all(&user).await;
    assert_eq!(whole.len(), 9);
    let places = whole.iter().map(|told| {
        let event = told.event.as_ref().unwrap();
        (event.revision, event.number)
    });
    assert!(places.rev().is_sorted());
    for page_size in [1, 2, 4, 9, 600] {
        let mut request = ListEventsRequest {
            page_size,
            ..ListEventsRequest::default()
        };
        let mut told = Vec::new();
        loop {
            let page = page(&user, request.clone()).await;
            assert!(page.events.len() <= usize::try_from(page_size).unwrap());
            assert_eq!(page.revision, user.revision().await);
            told.extend(page.events);
            if page.next_page_token.is_empty() {
                break;
            }
            request.page_token = page.next_page_token;
        }
        assert_eq!(told, whole, "{page_size}");
    }
}

async fn of_an_attribute_its_own_events_are_told(t: Tenure) {
    let (user, c) = ada(&t).await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    for (attribute, count) in [("steps", 2), ("mood", 2), ("nothing", 0)] {
        let request = ListEventsRequest {
            attribute: attribute.to_owned(),
            ..ListEventsRequest::default()
        };
        let page = page(&user, request).await;
        assert_eq!(page.events.len(), count, "{attribute}");
        for told in page.events {
            assert_eq!(told.event.unwrap().attribute, attribute);
            assert_eq!(told.label.to_lowercase(), attribute);
        }
    }
}

async fn the_id_of_a_request_is_shown_to_whoever_made_it(t: Tenure) {
    let (user, _) = ada(&t).await;
    user.pins("steps", true, "").await.unwrap();
    let told = all(&user).await.into_iter().map(|told| {
        let event = told.event.unwrap();
        (event.cause(), event.actor, event.request_id)
    });
    let by = |cause, actor: &str, id: &str| (cause, actor.to_owned(), id.to_owned());
    let expected = [
        by(Cause::Pinned, "user", "of-the-user"),
        by(Cause::Acquired, "service:test500", ""),
        by(Cause::Created, "service:test500", ""),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
}

async fn each_user_is_told_of_their_own(t: Tenure) {
    ada(&t).await;
    assert_eq!(all(&User::of(&t, "grace").await).await, []);
}

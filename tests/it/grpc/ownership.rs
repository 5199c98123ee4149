//! Acquire, release and list.

use super::{Stub, by_name, by_template, reason, stub, with};
use crate::harness::{Client, Tenure, on_both_engines};
use serde_json::json;
use tenure::proto::{
    AcquireAttributesRequest, AcquireItem, FailureCode, ItemResult, ListOwnedAttributesRequest,
    Malformed, ReleaseAttributesRequest, ReleaseItem, ValueType, item_result::Outcome,
};
use tonic::Code;
use tonic_types::StatusExt as _;

on_both_engines! {
    acquire_release_and_list_are_as_over_rest,
    every_failure_has_its_code_and_text,
    what_a_gateway_cannot_read_is_decided_in_order,
    a_batch_over_35_items_is_refused_whole,
    pages_go_on_by_token,
    wrong_fields_are_all_named,
}

fn release(name: &str) -> ReleaseItem {
    ReleaseItem {
        name: Some(name.to_owned()),
        ..ReleaseItem::default()
    }
}

/// What each item came to: the attribute's name and owner, or the failure.
type Outcomes = Vec<Result<(String, Option<String>), (FailureCode, String)>>;

fn outcomes(results: Vec<ItemResult>) -> Outcomes {
    let outcome = |result: ItemResult| match result.outcome.unwrap() {
        Outcome::Attribute(a) => Ok((a.name, a.owner.map(|owner| owner.name))),
        Outcome::Failure(f) => Err((f.code(), f.text)),
    };
    results.into_iter().map(outcome).collect()
}

async fn acquire(stub: &mut Stub, client: &Client, items: Vec<AcquireItem>) -> Outcomes {
    let request = with(
        client,
        AcquireAttributesRequest {
            items,
            ..Default::default()
        },
    );
    let response = stub.acquire_attributes(request).await.unwrap();
    outcomes(response.into_inner().results)
}

async fn acquire_release_and_list_are_as_over_rest(t: Tenure) {
    let (c, oura) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "oura").await,
    );
    let mut stub = stub(&t).await;
    let items = vec![
        by_template("steps"),
        AcquireItem {
            manual: Some(false),
            ..by_template("mood")
        },
    ];
    let request = with(
        &c,
        AcquireAttributesRequest {
            items,
            ..Default::default()
        },
    );
    let done = stub.acquire_attributes(request).await.unwrap().into_inner();
    let Some(Outcome::Attribute(mood)) = done.results[1].outcome.clone() else {
        panic!("{done:?}")
    };
    assert_eq!(
        (mood.manual, mood.active, mood.generation),
        (false, true, 1)
    );
    assert_eq!(mood.value_type(), ValueType::Scale);
    assert!(mood.owned_since.is_some() && mood.group.is_some());
    assert_eq!(mood.available_services[0].name, "test500");

    let list = with(&c, ListOwnedAttributesRequest::default());
    let page = stub.list_owned_attributes(list).await.unwrap().into_inner();
    assert_eq!((page.total_size, page.revision), (2, done.revision));
    assert_eq!(page.attributes[1], mood);
    assert_eq!(c.owned_names().await, ["steps", "mood"]);

    let items = vec![release("steps"), release("mood"), release("mood")];
    let request = with(
        &c,
        ReleaseAttributesRequest {
            items,
            ..Default::default()
        },
    );
    let done = stub.release_attributes(request).await.unwrap().into_inner();
    assert_eq!(done.revision, page.revision + 1);
    let text = "Attribute 'mood' does not belong to this service".to_owned();
    assert_eq!(
        outcomes(done.results),
        [
            Ok(("steps".to_owned(), Some("oura".to_owned()))),
            Ok(("mood".to_owned(), None)),
            Err((FailureCode::Unauthorised, text)),
        ]
    );
    assert_eq!(oura.owned_names().await, ["steps"]);
}

async fn every_failure_has_its_code_and_text(t: Tenure) {
    let c = t.client("ada", "test500", "mood_write").await;
    t.custom("ada", "Sleep", "custom").await;
    let mut stub = stub(&t).await;
    let items = vec![
        AcquireItem::default(),
        by_name(""),
        by_name("nope"),
        by_template("nope"),
        by_template("steps"),
        by_template("sleep"),
    ];
    let found = acquire(&mut stub, &c, items).await;
    let no_match = "Attribute matching query does not exist.";
    let expected = [
        (
            FailureCode::MissingField,
            "Object at index 0 missing field(s) 'name'",
        ),
        (
            FailureCode::Validation,
            "Object at index 1 field 'name' must not be empty",
        ),
        (FailureCode::NotFound, no_match),
        (FailureCode::NotFound, no_match),
        (
            FailureCode::NotAllowed,
            "No permission to write to attributes in group 'activity'",
        ),
        (
            FailureCode::Exists,
            "User already has a custom attribute named 'sleep', use 'name' to acquire it",
        ),
    ];
    let expected: Outcomes = expected
        .map(|(code, text)| Err((code, text.to_owned())))
        .into();
    assert_eq!(found, expected);
}

async fn what_a_gateway_cannot_read_is_decided_in_order(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let mut stub = stub(&t).await;
    let malformed = |field: &str, item: AcquireItem| AcquireItem {
        malformed: Some(Malformed {
            field: field.to_owned(),
            reason: "is odd".to_owned(),
        }),
        ..item
    };
    let items = vec![
        malformed("", by_template("mood")),
        malformed("template", by_name("")),
        malformed("manual", AcquireItem::default()),
        malformed("manual", by_template("nope")),
    ];
    let found = acquire(&mut stub, &c, items).await;
    let expected = [
        (FailureCode::Validation, "Object at index 0 is odd"),
        (
            FailureCode::Validation,
            "Object at index 1 field 'name' must not be empty",
        ),
        (
            FailureCode::MissingField,
            "Object at index 2 missing field(s) 'name'",
        ),
        (
            FailureCode::Validation,
            "Object at index 3 field 'manual' is odd",
        ),
    ];
    let expected: Outcomes = expected
        .map(|(code, text)| Err((code, text.to_owned())))
        .into();
    assert_eq!(found, expected);
    let items = vec![malformed("colour", by_template("mood"))];
    let request = with(
        &c,
        AcquireAttributesRequest {
            items,
            ..Default::default()
        },
    );
    let status = stub.acquire_attributes(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

async fn a_batch_over_35_items_is_refused_whole(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let mut stub = stub(&t).await;
    let items = vec![by_template("mood"); 36];
    let request = with(
        &c,
        AcquireAttributesRequest {
            items,
            ..Default::default()
        },
    );
    let status = stub.acquire_attributes(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(status.message(), "Maximum is 35 objects, got 36.");
    assert_eq!(reason(&status), "INVALID_REQUEST");
    assert!(c.owned_names().await.is_empty());
    assert_eq!(
        acquire(&mut stub, &c, vec![by_template("mood"); 35])
            .await
            .len(),
        35
    );
}

async fn pages_go_on_by_token(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let templates = ["steps", "mood", "sleep", "weight", "tracks"];
    let items: Vec<_> = templates.iter().map(|t| json!({"template":t})).collect();
    c.acquire(json!(items)).await.succeeded();
    let mut stub = stub(&t).await;
    let (mut token, mut names) = (String::new(), Vec::new());
    loop {
        let request = ListOwnedAttributesRequest {
            page_size: 2,
            page_token: token,
            ..ListOwnedAttributesRequest::default()
        };
        let page = stub.list_owned_attributes(with(&c, request)).await.unwrap();
        let page = page.into_inner();
        assert_eq!(page.total_size, 5);
        names.extend(page.attributes.into_iter().map(|a| a.name));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
        // A page is by place, not by number: what leaves before it does not shift it.
        if names.len() == 2 {
            c.release(json!([{"name":"steps"}])).await.succeeded();
            c.acquire(json!([{"name":"steps"}])).await.succeeded();
        }
    }
    assert_eq!(names, templates);
    let skipping = ListOwnedAttributesRequest {
        skip: 3,
        page_size: 1,
        ..ListOwnedAttributesRequest::default()
    };
    let page = stub
        .list_owned_attributes(with(&c, skipping))
        .await
        .unwrap();
    assert_eq!(page.into_inner().attributes[0].name, "weight");
}

async fn wrong_fields_are_all_named(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let request = ListOwnedAttributesRequest {
        page_size: -1,
        skip: -1,
        page_token: "nonsense".to_owned(),
        ..ListOwnedAttributesRequest::default()
    };
    let status = stub(&t)
        .await
        .list_owned_attributes(with(&c, request))
        .await;
    let status = status.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let violations = status.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = violations.iter().map(|v| v.field.as_str()).collect();
    assert_eq!(fields, ["page_size", "skip", "page_token"]);
}

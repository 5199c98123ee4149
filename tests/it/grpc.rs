//! The same behaviour through gRPC, by a client generated from the proto.

use crate::harness::{Client, SCOPES, Tenure, id, name, on_both_engines};
use serde_json::json;
use tenure::{
    proto::{
        AcquireAttributesRequest, AcquireItem, FailureCode, GetCallerRequest,
        ListOwnedAttributesRequest, Malformed, ReleaseAttributesRequest, ReleaseItem, ValueType,
        attribute_ownership_client::AttributeOwnershipClient, item_result::Outcome,
    },
    service::NewToken,
};
use tonic::{Code, Request, Status, transport::{Channel, Endpoint}};
use tonic_types::StatusExt as _;

on_both_engines! {
    acquire_release_and_list_are_as_over_rest,
    every_failure_has_its_code_and_text,
    what_a_gateway_cannot_read_is_decided_in_order,
    a_batch_over_35_items_is_refused_whole,
    pages_go_on_by_token,
    wrong_fields_are_all_named,
    credentials_are_judged_before_all_else,
    the_caller_learns_who_it_is,
    the_request_id_is_kept_in_the_events,
    reflection_and_health_need_no_token,
    a_deadline_that_has_passed_is_told,
}

type Stub = AttributeOwnershipClient<Channel>;

async fn channel(t: &Tenure) -> Channel {
    let address = format!("http://{}", t.addresses.grpc);
    let endpoint: Endpoint = address.parse().unwrap();
    endpoint.connect().await.unwrap()
}

async fn stub(t: &Tenure) -> Stub {
    Stub::new(channel(t).await)
}

fn with<T>(client: &Client, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {}", client.token);
    request
        .metadata_mut()
        .insert("authorization", bearer.parse().unwrap());
    request
}

fn by_name(name: &str) -> AcquireItem {
    AcquireItem {
        name: Some(name.to_owned()),
        ..AcquireItem::default()
    }
}

fn by_template(template: &str) -> AcquireItem {
    AcquireItem {
        template: Some(template.to_owned()),
        ..AcquireItem::default()
    }
}

fn release(name: &str) -> ReleaseItem {
    ReleaseItem {
        name: Some(name.to_owned()),
        malformed: None,
    }
}

/// What each item came to: the attribute's name and owner, or the failure.
type Outcomes = Vec<Result<(String, Option<String>), (FailureCode, String)>>;

fn outcomes(results: Vec<tenure::proto::ItemResult>) -> Outcomes {
    let outcome = |result: tenure::proto::ItemResult| match result.outcome.unwrap() {
        Outcome::Attribute(a) => Ok((a.name, a.owner.map(|owner| owner.name))),
        Outcome::Failure(f) => Err((f.code(), f.text)),
    };
    results.into_iter().map(outcome).collect()
}

async fn acquire(stub: &mut Stub, client: &Client, items: Vec<AcquireItem>) -> Outcomes {
    let request = with(client, AcquireAttributesRequest { items });
    let response = stub.acquire_attributes(request).await.unwrap();
    outcomes(response.into_inner().results)
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
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
    let request = with(&c, AcquireAttributesRequest { items });
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
    let request = with(&c, ReleaseAttributesRequest { items });
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
    let request = with(&c, AcquireAttributesRequest { items });
    let status = stub.acquire_attributes(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

async fn a_batch_over_35_items_is_refused_whole(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let mut stub = stub(&t).await;
    let items = vec![by_template("mood"); 36];
    let request = with(&c, AcquireAttributesRequest { items });
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

async fn credentials_are_judged_before_all_else(t: Tenure) {
    let mut stub = stub(&t).await;
    let items = vec![by_template("mood"); 99];
    let message = AcquireAttributesRequest { items };
    let missing = stub.acquire_attributes(Request::new(message.clone())).await;
    let missing = missing.unwrap_err();
    assert_eq!(
        (missing.code(), reason(&missing).as_str()),
        (Code::Unauthenticated, "CREDENTIALS_MISSING")
    );
    let bad = with(&t.with_token("bad"), message.clone());
    let bad = stub.acquire_attributes(bad).await.unwrap_err();
    assert_eq!(
        (bad.code(), reason(&bad).as_str()),
        (Code::Unauthenticated, "TOKEN_INVALID")
    );
    let own = NewToken {
        user: id("ada"),
        service: None,
        scopes: None,
        expires_in: time::Duration::hours(1),
    };
    let (own, _) = t.registry.issue_token(&own).await.unwrap();
    let own = with(&t.with_token(own.reveal()), message);
    let own = stub.acquire_attributes(own).await.unwrap_err();
    assert_eq!(
        (own.code(), reason(&own).as_str()),
        (Code::PermissionDenied, "NOT_A_CLIENT")
    );
}

async fn the_caller_learns_who_it_is(t: Tenure) {
    t.connect("ada", "test500", SCOPES).await;
    let token = t
        .issue("ada", "test500", Some("sleep_write mood_write"))
        .await;
    let request = with(&t.with_token(&token), GetCallerRequest {});
    let caller = stub(&t)
        .await
        .get_caller(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (caller.user.as_str(), caller.service.as_str()),
        ("ada", "test500")
    );
    assert_eq!(caller.scopes, ["mood_write", "sleep_write"]);
    assert!(caller.expire_time.is_some());
    let record = &t.registry.tokens(&id("ada")).await.unwrap()[0];
    assert_eq!(record.service, Some(name("test500")));
}

async fn the_request_id_is_kept_in_the_events(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let message = AcquireAttributesRequest {
        items: vec![by_template("mood")],
    };
    let mut request = with(&c, message);
    request
        .metadata_mut()
        .insert("x-request-id", "over-grpc.1".parse().unwrap());
    let response = stub(&t).await.acquire_attributes(request).await.unwrap();
    assert_eq!(
        response.metadata().get("x-request-id").unwrap(),
        "over-grpc.1"
    );
    let request = c.request(http::Method::POST, "/api/2/attributes/release/");
    let request = request.header("x-request-id", "over-rest_2");
    c.send(request.body(br#"[{"name":"mood"}]"#.to_vec()).unwrap())
        .await
        .succeeded();
    for (id, count) in [("over-grpc.1", 2), ("over-rest_2", 1)] {
        let sql = format!(
            "select count(*) from event where request_id = '{id}' and actor = 'service:test500'"
        );
        assert_eq!(t.database.numbers(&sql).await, [count], "{id}");
    }
}

async fn reflection_and_health_need_no_token(t: Tenure) {
    use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};
    use tonic_reflection::pb::v1::{
        ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
        server_reflection_request::MessageRequest, server_reflection_response::MessageResponse,
    };
    let mut health = HealthClient::new(channel(&t).await);
    for service in ["", "attributeownership.v1.AttributeOwnership"] {
        let service = service.to_owned();
        let checked = health.check(HealthCheckRequest { service }).await.unwrap();
        assert_eq!(checked.into_inner().status, 1);
    }
    let mut reflection = ServerReflectionClient::new(channel(&t).await);
    let list = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = reflection
        .server_reflection_info(tokio_stream::iter([list]))
        .await
        .unwrap()
        .into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = answer.message_response else {
        panic!("{answer:?}")
    };
    let names: Vec<_> = list.service.into_iter().map(|s| s.name).collect();
    assert!(
        names.contains(&"attributeownership.v1.AttributeOwnership".to_owned()),
        "{names:?}"
    );
}

async fn a_deadline_that_has_passed_is_told(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let lock = t.database.lock().await;
    let message = AcquireAttributesRequest {
        items: vec![by_template("mood")],
    };
    let mut request = with(&c, message);
    // A client that waits longer than the deadline that it names.
    request
        .metadata_mut()
        .insert("grpc-timeout", "200m".parse().unwrap());
    let status = stub(&t)
        .await
        .acquire_attributes(request)
        .await
        .unwrap_err();
    let late = matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled);
    assert!(late, "{status:?}");
    lock.end().await;
}

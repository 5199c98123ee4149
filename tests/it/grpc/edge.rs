//! What every call has in common.

use super::{by_template, channel, reason, stub, with};
use crate::harness::{Client, SCOPES, Tenure, id, name, on_both_engines};
use prost::Message as _;
use tenure::app::Addresses;
use tenure::proto::{AcquireAttributesRequest, GetCallerRequest};
use tonic::{Code, Request};

on_both_engines! {
    credentials_are_judged_before_all_else,
    the_caller_learns_who_it_is,
    the_request_id_is_kept_in_the_events,
    reflection_and_health_need_no_token,
    a_deadline_that_has_passed_is_told,
}

async fn credentials_are_judged_before_all_else(t: Tenure) {
    let mut stub = stub(&t).await;
    let items = vec![by_template("mood"); 99];
    let message = AcquireAttributesRequest {
        items,
        ..Default::default()
    };
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
    let own = t.own("ada").await;
    let own = with(&t.with_token(&own), message);
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
        ..AcquireAttributesRequest::default()
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
    let parts = [
        "attributeownership.v1.AttributeOwnership",
        "attributeownership.v1.Registry",
        "attributeownership.v1.UserAttributes",
    ];
    for service in ["", parts[0], parts[1]] {
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
    for part in parts {
        assert!(names.contains(&part.to_owned()), "{names:?}");
    }
}

async fn a_deadline_that_has_passed_is_told(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let lock = t.database.lock().await;
    let message = AcquireAttributesRequest {
        items: vec![by_template("mood")],
        ..AcquireAttributesRequest::default()
    };
    // As bytes: a generated client would not wait for the answer.
    let message = message.encode_to_vec();
    let mut body = vec![0];
    body.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    body.extend(message);
    let addresses = Addresses {
        http: t.addresses.grpc,
        ..t.addresses
    };
    let raw = Client::new(addresses, c.token).over_http_2();
    let method = "/attributeownership.v1.AttributeOwnership/AcquireAttributes";
    for _ in 0..10 {
        let request = raw
            .request(http::Method::POST, method)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .header("grpc-timeout", "50m");
        let answer = raw.send(request.body(body.clone()).unwrap()).await;
        assert_eq!(answer.header("grpc-status"), "4", "{answer:?}");
    }
    lock.end().await;
}

//! Every field of every message, wrong: all wrong fields are named, and nothing is changed.

use super::ada;
use crate::{
    harness::{Tenure, on_both_engines},
    registry::{fields, reason, texts},
};
use tenure::proto::{
    DisconnectRequest, ListEventsRequest, SetActiveRequest, SetOwnerRequest, SetPinnedRequest,
    SetSuccessionRequest,
};
use tonic::{Code, Status};

on_both_engines! {
    every_wrong_field_is_named_at_once_and_nothing_changes,
    names_and_tags_of_any_length_are_refused_and_never_a_fault,
    a_hundred_services_can_be_ranked_and_no_more,
}

#[track_caller]
fn wrong<T: std::fmt::Debug>(answer: Result<T, Status>, expected: &[&str]) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status:?}");
    assert_eq!(reason(&status), "INVALID_REQUEST");
    assert_eq!(fields(&status), expected);
}

macro_rules! row {
    ($user:ident: $method:ident $message:expr => $($field:literal),*) => {
        let request = $user.request($message);
        let answer = $user.stub.clone().$method(request).await;
        wrong(answer, &[$($field),*]);
    };
}

async fn every_wrong_field_is_named_at_once_and_nothing_changes(t: Tenure) {
    let (user, _) = ada(&t).await;
    let before = (t.snapshot("ada").await, user.revision().await);
    for name in ["", "Steps", "a b", "é", "a\0"] {
        let attribute = name.to_owned();
        for tag in ["a b", "\"quoted\"", "é", "\u{7f}"] {
            let (attribute, etag) = (attribute.clone(), tag.to_owned());
            row!(user: set_active SetActiveRequest {
                attribute: attribute.clone(), etag: etag.clone(), active: true,
            } => "attribute", "etag");
            row!(user: set_pinned SetPinnedRequest {
                attribute: attribute.clone(), etag: etag.clone(), pinned: true,
            } => "attribute", "etag");
            row!(user: set_succession SetSuccessionRequest {
                attribute: attribute.clone(), etag: etag.clone(), services: texts(&["oura", ""]),
            } => "attribute", "etag", "services[1]");
            row!(user: set_owner SetOwnerRequest {
                attribute: attribute.clone(), etag: etag.clone(), service: "no service".to_owned(),
                pinned: Some(true), active: Some(true),
            } => "attribute", "etag", "service");
            row!(user: set_owner SetOwnerRequest {
                attribute, etag, service: String::new(), pinned: Some(false), active: Some(true),
            } => "attribute", "etag", "pinned", "active");
        }
    }
    for services in [&["oura", "oura"], &["oura", "no service"]] {
        row!(user: set_succession SetSuccessionRequest {
            attribute: "steps".to_owned(), services: texts(services), etag: String::new(),
        } => "services[1]");
    }
    row!(user: disconnect DisconnectRequest {
        service: String::new(), revision: Some(-1), validate_only: true,
    } => "service", "revision");
    row!(user: disconnect DisconnectRequest {
        service: "oura".to_owned(), revision: Some(i64::MIN), validate_only: false,
    } => "revision");
    row!(user: list_events ListEventsRequest {
        attribute: "No Name".to_owned(), page_size: -1, page_token: "?".to_owned(),
    } => "attribute", "page_size", "page_token");
    assert_eq!((t.snapshot("ada").await, user.revision().await), before);
}

async fn names_and_tags_of_any_length_are_refused_and_never_a_fault(t: Tenure) {
    let (user, _) = ada(&t).await;
    let before = (t.snapshot("ada").await, user.revision().await);
    for length in [129, 10_000, 1_000_000] {
        let long = "x".repeat(length);
        wrong(user.gives(&long, "oura").await, &["attribute"]);
        wrong(user.gives("steps", &long).await, &["service"]);
        wrong(user.switches("steps", false, &long).await, &["etag"]);
        wrong(user.pins(&long, true, &long).await, &["attribute", "etag"]);
        wrong(user.ranks("steps", &[&long], "").await, &["services[0]"]);
    }
    let longest = "x".repeat(128);
    let answer = user.gives(&longest, &"x".repeat(100)).await;
    assert_eq!(reason(&answer.unwrap_err()), "NO_SUCH_ATTRIBUTE");
    let answer = user.gives("steps", &"x".repeat(100)).await;
    assert_eq!(reason(&answer.unwrap_err()), "NOT_QUALIFIED");
    let answer = user.pins("steps", true, &"x".repeat(64)).await;
    assert_eq!(reason(&answer.unwrap_err()), "CHANGED_MEANWHILE");
    assert_eq!((t.snapshot("ada").await, user.revision().await), before);
}

async fn a_hundred_services_can_be_ranked_and_no_more(t: Tenure) {
    let (user, _) = ada(&t).await;
    let names: Vec<_> = (0..101).map(|number| format!("service-{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    wrong(user.ranks("steps", &names, "").await, &["services"]);
    let services = names.iter();
    let services = services.map(|name| format!("[[service]]\nname = '{name}'\nlabel = 'L'\n"));
    let catalog = tenure::domain::catalog::CatalogFile::parse(&services.collect::<String>());
    t.registry.apply_catalog(&catalog.unwrap()).await.unwrap();
    let (seen, _) = user.ranks("steps", &names[1..], "").await.unwrap();
    assert_eq!(seen.succession, names[1..]);
    wrong(user.ranks("steps", &names, "").await, &["services"]);
    assert_eq!(user.sees("steps").await, seen);
}

/// What nobody may ask for in another's name cannot even be said.
#[test]
fn no_request_names_a_user() {
    use prost::Message as _;
    let described = prost_types::FileDescriptorSet::decode(tenure::proto::DESCRIPTOR).unwrap();
    let account = |file: &&prost_types::FileDescriptorProto| file.name().ends_with("account.proto");
    let file = described.file.iter().find(account).unwrap();
    let requests = file.message_type.iter();
    for request in requests.filter(|message| message.name().ends_with("Request")) {
        assert!(request.field.iter().all(|field| field.name() != "user"));
    }
}

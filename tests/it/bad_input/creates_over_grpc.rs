//! Bad messages to create, by a client that no gateway stands before.

use super::{fields, prepared};
use crate::{
    grpc::{Stub, stub, with},
    harness::{Client, Tenure, on_both_engines},
};
use http::Method;
use prost::Message as _;
use tenure::{
    app::Addresses,
    proto::{
        CreateAttributesRequest, CreateItem, FailureCode, Idempotency, Malformed,
        item_result::Outcome,
    },
};
use tonic::Status;

on_both_engines! {
    bad_items_to_create_fail_by_themselves,
    a_bad_batch_to_create_is_refused_whole_and_names_the_fields,
    bytes_that_are_no_message_change_nothing,
}

fn custom(label: &str) -> CreateItem {
    CreateItem {
        label: Some(label.to_owned()),
        group: Some("media".to_owned()),
        value_type: Some(0),
        ..CreateItem::default()
    }
}

fn malformed(field: &str, reason: &str) -> Malformed {
    Malformed {
        field: field.to_owned(),
        reason: reason.to_owned(),
    }
}

/// Items that cannot be created, each with the code and a part of what is told of it.
fn items() -> Vec<(CreateItem, FailureCode, String)> {
    use FailureCode::{MissingField, NotFound, Validation};
    let mut items = Vec::new();
    // Each is a good one, but for what is changed of it.
    let mut add = |code, part: &str, change: &dyn Fn(&mut CreateItem)| {
        let mut item = custom("Coffee");
        change(&mut item);
        items.push((item, code, part.to_owned()));
    };
    let megabyte = "x".repeat(1 << 20);
    let all = "'label', 'group', 'value_type'";
    add(MissingField, all, &|item| *item = CreateItem::default());
    add(MissingField, "'label'", &|item| item.label = None);
    for label in ["", "\0", "Co\0ffee", "\u{7f}", "\u{9f}", "a\nb", &megabyte] {
        add(Validation, "'label'", &|item| *item = custom(label));
    }
    for value_type in [i64::MIN, -1, 6, 9, 1 << 32, i64::MAX] {
        add(Validation, "'value_type'", &|item| {
            item.value_type = Some(value_type);
        });
    }
    add(Validation, "'group'", &|item| {
        item.group = Some(String::new());
    });
    add(Validation, "'template'", &|item| {
        item.template = Some(String::new());
    });
    for name in ["steps\0", &megabyte] {
        add(NotFound, "Group", &|item| {
            item.group = Some(name.to_owned());
        });
        add(NotFound, "Attribute", &|item| {
            item.template = Some(name.to_owned());
        });
    }
    for field in ["template", "label", "group", "value_type", "manual"] {
        add(Validation, &format!("'{field}'"), &|item| {
            item.malformed = Some(malformed(field, ""));
        });
    }
    add(Validation, "index 0", &|item| {
        item.malformed = Some(malformed("", "is odd"));
    });
    items
}

async fn create(
    stub: &mut Stub,
    c: &Client,
    items: Vec<CreateItem>,
) -> Result<Vec<Option<Outcome>>, Status> {
    let message = CreateAttributesRequest {
        items,
        ..CreateAttributesRequest::default()
    };
    let response = stub.create_attributes(with(c, message)).await?;
    let results = response.into_inner().results.into_iter();
    Ok(results.map(|result| result.outcome).collect())
}

async fn bad_items_to_create_fail_by_themselves(t: Tenure) {
    let (c, before) = prepared(&t).await;
    let mut stub = stub(&t).await;
    for (item, code, part) in items() {
        let shown = format!("{item:?}");
        let shown = &shown[..shown.floor_char_boundary(200)];
        let outcomes = create(&mut stub, &c, vec![item]).await.unwrap();
        let [Some(Outcome::Failure(failure))] = &outcomes[..] else {
            panic!("{shown} {outcomes:?}");
        };
        assert_eq!(failure.code(), code, "{shown}");
        assert!(failure.text.contains(&part), "{shown} {failure:?}");
        assert!(failure.text.len() < 200, "{shown}");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn a_bad_batch_to_create_is_refused_whole_and_names_the_fields(t: Tenure) {
    let (c, before) = prepared(&t).await;
    let mut stub = stub(&t).await;
    for (count, item) in [
        (36, custom("Coffee")),
        (36, CreateItem::default()),
        (100_000, CreateItem::default()),
    ] {
        let refused = create(&mut stub, &c, vec![item; count]).await.unwrap_err();
        assert_eq!(fields(&refused), ["items"]);
        assert_eq!(
            refused.message(),
            format!("Maximum is 35 objects, got {count}.")
        );
    }
    let mut items = vec![custom("Coffee"); 5];
    items[1].malformed = Some(malformed("Label", "is odd"));
    items[3].malformed = Some(malformed("label\0", "is odd"));
    let refused = create(&mut stub, &c, items).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        ["items[1].malformed.field", "items[3].malformed.field"]
    );
    for (key, fingerprint, field) in [
        ("", 0, "idempotency.key"),
        ("a b", 0, "idempotency.key"),
        ("é", 0, "idempotency.key"),
        ("\0", 0, "idempotency.key"),
        (&"k".repeat(256), 0, "idempotency.key"),
        ("k", 65, "idempotency.fingerprint"),
        ("k", 1 << 20, "idempotency.fingerprint"),
    ] {
        let idempotency = Idempotency {
            key: key.to_owned(),
            fingerprint: vec![0; fingerprint],
        };
        let message = CreateAttributesRequest {
            items: vec![custom("Coffee")],
            idempotency: Some(idempotency),
            ..CreateAttributesRequest::default()
        };
        let refused = stub.create_attributes(with(&c, message)).await.unwrap_err();
        assert_eq!(fields(&refused), [field]);
    }
    assert_eq!(t.snapshot("ada").await, before);
}

/// A message as it is framed, not compressed.
fn framed(message: &[u8]) -> Vec<u8> {
    let size = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0], &size[..], message].concat()
}

async fn bytes_that_are_no_message_change_nothing(t: Tenure) {
    let (c, before) = prepared(&t).await;
    let message = CreateAttributesRequest {
        items: vec![custom("Coffee")],
        ..CreateAttributesRequest::default()
    };
    let message = message.encode_to_vec();
    let cut = &message[..message.len() - 1];
    let mut bodies: Vec<_> = [
        &b"\xff"[..],
        b"\x0a",
        b"\x0a\xff\xff\xff\xff\x0f",
        b"\x08\xff",
        b"\x0a\x02\x12\xff",
        b"\x0a\x03\x12\x01\xff",
        b"\x12\x01\xff",
        b"\x07",
        b"[{}]",
        cut,
    ]
    .map(framed)
    .into();
    bodies.extend([
        Vec::new(),
        vec![0],
        framed(&message)[..9].to_vec(),
        b"[]".to_vec(),
        vec![0xff; 64],
    ]);
    let mut compressed = framed(&message);
    compressed[0] = 1;
    bodies.push(compressed);
    let addresses = Addresses {
        http: t.addresses.grpc,
        ..t.addresses
    };
    let raw = Client::new(addresses, c.token).over_http_2();
    for method in ["CreateAttributes", "ListAttributes", "ListTemplates"] {
        for body in &bodies {
            let path = format!("/attributeownership.v1.AttributeOwnership/{method}");
            let request = raw.request(Method::POST, &path);
            let request = request
                .header("content-type", "application/grpc")
                .header("te", "trailers");
            let answer = raw.send(request.body(body.clone()).unwrap()).await;
            let status = answer.header("grpc-status");
            assert!(!["", "0"].contains(&status), "{method} {body:?} {answer:?}");
        }
    }
    assert_eq!(t.snapshot("ada").await, before);
}

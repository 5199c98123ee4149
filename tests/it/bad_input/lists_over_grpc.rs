//! Bad messages to the lists, by a client that no gateway stands before.

use super::{fields, prepared};
use crate::{
    grpc::{Stub, stub, with},
    harness::{Client, Tenure, on_both_engines},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use tenure::proto::{ListAttributesRequest, ListOwnedAttributesRequest, ListTemplatesRequest};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

on_both_engines! {
    a_bad_page_is_refused_and_names_the_fields,
    a_page_token_that_nobody_gave_is_refused,
    a_user_that_is_none_or_another_s_is_refused,
    the_largest_pages_and_filters_are_answered,
}

/// Which page of a list to ask for, and of which groups.
#[derive(Default, Clone)]
struct Asked {
    page_size: i32,
    skip: i64,
    page_token: String,
    groups: Vec<String>,
}

/// What each of the three lists answers: how many entries it shows, how many it says there are, and what asks for more.
async fn lists(
    stub: &mut Stub,
    c: &Client,
    asked: &Asked,
) -> [Result<(usize, i64, String), Status>; 3] {
    let Asked {
        page_size,
        skip,
        page_token,
        groups,
    } = asked.clone();
    let owned = ListOwnedAttributesRequest {
        page_size,
        skip,
        page_token: page_token.clone(),
        groups: groups.clone(),
        ..ListOwnedAttributesRequest::default()
    };
    let all = ListAttributesRequest {
        page_size,
        skip,
        page_token: page_token.clone(),
        groups: groups.clone(),
        ..ListAttributesRequest::default()
    };
    let templates = ListTemplatesRequest {
        page_size,
        skip,
        page_token,
        groups,
        include_low_priority: true,
    };
    let owned = stub
        .list_owned_attributes(with(c, owned))
        .await
        .map(|page| {
            let page = page.into_inner();
            (page.attributes.len(), page.total_size, page.next_page_token)
        });
    let all = stub.list_attributes(with(c, all)).await.map(|page| {
        let page = page.into_inner();
        (page.attributes.len(), page.total_size, page.next_page_token)
    });
    let templates = stub.list_templates(with(c, templates)).await.map(|page| {
        let page = page.into_inner();
        (page.templates.len(), page.total_size, page.next_page_token)
    });
    [owned, all, templates]
}

async fn a_bad_page_is_refused_and_names_the_fields(t: Tenure) {
    let (c, _) = prepared(&t).await;
    let mut stub = stub(&t).await;
    let cases: [(i32, i64, &str, &[&str]); 6] = [
        (-1, 0, "", &["page_size"]),
        (i32::MIN, 0, "", &["page_size"]),
        (0, -1, "", &["skip"]),
        (0, i64::MIN, "", &["skip"]),
        (0, 0, "x", &["page_token"]),
        (-1, -1, "\0", &["page_size", "skip", "page_token"]),
    ];
    for (page_size, skip, page_token, expected) in cases {
        let page_token = page_token.to_owned();
        let asked = Asked {
            page_size,
            skip,
            page_token,
            ..Asked::default()
        };
        for answer in lists(&mut stub, &c, &asked).await {
            assert_eq!(fields(&answer.unwrap_err()), expected);
        }
    }
}

/// What is no place in a list, or is one and more, where `real` is a page token that was given.
fn page_tokens(real: &str) -> Vec<String> {
    let json = include_str!("places.txt").lines().map(str::as_bytes);
    let deep = "[".repeat(100_000);
    let bytes = [&b"\0"[..], b"[1,\"\xff\",1,\"x\"]", deep.as_bytes()];
    let encoded = json.chain(bytes).map(|text| URL_SAFE_NO_PAD.encode(text));
    let texts = [" ", "%", "=", "日", "../.."].map(str::to_owned);
    let longer = [format!("{real}="), format!(" {real}"), real.repeat(2)];
    let shorter = real[1..].to_owned();
    let others = texts.into_iter().chain(longer);
    encoded
        .chain(others)
        .chain([shorter, "A".repeat(1 << 20)])
        .collect()
}

async fn a_page_token_that_nobody_gave_is_refused(t: Tenure) {
    let (c, _) = prepared(&t).await;
    let mut stub = stub(&t).await;
    let first = Asked {
        page_size: 1,
        ..Asked::default()
    };
    let [_, _, templates] = lists(&mut stub, &c, &first).await;
    for page_token in page_tokens(&templates.unwrap().2) {
        let shown = page_token[..page_token.floor_char_boundary(40)].to_owned();
        let asked = Asked {
            page_token,
            ..Asked::default()
        };
        for answer in lists(&mut stub, &c, &asked).await {
            assert_eq!(
                fields(&answer.expect_err(&shown)),
                ["page_token"],
                "{shown}"
            );
        }
    }
}

async fn the_largest_pages_and_filters_are_answered(t: Tenure) {
    let (c, before) = prepared(&t).await;
    let mut stub = stub(&t).await;
    let all = Asked {
        page_size: i32::MAX,
        ..Asked::default()
    };
    let [owned, attributes, templates] = lists(&mut stub, &c, &all).await.map(Result::unwrap);
    assert_eq!((&owned, &attributes), (&(2, 2, String::new()), &owned));
    let beyond = Asked {
        skip: i64::MAX,
        ..all
    };
    for (answer, total) in lists(&mut stub, &c, &beyond)
        .await
        .into_iter()
        .zip([2, 2, templates.1])
    {
        assert_eq!(answer.unwrap(), (0, total, String::new()));
    }
    let odd = [
        vec![String::new()],
        vec!["\0".to_owned()],
        vec!["x".repeat(1 << 20)],
        vec!["x".to_owned(); 100_000],
    ];
    for groups in odd {
        let asked = Asked {
            groups,
            ..Asked::default()
        };
        for answer in lists(&mut stub, &c, &asked).await {
            assert_eq!(answer.unwrap(), (0, 0, String::new()));
        }
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn a_user_that_is_none_or_another_s_is_refused(t: Tenure) {
    let (c, _) = prepared(&t).await;
    let internal = t.reader().await;
    let mut stub = stub(&t).await;
    let asked = |user: &str| ListAttributesRequest {
        user: user.to_owned(),
        ..ListAttributesRequest::default()
    };
    for user in [
        "\0",
        "ada\n",
        "\u{9f}",
        &"x".repeat(256),
        &"x".repeat(1 << 20),
    ] {
        for client in [&c, &internal] {
            let refused = stub.list_attributes(with(client, asked(user))).await;
            assert_eq!(fields(&refused.unwrap_err()), ["user"]);
        }
    }
    let all = ListAttributesRequest {
        page_size: -1,
        page_token: "x".to_owned(),
        skip: -1,
        ..asked("\0")
    };
    let refused = stub.list_attributes(with(&c, all)).await.unwrap_err();
    assert_eq!(
        fields(&refused),
        ["user", "page_size", "skip", "page_token"]
    );
    for user in ["eve", "ADA", "ada ", "' or 1=1 --"] {
        let refused = stub
            .list_attributes(with(&c, asked(user)))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied, "{user}");
        assert_eq!(
            refused.get_details_error_info().unwrap().reason,
            "NOT_INTERNAL"
        );
        // Nobody has it, so it has nothing.
        let none = stub
            .list_attributes(with(&internal, asked(user)))
            .await
            .unwrap();
        assert_eq!(none.into_inner().total_size, 0, "{user}");
    }
}

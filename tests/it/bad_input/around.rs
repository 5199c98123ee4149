//! Bad input to what clients do around ownership: create, and the lists of attributes and of templates.

use super::{ACQUIRE, CREATE, LISTS, explained, flags, prepared, queries};
use crate::harness::{Client, Tenure, names, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    bad_items_to_create_change_nothing_and_name_the_field,
    a_bad_item_stops_no_other,
    bad_queries_of_lists_change_nothing_and_name_the_parameter,
    bad_modes_of_create_change_nothing_and_name_the_parameter,
    filters_that_name_nothing_list_nothing,
}

/// Items that cannot be created, each after a part of what is told of it: those of `creates.txt`, one a line, and those
/// that are too long for one.
fn creates() -> Vec<(String, String)> {
    let lines = include_str!("creates.txt").lines();
    let lines = lines.map(|line| line.split_once(' ').unwrap());
    let mut creates: Vec<_> = lines
        .map(|(part, item)| (part.to_owned(), item.to_owned()))
        .collect();
    let mut add = |part: &str, item: Value| creates.push((part.to_owned(), item.to_string()));
    for size in [101, 1_000, 80_000] {
        for letter in ["x", "-", "日", "\u{301}"] {
            let label = letter.repeat(size);
            add(
                "'label'",
                json!({"label":label,"group":"media","value_type":0}),
            );
        }
        let long = "x".repeat(size);
        add(
            "Group",
            json!({"label":"Coffee","group":long,"value_type":0}),
        );
        add(
            "'value_type'",
            json!({"label":"Coffee","group":"media","value_type":long}),
        );
        add("Attribute", json!({"template":long}));
    }
    let huge = format!(
        r#"{{"label":"Coffee","group":"media","value_type":{}}}"#,
        "9".repeat(300)
    );
    creates.push(("'value_type'".to_owned(), huge));
    let deep = "[".repeat(100) + "]".repeat(100).as_str();
    let deep = format!(r#"{{"label":{deep},"group":"media","value_type":0}}"#);
    creates.push(("'label'".to_owned(), deep));
    creates
}

async fn bad_items_to_create_change_nothing_and_name_the_field(t: Tenure) {
    let (c, before) = prepared(&t).await;
    for (part, item) in creates() {
        let shown = &item[..item.floor_char_boundary(90)];
        let answer = c.post(CREATE, format!("[{item}]")).await;
        assert_eq!(answer.status, 202, "{shown} {}", answer.text.len());
        let json = answer.json();
        assert_eq!(json["success"], json!([]), "{shown}");
        let failed = &json["failed"][0];
        assert!(failed["error_code"].is_string(), "{shown}");
        let text = failed["error"].as_str().unwrap();
        assert!(text.contains(&part) && text.len() < 200, "{shown} {text}");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

/// As many as a batch may have, and among them one that is good.
async fn a_bad_item_stops_no_other(t: Tenure) {
    let (c, before) = prepared(&t).await;
    let creates = creates();
    let short = creates.iter().filter(|(_, item)| item.len() < 200);
    let short: Vec<_> = short.map(|(_, item)| item.as_str()).collect();
    assert!(short.len() > 100);
    for bad in short.chunks(34) {
        let body = format!(r#"[{},{{"template":"steps"}}]"#, bad.join(","));
        for mode in ["validate_only", "all_or_nothing"] {
            let answer = c.post(&format!("{CREATE}?{mode}"), body.as_str()).await;
            assert_eq!(answer.status, 202);
            assert_eq!(t.snapshot("ada").await, before);
        }
    }
    let body = format!(r#"[{},{{"template":"steps"}}]"#, short[..34].join(","));
    let json = c.post(CREATE, body).await.json();
    assert_eq!(names(&json["success"]), ["steps"]);
    assert_eq!(json["failed"].as_array().unwrap().len(), 34);
}

/// The flags of the lists that `LISTS` has, in its order.
const FLAGS: [&[&str]; 3] = [
    &[
        "manual",
        "exclude_custom",
        "include_inactive",
        "include_low_priority",
        "ownership",
    ],
    &[
        "manual",
        "exclude_custom",
        "include_inactive",
        "include_low_priority",
        "ownership",
        "owned",
    ],
    &["include_low_priority"],
];

async fn bad_queries_of_lists_change_nothing_and_name_the_parameter(t: Tenure) {
    let (c, before) = prepared(&t).await;
    for (path, flags) in LISTS.into_iter().zip(FLAGS) {
        for (name, query) in queries(flags) {
            let shown = format!("{path} {}", &query[..query.len().min(40)]);
            let answer = c.get(&format!("{path}?{query}")).await;
            explained(&answer, &shown);
            let named = if name == "page" {
                "Invalid page.".to_owned()
            } else {
                format!("'{name}'")
            };
            assert!(answer.detail().contains(&named), "{shown} {answer:?}");
        }
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn bad_modes_of_create_change_nothing_and_name_the_parameter(t: Tenure) {
    let (c, before) = prepared(&t).await;
    for name in [
        "success_objects",
        "validate_only",
        "all_or_nothing",
        "ownership",
    ] {
        for value in flags() {
            let path = format!("{CREATE}?{name}={value}");
            let answer = c.post(&path, r#"[{"template":"steps"}]"#).await;
            explained(&answer, name);
            assert!(answer.detail().contains(&format!("'{name}'")), "{answer:?}");
        }
    }
    // A mode that is another call's means nothing here.
    for path in [ACQUIRE, CREATE] {
        let answer = c
            .post(&format!("{path}?owned=maybe&validate_only"), "[]")
            .await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn count(c: &Client, path: &str, query: &str) -> Value {
    let answer = c.get(&format!("{path}?{query}")).await;
    assert_eq!(answer.status, 200, "{path} {query} {answer:?}");
    answer.json()["count"].clone()
}

async fn filters_that_name_nothing_list_nothing(t: Tenure) {
    let (c, _) = prepared(&t).await;
    let many = "x,".repeat(2_500);
    let values = [
        "%00",
        "%ff",
        "%ed%a0%80",
        ",",
        "mood%00",
        "MOOD",
        "mood%20",
        "%2C",
        "'%20or%201=1%20--",
        "*",
        "%25",
        "mood;sleep",
        "[mood]",
        "null",
        many.as_str(),
    ];
    for path in LISTS {
        for value in values {
            assert_eq!(
                count(&c, path, &format!("groups={value}")).await,
                0,
                "{path} {value}"
            );
        }
        // What no list knows is ignored, and of what is repeated the last counts.
        let all = count(&c, path, "").await;
        assert_ne!(all, 0);
        let odd = "%00=%ff&page_token=x&skip=-1&groups=nope&groups=&limit=x&limit=5&page=x&page=1";
        assert_eq!(count(&c, path, odd).await, all, "{path}");
    }
    for path in &LISTS[..2] {
        for value in values {
            assert_eq!(
                count(&c, path, &format!("attributes={value}")).await,
                0,
                "{path} {value}"
            );
        }
    }
}

//! Create (`contract-around.md`).

use crate::harness::{Answer, Client, Tenure, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    a_template_that_the_user_lacks_is_created_and_owned,
    a_custom_attribute_is_created_and_owned,
    a_name_is_made_of_the_label_and_numbered_where_it_is_taken,
    what_the_user_has_already_exists_and_is_named,
    what_cannot_be_created_says_why,
    a_template_s_name_is_not_reserved,
    the_write_scope_is_needed,
    the_batch_law_and_the_modes_hold,
    what_was_created_passes_on_like_any_other,
}

async fn create(c: &Client, items: Value) -> Answer {
    c.post("/api/2/attributes/create/", items.to_string()).await
}

fn custom(label: &str) -> Value {
    json!({"label":label,"group":"media","value_type":3})
}

async fn a_template_that_the_user_lacks_is_created_and_owned(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let created = create(&c, json!([{"template":"steps","x":1}])).await;
    assert_eq!(
        created.text,
        r#"{"success":[{"template":"steps","x":1,"name":"steps"}],"failed":[]}"#
    );
    assert_eq!(t.owner("ada", "steps").await, (Some("oura".to_owned()), 1));
    let owned = c.owned("").await.json();
    assert_eq!(
        (
            &owned["results"][0]["active"],
            &owned["results"][0]["manual"]
        ),
        (&json!(true), &json!(true))
    );
}

async fn a_custom_attribute_is_created_and_owned(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let body =
        r#"[{"label":"Time reading","group":"media","value_type":3,"manual":false,"name":"mine"}]"#;
    let created = c
        .post("/api/2/attributes/create/?success_objects=1", body)
        .await;
    let expected = r#"{"success":[{"template":null,"name":"time_reading","label":"Time reading","subgroup":null,"group":{"name":"media","label":"Media","priority":9},"service":{"name":"oura","label":"Oura"},"active":true,"priority":9,"manual":false,"value_type":3,"value_type_description":"Period (min)","available_services":[{"name":"oura","label":"Oura"}]}],"failed":[]}"#;
    let unprioritised = |text: &str| {
        let mut json: Value = serde_json::from_str(text).unwrap();
        json["success"][0]["group"]["priority"].take();
        json
    };
    assert_eq!(unprioritised(&created.text), unprioritised(expected));
    assert_eq!(
        t.owner("ada", "time_reading").await,
        (Some("oura".to_owned()), 1)
    );
    let events = t.inside().await.all_events("ada").await;
    let causes: Vec<_> = events
        .iter()
        .map(|event| event.cause().as_str_name())
        .collect();
    assert_eq!(causes, ["CAUSE_CREATED", "CAUSE_ACQUIRED"]);
}

async fn a_name_is_made_of_the_label_and_numbered_where_it_is_taken(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let labels = [
        "Time reading",
        "time-reading",
        "Time  Reading",
        "日本",
        "--",
        "Ünïcode",
    ];
    let items: Vec<_> = labels.map(custom).into();
    let created = create(&c, json!(items)).await.succeeded();
    let names = crate::harness::names(&created);
    assert_eq!(
        names,
        [
            "time_reading",
            "time_reading_2",
            "time_reading_3",
            "attribute",
            "attribute_2",
            "n_code"
        ]
    );
    // A name that is sent along is replaced where it stands.
    let body = r#"[{"name":"x","label":"More","group":"media","value_type":0}]"#;
    let created = c.post("/api/2/attributes/create/", body).await;
    let expected = r#"{"success":[{"name":"more","label":"More","group":"media","value_type":0}],"failed":[]}"#;
    assert_eq!(created.text, expected);
}

async fn what_the_user_has_already_exists_and_is_named(t: Tenure) {
    let (c, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    withings
        .acquire(json!([{"template":"steps"}]))
        .await
        .succeeded();
    create(&c, json!([custom("Time reading"), custom("time-reading")]))
        .await
        .succeeded();
    let before = t.snapshot("ada").await;
    let items = json!([{"template":"steps"}, custom("time-reading"), custom("Time reading")]);
    let answer = create(&c, items).await;
    assert_eq!(answer.status, 202);
    let failed = answer.failed();
    let told: Vec<_> = failed
        .iter()
        .map(|(name, code, _)| (name.as_str(), code.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("steps", "exists"),
            ("time_reading_2", "exists"),
            ("time_reading", "exists")
        ]
    );
    assert_eq!(t.snapshot("ada").await, before);
}

/// Items that fail, with the code and a part of the text.
const REFUSED: [(&str, &str, &str); 21] = [
    (
        "{}",
        "missing_field",
        "Object at index 0 missing field(s) 'label', 'group', 'value_type'",
    ),
    (
        r#"{"label":"A"}"#,
        "missing_field",
        "Object at index 0 missing field(s) 'group', 'value_type'",
    ),
    (
        r#"{"group":"media","name":"a"}"#,
        "missing_field",
        "missing field(s) 'label', 'value_type'",
    ),
    (
        r#"{"label":"A","group":null,"value_type":0}"#,
        "missing_field",
        "missing field(s) 'group'",
    ),
    (
        r#"{"label":"A","group":"nope","value_type":0}"#,
        "not_found",
        "Group matching query does not exist.",
    ),
    (
        r#"{"template":"nope"}"#,
        "not_found",
        "Attribute matching query does not exist.",
    ),
    (
        r#"{"template":""}"#,
        "validation",
        "'template' must not be empty",
    ),
    (
        r#"{"template":7}"#,
        "validation",
        "'template' must be a string",
    ),
    (
        r#"{"label":"A","group":"media","value_type":6}"#,
        "validation",
        "for templates",
    ),
    (
        r#"{"label":"A","group":"media","value_type":9}"#,
        "validation",
        "from 0 to 8",
    ),
    (
        r#"{"label":"A","group":"media","value_type":-1}"#,
        "validation",
        "from 0 to 8",
    ),
    (
        r#"{"label":"A","group":"media","value_type":99999999999999999999}"#,
        "validation",
        "from 0 to 8",
    ),
    (
        r#"{"label":"A","group":"media","value_type":"0"}"#,
        "validation",
        "'value_type' must be an integer",
    ),
    (
        r#"{"label":"A","group":"media","value_type":1.0}"#,
        "validation",
        "'value_type' must be an integer",
    ),
    (
        r#"{"label":"","group":"media","value_type":0}"#,
        "validation",
        "'label' must have 1 to 100",
    ),
    (
        r#"{"label":"a\nb","group":"media","value_type":0}"#,
        "validation",
        "no control characters",
    ),
    (
        r#"{"label":["a"],"group":"media","value_type":0}"#,
        "validation",
        "'label' must be a string",
    ),
    (
        r#"{"label":"A","group":3,"value_type":0}"#,
        "validation",
        "'group' must be a string",
    ),
    (
        r#"{"label":"A","group":"","value_type":0}"#,
        "validation",
        "'group' must not be empty",
    ),
    (
        r#"{"label":"A","group":"media","value_type":0,"manual":"yes"}"#,
        "validation",
        "'manual'",
    ),
    (r#""steps""#, "validation", "is not an object"),
];

async fn what_cannot_be_created_says_why(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let before = t.snapshot("ada").await;
    let long = format!(
        r#"{{"label":"{}","group":"media","value_type":0}}"#,
        "x".repeat(101)
    );
    let long = (long.as_str(), "validation", "'label' must have 1 to 100");
    for (item, code, part) in REFUSED.into_iter().chain([long]) {
        let answer = c
            .post("/api/2/attributes/create/", format!("[{item}]"))
            .await;
        let failed = &answer.json()["failed"][0];
        assert_eq!(failed["error_code"], code, "{answer:?}");
        let text = failed["error"].as_str().unwrap();
        assert!(text.contains(part), "{item}: {text}");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn a_template_s_name_is_not_reserved(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let created = create(&c, json!([custom("Steps")])).await.succeeded();
    assert_eq!(created[0]["name"], "steps");
    // Then the template has no place.
    let answer = create(&c, json!([{"template":"steps"}])).await;
    assert_eq!(answer.failure().0, "exists");
    let acquired = c.acquire(json!([{"template":"steps"}])).await;
    assert_eq!(acquired.failure().0, "exists");
}

async fn the_write_scope_is_needed(t: Tenure) {
    let c = t.client("ada", "oura", "activity_write manual_write").await;
    let not_manual = json!({"label":"A","group":"media","value_type":0,"manual":false});
    let answer = create(&c, json!([not_manual])).await;
    let (code, text) = answer.failure();
    assert_eq!(code, "not_allowed");
    assert_eq!(
        text,
        "No permission to write to attributes in group 'media'"
    );
    // A manual one is covered by the scope for those; manual is the default.
    create(&c, json!([custom("A")])).await.succeeded();
}

async fn the_batch_law_and_the_modes_hold(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let path = "/api/2/attributes/create/";
    let items = json!([custom("A"), custom("A"), {"template":"mood"}]).to_string();
    let dry = c
        .post(&format!("{path}?validate_only=1"), items.as_str())
        .await;
    assert_eq!(
        t.registry
            .attributes(&crate::harness::id("ada"))
            .await
            .unwrap()
            .len(),
        0
    );
    let none = c
        .post(&format!("{path}?all_or_nothing=1"), items.as_str())
        .await;
    let codes: Vec<_> = none.failed().into_iter().map(|(_, code, _)| code).collect();
    assert_eq!(codes, ["aborted", "exists", "aborted"]);
    let real = c.post(path, items.as_str()).await;
    assert_eq!(dry.text, real.text);
    assert_eq!(real.status, 202);
    let many = vec![json!({"template":"mood"}); 36];
    assert_eq!(create(&c, json!(many)).await.status, 400);
    let answer = c.get(path).await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, "POST, OPTIONS")
    );
    let once = |items: &str| {
        let request = c
            .request(http::Method::POST, path)
            .header("idempotency-key", "k");
        c.send(request.body(items.into()).unwrap())
    };
    let again = json!([custom("B")]).to_string();
    let (first, second) = (once(&again).await, once(&again).await);
    assert_eq!((first.status, &first.text), (200, &second.text));
}

async fn what_was_created_passes_on_like_any_other(t: Tenure) {
    let (c, withings) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let item = json!({"label":"Books","group":"media","value_type":0,"manual":false});
    create(&c, json!([item])).await.succeeded();
    withings
        .acquire(json!([{"name":"books"}]))
        .await
        .succeeded();
    withings
        .release(json!([{"name":"books"}]))
        .await
        .succeeded();
    assert_eq!(t.owner("ada", "books").await, (Some("oura".to_owned()), 3));
}

//! "The attribute object".

use crate::harness::{SCOPES, Tenure, on_both_engines};
use serde_json::{Value, json};
use tenure::domain::{
    name::{GroupName, Label},
    value_type::ValueType,
};

on_both_engines! {
    the_keys_come_in_their_order,
    available_services_come_by_label_and_the_owner_only_if_it_indicated,
    every_value_type_has_its_description,
    a_custom_attribute_has_no_template_and_its_own_priority,
}

async fn the_keys_come_in_their_order(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    t.connect("ada", "oura", SCOPES).await;
    t.connect("ada", "withings", SCOPES).await;
    let answer = c
        .acquire_objects(json!([{"template":"steps","manual":false}]))
        .await;
    let documented = concat!(
        r#"{"template":"steps","name":"steps","label":"Steps","subgroup":null,"#,
        r#""group":{"name":"activity","label":"Activity","priority":1},"#,
        r#""service":{"name":"test500","label":"My Test Client"},"#,
        r#""active":true,"priority":1,"manual":false,"value_type":0,"value_type_description":"Integer","#,
        r#""available_services":[{"name":"test500","label":"My Test Client"},"#,
        r#"{"name":"oura","label":"Oura"},{"name":"withings","label":"Withings"}]}"#
    );
    assert_eq!(
        answer.text,
        format!(r#"{{"success":[{documented}],"failed":[]}}"#)
    );
    let owned = c.owned("").await;
    let page = format!(r#"{{"count":1,"next":null,"previous":null,"results":[{documented}]}}"#);
    assert_eq!(owned.text, page);
}

async fn available_services_come_by_label_and_the_owner_only_if_it_indicated(t: Tenure) {
    let (c, first) = (
        t.usual("ada", "test500").await,
        t.usual("ada", "zz_first").await,
    );
    first
        .acquire(json!([{"template":"mood"}]))
        .await
        .succeeded();
    let items = json!([{"name":"mood","manual":true}]);
    let objects = c.acquire_objects(items).await.succeeded();
    assert_eq!(objects[0]["service"]["name"], "test500");
    let available = json!([{"name":"zz_first","label":"A label that sorts first"}]);
    assert_eq!(objects[0]["available_services"], available);
    let objects = c
        .acquire_objects(json!([{"name":"mood"}]))
        .await
        .succeeded();
    let names = crate::harness::names(&objects[0]["available_services"]).join(" ");
    assert_eq!(names, "zz_first test500");
}

async fn every_value_type_has_its_description(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let descriptions = [
        "Integer",
        "Float",
        "String",
        "Period (min)",
        "Time of day (min from midnight)",
        "Percentage",
        "Time of day (min from midday)",
        "Boolean",
        "Integer scale (1-9)",
    ];
    for (number, description) in (0..).zip(descriptions) {
        let value_type = ValueType::try_from(number).unwrap();
        let item = if value_type == ValueType::TimeFromMidday {
            json!({"template":"sleep_start"})
        } else {
            let label = Label::parse(format!("Type {number}")).unwrap();
            let group = GroupName::parse("custom").unwrap();
            let user = crate::harness::id("ada");
            let created = t
                .registry
                .create_attribute(&user, &label, &group, value_type, false);
            json!({"name":created.await.unwrap()})
        };
        let objects = c.acquire_objects(json!([item])).await.succeeded();
        assert_eq!(objects[0]["value_type"], number);
        assert_eq!(objects[0]["value_type_description"], description);
    }
}

async fn a_custom_attribute_has_no_template_and_its_own_priority(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for (group, priority) in [("media", 9), ("custom", 2)] {
        let name = t.custom("ada", &format!("My {group}"), group).await;
        let objects = c.acquire_objects(json!([{"name":name}])).await.succeeded();
        assert_eq!(objects[0]["template"], Value::Null);
        assert_eq!(objects[0]["priority"], priority);
        assert_eq!(objects[0]["label"], format!("My {group}"));
        assert_eq!(objects[0]["manual"], false);
    }
}

//! The value service of `examples/values`, beside Tenure and behind one address (`contract-around.md`).

mod fence;
pub mod guide;
mod increment;
mod list;
mod refused;
mod repeated;
mod update;

use crate::harness::{Answer, Client};
use serde_json::{Value, json};

/// Sets the value of a day.
async fn set(c: &Client, name: &str, date: &str, value: impl Into<Value>) -> Answer {
    let item = json!({"name":name,"date":date,"value":value.into()});
    update(c, json!([item])).await
}

async fn update(c: &Client, items: Value) -> Answer {
    let path = "/api/2/attributes/update/";
    c.post(path, items.to_string()).await
}

async fn increment(c: &Client, items: Value) -> Answer {
    let path = "/api/2/attributes/increment/";
    c.post(path, items.to_string()).await
}

/// The values of an attribute, newest first.
async fn values(c: &Client, name: &str) -> Vec<(String, Value)> {
    let path = format!("/api/2/attributes/values/?attribute={name}&limit=100");
    let answer = c.get(&path).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let list = answer.json();
    let results = list["results"].as_array().unwrap().iter();
    let entry = |e: &Value| (e["date"].as_str().unwrap().to_owned(), e["value"].clone());
    results.map(entry).collect()
}

/// Creates a custom attribute of this type in the group media, which the client then owns.
async fn of_type(c: &Client, label: &str, value_type: i32) -> String {
    let item = json!({"label":label,"group":"media","value_type":value_type});
    let path = "/api/2/attributes/create/";
    let created = c.post(path, json!([item]).to_string()).await.succeeded();
    created[0]["name"].as_str().unwrap().to_owned()
}

//! "Everywhere": an error about the whole request.

use crate::harness::{Tenure, on_both_engines};
use serde_json::json;

on_both_engines! {
    an_error_about_the_whole_request_has_a_detail_and_never_a_success_array,
    a_path_that_is_not_there_is_404,
}

async fn an_error_about_the_whole_request_has_a_detail_and_never_a_success_array(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let before = t.snapshot("ada").await;
    for answer in [
        t.with_token("bad")
            .acquire(json!([{"template":"steps"}]))
            .await,
        c.acquire(json!({"template":"steps"})).await,
        c.post("/api/2/attributes/release/", r#"[{"name":"mood"}"#)
            .await,
        c.get("/api/2/attributes/acquire/").await,
        c.owned("?page=0").await,
    ] {
        assert!((400..500).contains(&answer.status), "{answer:?}");
        let json = answer.json();
        let keys: Vec<_> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["detail"]);
        assert_ne!(json["detail"], "");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn a_path_that_is_not_there_is_404(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for path in [
        "/",
        "/api/2/attributes/acquire//",
        "/api/2/attributes/Owned/",
        "//api/2/attributes/owned/",
        "/api/1/attributes/owned/",
        "/api/2/attributes/owned/x",
    ] {
        let answer = c.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json(), json!({"detail":"Not found."}));
    }
}

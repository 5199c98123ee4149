//! "Everywhere": what holds for every request.

use crate::harness::{SCOPES, Tenure, id, name, on_both_engines};
use http::{Method, Request};
use serde_json::json;
use tenure::{domain::scope::Scopes, service::NewToken};

const ACQUIRE: &str = "/api/2/attributes/acquire/";

on_both_engines! {
    a_path_without_its_last_slash_is_served_too,
    answers_are_json_whatever_accept_says,
    a_body_without_a_content_type_or_with_json_is_accepted_and_any_other_is_415,
    the_bearer_scheme_is_accepted_in_any_case,
    no_credentials_are_401,
    a_bad_expired_or_revoked_token_is_401,
    a_users_own_token_is_403,
    an_internal_services_token_is_403_whatever_is_sent,
    a_wrong_method_is_405_with_allow,
    head_is_as_get_without_the_body,
    options_are_204_with_allow_and_without_credentials,
    a_page_from_elsewhere_may_call,
    a_revocation_takes_effect_with_the_next_request,
    a_token_never_grants_more_than_the_connection_does_now,
    the_request_id_is_taken_or_made,
    booleans_in_the_query_have_ten_spellings,
    of_a_repeated_parameter_the_last_counts_and_unknown_ones_are_ignored,
}

async fn a_path_without_its_last_slash_is_served_too(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let acquired = c.post("/api/2/attributes/acquire", r#"[{"template":"mood"}]"#);
    assert_eq!(acquired.await.status, 200);
    assert_eq!(c.get("/api/2/attributes/owned").await.json()["count"], 1);
    let released = c.post("/api/2/attributes/release", r#"[{"name":"mood"}]"#);
    assert_eq!(released.await.status, 200);
}

async fn answers_are_json_whatever_accept_says(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for path in ["/api/2/attributes/owned/", "/nowhere"] {
        for accept in ["text/html", "image/png", "*/*", "nonsense"] {
            let request = c.request(Method::GET, path).header("accept", accept);
            let answer = c.send(request.body(Vec::new()).unwrap()).await;
            assert_eq!(answer.header("content-type"), "application/json");
            assert!(answer.json().is_object());
        }
    }
}

async fn a_body_without_a_content_type_or_with_json_is_accepted_and_any_other_is_415(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let send = async |content_type: Option<&str>| {
        let mut request = c.request(Method::POST, ACQUIRE);
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        c.send(request.body(b"[]".to_vec()).unwrap()).await
    };
    for accepted in [
        None,
        Some("application/json"),
        Some("application/json; charset=utf-8"),
        Some("APPLICATION/JSON;a=b"),
    ] {
        assert_eq!(send(accepted).await.status, 200, "{accepted:?}");
    }
    for refused in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonx",
        "json",
    ] {
        let answer = send(Some(refused)).await;
        assert_eq!(answer.status, 415, "{refused}");
        let detail = format!("Unsupported media type \"{refused}\" in request.");
        assert_eq!(answer.detail(), detail);
    }
}

async fn the_bearer_scheme_is_accepted_in_any_case(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let request = Request::builder().uri("/api/2/attributes/owned/");
        let request = request.header("authorization", format!("{scheme} {}", c.token));
        let answer = c.send(request.body(Vec::new()).unwrap()).await;
        assert_eq!(answer.status, 200, "{scheme}");
    }
}

async fn no_credentials_are_401(t: Tenure) {
    let c = t.with_token("");
    for authorization in [None, Some("Basic YTpi"), Some("Token abc"), Some("Bearer")] {
        for (method, path) in [
            (Method::POST, ACQUIRE),
            (Method::GET, "/api/2/attributes/owned/"),
        ] {
            let mut request = Request::builder().method(method).uri(path);
            if let Some(value) = authorization {
                request = request.header("authorization", value);
            }
            let answer = c.send(request.body(b"[]".to_vec()).unwrap()).await;
            assert_eq!(answer.status, 401, "{authorization:?}");
            let detail = json!({"detail":"Authentication credentials were not provided."});
            assert_eq!(answer.json(), detail);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
        }
    }
}

async fn a_bad_expired_or_revoked_token_is_401(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    t.registry.revoke_token(&c.token).await.unwrap();
    let expired = t.expired("ada", "test500").await;
    for token in ["nonsense", "a b", expired.as_str(), c.token.as_str()] {
        let answer = t.with_token(token).owned("").await;
        assert_eq!(answer.status, 401, "{token}");
        assert_eq!(answer.json(), json!({"detail":"Invalid token"}));
        let challenge = "Bearer realm=\"api\", error=\"invalid_token\"";
        assert_eq!(answer.header("www-authenticate"), challenge);
    }
}

async fn a_users_own_token_is_403(t: Tenure) {
    let own = t.own("ada").await;
    let c = t.with_token(&own);
    for answer in [c.owned("").await, c.acquire(json!([])).await] {
        assert_eq!(answer.status, 403);
        assert!(answer.detail().contains("OAuth2 client"), "{answer:?}");
    }
}

async fn an_internal_services_token_is_403_whatever_is_sent(t: Tenure) {
    let internal = t.reader().await;
    for answer in [
        internal.owned("").await,
        internal.owned("?limit=0").await,
        internal.owned("?page=0").await,
        internal.acquire(json!([{"template":"mood"}])).await,
        internal.post(ACQUIRE, "nonsense").await,
        internal.post(ACQUIRE, " ".repeat(300 * 1024)).await,
        internal.release(json!([])).await,
        internal.release(json!({})).await,
    ] {
        assert_eq!(answer.status, 403, "{answer:?}");
        let detail = "This token is not an OAuth2 client's; only a service can do this.";
        assert_eq!(answer.detail(), detail);
    }
}

async fn a_wrong_method_is_405_with_allow(t: Tenure) {
    let c = t.with_token("whatever");
    let methods = ["GET", "PUT", "PATCH", "DELETE", "POST", "HEAD", "BREW"];
    for (path, allow, right) in [
        (ACQUIRE, "POST, OPTIONS", vec!["POST"]),
        ("/api/2/attributes/release", "POST, OPTIONS", vec!["POST"]),
        (
            "/api/2/attributes/owned/",
            "GET, HEAD, OPTIONS",
            vec!["GET", "HEAD"],
        ),
        (
            "/api/2/attributes/ownership/events/",
            "GET, HEAD, OPTIONS",
            vec!["GET", "HEAD"],
        ),
        (
            "/api/2/attributes/ownership/watch",
            "GET, HEAD, OPTIONS",
            vec!["GET", "HEAD"],
        ),
    ] {
        for method in methods.iter().filter(|m| !right.contains(m)) {
            let request = Request::builder().method(*method).uri(path);
            let answer = c.send(request.body(Vec::new()).unwrap()).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), allow);
            if *method != "HEAD" {
                assert_eq!(answer.detail(), format!("Method \"{method}\" not allowed."));
            }
        }
    }
}

async fn head_is_as_get_without_the_body(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let get = c.owned("").await;
    let request = c.request(Method::HEAD, "/api/2/attributes/owned/");
    let head = c.send(request.body(Vec::new()).unwrap()).await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
    for header in ["content-type", "content-length"] {
        assert_eq!(head.header(header), get.header(header), "{header}");
    }
    let anonymous = Request::head("/api/2/attributes/owned/").body(Vec::new());
    assert_eq!(c.send(anonymous.unwrap()).await.status, 401);
}

async fn options_are_204_with_allow_and_without_credentials(t: Tenure) {
    let c = t.with_token("");
    for (path, allow) in [
        (ACQUIRE, "POST, OPTIONS"),
        ("/api/2/attributes/release", "POST, OPTIONS"),
        ("/api/2/attributes/owned/", "GET, HEAD, OPTIONS"),
        ("/api/2/attributes/ownership/events", "GET, HEAD, OPTIONS"),
        ("/api/2/attributes/ownership/watch/", "GET, HEAD, OPTIONS"),
    ] {
        let request = Request::options(path).body(Vec::new());
        let answer = c.send(request.unwrap()).await;
        assert_eq!((answer.status, answer.text.as_str()), (204, ""));
        assert_eq!(answer.header("allow"), allow);
    }
}

async fn a_page_from_elsewhere_may_call(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let preflight = Request::options(ACQUIRE)
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        )
        .body(Vec::new());
    let preflight = c.send(preflight.unwrap()).await;
    assert_eq!(preflight.status, 204);
    let allowed = preflight.header("access-control-allow-headers");
    assert_eq!(allowed, "Authorization, Content-Type, Idempotency-Key");
    assert_eq!(
        preflight.header("access-control-allow-methods"),
        "POST, OPTIONS"
    );

    let refused = t.with_token("bad");
    for answer in [
        preflight,
        c.owned("").await,
        refused.owned("").await,
        c.get("/api/2/nowhere").await,
        c.get(ACQUIRE).await,
    ] {
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "{answer:?}"
        );
        assert_eq!(answer.header("access-control-allow-credentials"), "");
        let exposed = answer.header("access-control-expose-headers");
        assert_eq!(exposed, "X-Request-Id, X-Ownership-Revision");
    }
    let outside = c.get("/nowhere").await;
    assert_eq!(outside.header("access-control-allow-origin"), "");
}

async fn a_revocation_takes_effect_with_the_next_request(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    assert_eq!(c.owned("").await.status, 200);
    t.registry.revoke_token(&c.token).await.unwrap();
    assert_eq!(c.owned("").await.status, 401);
    assert_eq!(c.acquire(json!([])).await.status, 401);
    assert_eq!(c.release(json!([])).await.status, 401);
}

async fn a_token_never_grants_more_than_the_connection_does_now(t: Tenure) {
    let c = t
        .client("ada", "test500", "mood_write activity_write")
        .await;
    t.connect("ada", "test500", "activity_write").await;
    let (code, _) = c.acquire(json!([{"template":"mood"}])).await.failure();
    assert_eq!(code, "not_allowed");
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    t.connect("ada", "test500", SCOPES).await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    // Nor more than itself, whatever the connection grants.
    let (code, _) = c.acquire(json!([{"template":"sleep"}])).await.failure();
    assert_eq!(code, "not_allowed");
    // And nothing that the connection does not have is issued.
    let beyond = NewToken {
        user: id("ada"),
        service: Some(name("test500")),
        scopes: Some(Scopes::parse("finance_write").unwrap()),
        expires_in: time::Duration::hours(1),
    };
    assert!(t.registry.issue_token(&beyond).await.is_err());
}

async fn the_request_id_is_taken_or_made(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let send = async |id: &str| {
        let request = c.request(Method::GET, "/api/2/attributes/owned/");
        let request = request.header("x-request-id", id);
        let answer = c.send(request.body(Vec::new()).unwrap()).await;
        answer.header("x-request-id").to_owned()
    };
    let longest = "x".repeat(128);
    for taken in ["a", "A-b_c.9", longest.as_str()] {
        assert_eq!(send(taken).await, taken);
    }
    let too_long = "x".repeat(129);
    for refused in ["", "a b", "a/b", too_long.as_str()] {
        let made = send(refused).await;
        assert!(made.len() == 32 && made != refused, "{made}");
    }
    assert_ne!(c.owned("").await.header("x-request-id"), "");
    assert_ne!(c.get("/nowhere").await.header("x-request-id"), "");
}

async fn booleans_in_the_query_have_ten_spellings(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    t.switch("ada", "mood", false).await;
    let count = async |query: &str| c.owned(query).await.json()["count"].clone();
    for on in [
        "=1", "=true", "=TRUE", "=yes", "=Yes", "=on", "=oN", "=", "",
    ] {
        assert_eq!(count(&format!("?include_inactive{on}")).await, 1, "{on}");
    }
    for off in ["0", "false", "False", "no", "NO", "off", "OFF"] {
        assert_eq!(count(&format!("?include_inactive={off}")).await, 0, "{off}");
    }
    for name in [
        "include_inactive",
        "include_low_priority",
        "exclude_custom",
        "manual",
    ] {
        for wrong in ["2", "y", "maybe", "%20true", "%00"] {
            let answer = c.owned(&format!("?{name}={wrong}")).await;
            assert_eq!(answer.status, 400, "{wrong}");
            assert!(answer.detail().contains(&format!("'{name}'")), "{answer:?}");
        }
    }
    let path = format!("{ACQUIRE}?success_objects=maybe");
    let answer = c.post(&path, r#"[{"template":"steps"}]"#).await;
    assert_eq!(answer.status, 400);
    assert!(answer.detail().contains("'success_objects'"));
    assert_eq!(c.owned_names().await, ["mood"]);
}

async fn of_a_repeated_parameter_the_last_counts_and_unknown_ones_are_ignored(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    let query = "?manual=nonsense&manual=1&unknown=x&limit=0&limit=5";
    let answer = c.owned(query).await;
    assert_eq!((answer.status, &answer.json()["count"]), (200, &json!(1)));
}

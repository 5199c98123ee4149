//! `POST /oauth2/revoke`: what an authorization server tells (RFC 7009).

use crate::harness::{Answer, Client, Database, Tenure, id, on_both_engines};
use http::Method;
use serde_json::json;
use std::time::Duration;
use tenure::{auth::TokenSecret, domain::internal::Role, storage};

on_both_engines! {
    a_token_of_tenure_is_refused_from_the_next_request_on,
    a_token_of_others_is_remembered_until_it_has_expired,
    a_grant_is_narrowed_to_what_remains_and_never_widened,
    a_withdrawn_grant_disconnects_and_is_told_again_without_harm,
    what_makes_no_sense_is_400_and_changes_nothing,
    a_caller_who_may_not_is_told_so_first_of_all,
}

const TYPE: &str = "application/x-www-form-urlencoded";

pub async fn writer(t: &Tenure) -> Client {
    t.with_token(&t.internal(Role::Writer).await)
}

async fn post(c: &Client, path: &str, media_type: &str, form: impl Into<Vec<u8>>) -> Answer {
    let request = c.request(Method::POST, path);
    let request = request.header("content-type", media_type);
    c.send(request.body(form.into()).unwrap()).await
}

pub async fn told(c: &Client, form: &str) {
    let answer = post(c, "/oauth2/revoke", TYPE, form).await;
    assert_eq!((answer.status, answer.json()), (200, json!({})), "{form}");
}

async fn a_token_of_tenure_is_refused_from_the_next_request_on(t: Tenure) {
    let (oura, by) = (t.usual("ada", "oura").await, writer(&t).await);
    assert_eq!(oura.owned("").await.status, 200);
    let form = format!("token={}&token_type_hint=refresh_token", oura.token);
    let answer = post(&by, "/oauth2/revoke/", TYPE, form.clone()).await;
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    assert_eq!(oura.owned("").await.status, 401);
    told(&by, &form).await;
    told(&by, "token=tnr_nobody").await;
}

async fn a_token_of_others_is_remembered_until_it_has_expired(t: Tenure) {
    let by = writer(&t).await;
    let config = crate::harness::config(&t.database);
    let store = storage::open(&config.storage).await.unwrap();
    for (form, token) in [
        ("token=opaque+one&exp=&token_type_hint=", "opaque one"),
        (
            "token=a.b.c&exp=4102444800&other=1",
            "a.b.another-signature",
        ),
    ] {
        assert!(
            !store
                .is_revoked(&TokenSecret::identity_of(token))
                .await
                .unwrap()
        );
        told(&by, form).await;
        told(&by, form).await;
        assert!(
            store
                .is_revoked(&TokenSecret::identity_of(token))
                .await
                .unwrap()
        );
    }
    let kept = "select count(*) from revoked_token";
    assert_eq!(t.database.numbers(kept).await, [2]);
    assert_eq!(t.registry.tokens(&id("ada")).await.unwrap(), []);
}

async fn a_grant_is_narrowed_to_what_remains_and_never_widened(t: Tenure) {
    let by = writer(&t).await;
    let oura = t.client("ada", "oura", "activity_write mood_write").await;
    let heir = t.usual("ada", "withings").await;
    let items = json!([{"template":"steps","manual":false},{"template":"mood","manual":false}]);
    oura.acquire(items).await.succeeded();
    told(
        &by,
        "user=ada&service=oura&scope=mood_write%20sleep_write+openid",
    )
    .await;
    assert_eq!(oura.owned_names().await, ["mood"]);
    assert_eq!(heir.owned_names().await, ["steps"]);
    let connections = t.registry.connections(&id("ada")).await.unwrap();
    assert_eq!(
        connections[&crate::harness::name("oura")]
            .scopes
            .to_string(),
        "mood_write"
    );
    // What remains may mean nothing here: the service stays connected.
    told(&by, "user=ada&service=oura&scope=openid").await;
    assert_eq!(oura.owned_names().await, [""; 0]);
    assert_eq!(oura.owned("").await.status, 200);
}

async fn a_withdrawn_grant_disconnects_and_is_told_again_without_harm(t: Tenure) {
    let (oura, by) = (t.usual("ada", "oura").await, writer(&t).await);
    oura.acquire(json!([{"template":"steps"},{"template":"mood"}]))
        .await
        .succeeded();
    for scope in ["", "&scope=", "&scope=+"] {
        told(&by, &format!("user=ada&service=oura{scope}")).await;
        assert_eq!(oura.owned("").await.status, 401);
        assert_eq!(t.registry.connections(&id("ada")).await.unwrap().len(), 0);
    }
    let events = t.inside().await.all_events("ada").await;
    let last: Vec<_> = events
        .iter()
        .rev()
        .take(2)
        .map(|event| (event.revision, event.to.clone()))
        .collect();
    assert_eq!(last[0], last[1], "both in one transaction");
    assert_eq!(last[0].1, None);
    // Nobody need be known.
    told(&by, "user=nobody&service=oura").await;
    told(&by, "user=ada&service=not-in-the-catalog").await;
}

async fn what_makes_no_sense_is_400_and_changes_nothing(t: Tenure) {
    let (oura, by) = (t.usual("ada", "oura").await, writer(&t).await);
    let before = t.registry.connections(&id("ada")).await.unwrap();
    let long = format!("user={}&service=oura", "a".repeat(256));
    for (form, part) in [
        ("", "'token' is missing"),
        ("token=", "'token' is missing"),
        ("nonsense", "'token' is missing"),
        ("{\"token\":\"x\"}", "'token' is missing"),
        ("token=x&user=ada", "does not go with"),
        ("token=x&scope=mood_write", "does not go with"),
        ("token=x&token=x", "'token' is there more than once"),
        ("token=x&exp=soon", "'exp'"),
        ("token=x&exp=99999999999999999999", "'exp'"),
        ("token=x&exp=9999999999999", "expire_time"),
        ("user=ada", "service must be"),
        ("service=oura", "user must be"),
        ("scope=mood_write", "user must be"),
        ("user=ada&service=o+ura", "service must be"),
        ("user=a%00da&service=oura", "user must be"),
        ("user=%ff&service=oura", "UTF-8"),
        (
            "user=ada&service=oura&scope=mood_write%09x",
            "scopes[0] must be",
        ),
        ("user=ada&service=oura&scope=%22", "scopes[0] must be"),
        (&long, "user must be"),
    ] {
        let answer = post(&by, "/oauth2/revoke", TYPE, form).await;
        assert_eq!(answer.status, 400, "{form}: {answer:?}");
        assert_eq!(answer.json()["error"], "invalid_request", "{form}");
        assert!(answer.detail().contains(part), "{form}: {answer:?}");
    }
    let token = format!("token={}", oura.token);
    assert_eq!(
        post(&by, "/oauth2/revoke", "application/json", token.clone())
            .await
            .status,
        415
    );
    let large = format!("{token}&x={}", "x".repeat(300_000));
    assert_eq!(post(&by, "/oauth2/revoke", TYPE, large).await.status, 413);
    assert_eq!(by.get("/oauth2/revoke").await.status, 405);
    assert_eq!(oura.owned("").await.status, 200);
    assert_eq!(t.registry.connections(&id("ada")).await.unwrap(), before);
    let kept = "select count(*) from revoked_token";
    assert_eq!(t.database.numbers(kept).await, [0]);
}

async fn a_caller_who_may_not_is_told_so_first_of_all(t: Tenure) {
    let oura = t.usual("ada", "oura").await;
    let (own, reader) = (t.own("ada").await, t.internal(Role::Reader).await);
    let operator = t.internal(Role::Operator).await;
    for (token, status, part) in [
        ("junk", 401, "Invalid token"),
        (&oura.token, 403, "not an internal service's"),
        (&own, 403, "not an OAuth2 client's"),
        (&reader, 403, "role writer"),
        (&operator, 400, "'token' is missing"),
    ] {
        // Whatever the form.
        let answer = post(&t.with_token(token), "/oauth2/revoke", "text/plain", "x").await;
        let expected = if status == 400 { 415 } else { status };
        assert_eq!(answer.status, expected, "{answer:?}");
        let answer = post(&t.with_token(token), "/oauth2/revoke", TYPE, "x").await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.detail().contains(part), "{answer:?}");
    }
    let form = format!("token={}", oura.token);
    let request = http::Request::post("/oauth2/revoke").header("content-type", TYPE);
    let answer = oura.send(request.body(form.into_bytes()).unwrap()).await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
    assert_eq!(oura.owned("").await.status, 200);
}

#[tokio::test]
async fn a_notice_that_cannot_be_kept_is_503_and_can_be_told_again() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let t = Tenure::start_with(database, |config| {
        config.storage.acquire_timeout = Duration::from_millis(300);
    })
    .await;
    let (oura, by) = (t.usual("ada", "oura").await, writer(&t).await);
    let outage = t.database.outage().await;
    for form in ["token=a.b.c", "user=ada&service=oura"] {
        let answer = post(&by, "/oauth2/revoke", TYPE, form).await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_ne!(answer.header("retry-after"), "");
    }
    outage.end().await;
    loop {
        let answer = post(&by, "/oauth2/revoke", TYPE, "user=ada&service=oura").await;
        if answer.status == 200 {
            break;
        }
        assert_eq!(answer.status, 503, "{answer:?}");
    }
    assert_eq!(oura.owned("").await.status, 401);
}

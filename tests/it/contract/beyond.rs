//! "Beyond the documented API".

use crate::harness::{Answer, Client, Tenure, on_both_engines};
use serde_json::{Value, json};
use tenure::domain::catalog::CatalogFile;

const ACQUIRE: &str = "/api/2/attributes/acquire/";
const RELEASE: &str = "/api/2/attributes/release/";

on_both_engines! {
    if_available_takes_nothing_from_another,
    of_64_that_want_it_if_available_one_has_it_and_63_are_told_who,
    an_expected_generation_is_compared,
    a_dry_run_gives_the_answer_and_changes_nothing,
    all_or_nothing_fails_every_item,
    release_shows_who_took_over,
    ownership_adds_generation_and_pinned,
    the_revision_is_told,
    a_key_has_one_effect_and_one_answer,
    a_key_that_is_sent_at_once_has_one_effect,
    a_key_of_another_request_is_409,
    a_key_or_mode_that_is_none_is_400,
}

/// The user's revision, as the answer tells it.
fn revision(answer: &Answer) -> i64 {
    answer.header("x-ownership-revision").parse().unwrap()
}

/// Oura, which has taken the steps from Withings.
async fn after_withings(t: &Tenure) -> Client {
    let (a, b) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    for client in [&b, &a] {
        let items = json!([{"template":"steps"}]);
        client.acquire(items).await.succeeded();
    }
    a
}

/// The one item that failed.
fn failed(answer: &Answer) -> Value {
    assert_eq!(answer.status, 202, "{answer:?}");
    answer.json()["failed"][0].clone()
}

async fn if_available_takes_nothing_from_another(t: Tenure) {
    let (a, b) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let path = format!("{ACQUIRE}?mode=if_available");
    let items = json!([{"template":"steps","x":1}]).to_string();
    a.post(&path, items.clone()).await.succeeded();
    a.post(&path, items.clone()).await.succeeded();
    let refused = failed(&b.post(&path, items.clone()).await);
    assert_eq!(refused["error_code"], "conflict");
    assert_eq!(
        refused["error"],
        "Attribute 'steps' is owned by service 'oura'"
    );
    assert_eq!(refused["owner"], json!({"name":"oura","label":"Oura"}));
    assert!(
        refused["since"].as_str().unwrap().ends_with('Z'),
        "{refused}"
    );
    assert_eq!(refused["x"], 1);
    a.release(json!([{"name":"steps"}])).await.succeeded();
}

async fn of_64_that_want_it_if_available_one_has_it_and_63_are_told_who(t: Tenure) {
    let services = (0..64).map(|n| format!("[[service]]\nname = \"s{n}\"\nlabel = \"S {n}\"\n"));
    let file = CatalogFile::parse(&services.collect::<String>()).unwrap();
    t.registry.apply_catalog(&file).await.unwrap();
    let mut clients = Vec::new();
    for n in 0..64 {
        clients.push(t.usual("ada", &format!("s{n}")).await);
    }
    let racing = clients.into_iter().map(|client| {
        tokio::spawn(async move {
            let path = format!("{ACQUIRE}?mode=if_available");
            let body = json!([{"template":"steps"}]).to_string();
            client.post(&path, body).await
        })
    });
    let racing: Vec<_> = racing.collect();
    let mut refused = Vec::new();
    for answer in racing {
        let answer = answer.await.unwrap();
        if answer.status != 200 {
            refused.push(failed(&answer));
        }
    }
    assert_eq!(refused.len(), 63);
    let (owner, generation) = t.owner("ada", "steps").await;
    assert_eq!(generation, 1);
    for item in refused {
        assert_eq!(item["error_code"], "conflict");
        assert_eq!(item["owner"]["name"].as_str(), owner.as_deref());
    }
}

async fn an_expected_generation_is_compared(t: Tenure) {
    let (a, b) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let at = |generation: Value| json!([{"template":"steps","generation":generation}]);
    let refused = failed(&a.acquire(at(json!(1))).await);
    assert_eq!(
        refused["error"],
        "Attribute 'steps' is at generation 0, not 1, and nobody owns it"
    );
    assert_eq!(
        (&refused["owner"], &refused["since"]),
        (&Value::Null, &Value::Null)
    );
    a.acquire(at(json!(0))).await.succeeded();
    let refused = failed(&b.acquire(at(json!(0))).await);
    assert_eq!(refused["error_code"], "conflict");
    assert_eq!(refused["owner"]["name"], "oura");
    b.acquire(at(json!(1))).await.succeeded();
    let release = |generation: Value| json!([{"name":"steps","generation":generation}]);
    assert_eq!(
        failed(&b.release(release(json!(1))).await)["error_code"],
        "conflict"
    );
    for no_generation in [json!("1"), json!(-1), json!(1.5), json!(1e30), json!([])] {
        for answer in [
            a.acquire(at(no_generation.clone())).await,
            b.release(release(no_generation.clone())).await,
        ] {
            let item = failed(&answer);
            assert_eq!(item["error_code"], "validation", "{item}");
            let text = item["error"].as_str().unwrap();
            assert!(text.contains("generation"), "{text}");
        }
    }
    b.release(release(json!(2))).await.succeeded();
}

async fn a_dry_run_gives_the_answer_and_changes_nothing(t: Tenure) {
    let a = after_withings(&t).await;
    let before = revision(&a.owned("").await);
    let items = json!([{"name":"steps"},{"name":"mood"}]).to_string();
    let dry = a
        .post(
            &format!("{RELEASE}?success_objects=1&validate_only=1"),
            items.clone(),
        )
        .await;
    assert_eq!(t.owner("ada", "steps").await, (Some("oura".to_owned()), 2));
    assert_eq!(revision(&dry), before);
    assert_eq!(dry.json()["success"][0]["service"]["name"], "withings");
    let real = a.post(&format!("{RELEASE}?success_objects=1"), items).await;
    assert_eq!((dry.status, &dry.text), (real.status, &real.text));
    assert_eq!(revision(&real), before + 1);
}

async fn all_or_nothing_fails_every_item(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let path = format!("{ACQUIRE}?all_or_nothing=1");
    let items = json!([{"template":"steps"},{"name":"nope"},{"template":"mood"}]);
    let answer = c.post(&path, items.to_string()).await;
    assert_eq!(answer.status, 202);
    let codes: Vec<_> = answer
        .failed()
        .into_iter()
        .map(|(_, code, _)| code)
        .collect();
    assert_eq!(codes, ["aborted", "not_found", "aborted"]);
    assert_eq!(answer.json()["success"], json!([]));
    assert!(c.owned_names().await.is_empty());
    let items = json!([{"template":"steps"},{"template":"mood"}]);
    c.post(&path, items.to_string()).await.succeeded();
}

async fn release_shows_who_took_over(t: Tenure) {
    let a = after_withings(&t).await;
    let path = format!("{RELEASE}?success_objects=1");
    let items = json!([{"name":"steps"}]).to_string();
    let shown = a.post(&path, items).await.succeeded();
    assert_eq!(shown[0]["service"]["name"], "withings");
    assert!(shown[0].get("generation").is_none(), "{shown}");
}

async fn ownership_adds_generation_and_pinned(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let items = json!([{"template":"steps"}]).to_string();
    let path = format!("{ACQUIRE}?success_objects=1&ownership=1");
    let shown = c.post(&path, items).await.succeeded();
    let owned = c.owned("?ownership=1").await.json();
    for object in [&shown[0], &owned["results"][0]] {
        assert_eq!(
            (&object["generation"], &object["pinned"]),
            (&json!(1), &json!(false))
        );
    }
    let usual = c.owned("").await.json();
    assert!(usual["results"][0].get("generation").is_none(), "{usual}");
}

async fn the_revision_is_told(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let before = revision(&c.owned("").await);
    let acquired = c.acquire(json!([{"template":"steps"},{}])).await;
    assert_eq!((acquired.status, revision(&acquired)), (202, before + 1));
    let released = c.release(json!([{"name":"steps"}])).await;
    assert_eq!((released.status, revision(&released)), (200, before + 2));
}

async fn a_key_has_one_effect_and_one_answer(t: Tenure) {
    let (a, b) = (
        t.usual("ada", "oura").await,
        t.usual("ada", "withings").await,
    );
    let items = json!([{"template":"steps"},{"name":"nope"}]);
    let path = format!("{ACQUIRE}?success_objects=1");
    let first = a.post_once(&path, "k-1", &items).await;
    b.acquire(json!([{"template":"steps"}])).await.succeeded();
    let again = a.post_once(&path, "k-1", &items).await;
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(
        first.header("x-ownership-revision"),
        again.header("x-ownership-revision")
    );
    assert_eq!(
        t.owner("ada", "steps").await,
        (Some("withings".to_owned()), 2)
    );
    // Another service's key is another key.
    b.post_once(RELEASE, "k-1", &json!([{"name":"steps"}]))
        .await
        .succeeded();
    // A dry run is not kept.
    let dry = format!("{ACQUIRE}?validate_only=1");
    b.post_once(&dry, "k-2", &json!([{"template":"mood"}]))
        .await
        .succeeded();
    b.post_once(ACQUIRE, "k-2", &json!([{"template":"mood"}]))
        .await
        .succeeded();
    assert_eq!(b.owned_names().await, ["mood"]);
}

async fn a_key_that_is_sent_at_once_has_one_effect(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let sent = (0..16).map(|_| {
        let c = c.clone();
        tokio::spawn(async move {
            let items = json!([{"template":"steps"},{"template":"mood"}]);
            c.post_once(ACQUIRE, "once", &items).await
        })
    });
    let sent: Vec<_> = sent.collect();
    let mut answers = Vec::new();
    for answer in sent {
        let answer = answer.await.unwrap();
        answers.push((
            answer.header("x-ownership-revision").to_owned(),
            answer.text,
        ));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    let events = "select count(*) from event where user_id = 'ada' and cause = 'ACQUIRED'";
    assert_eq!(t.database.numbers(events).await, [2]);
}

async fn a_key_of_another_request_is_409(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let items = json!([{"template":"steps"}]);
    c.post_once(ACQUIRE, "k", &items).await.succeeded();
    let query = format!("{ACQUIRE}?success_objects=1");
    for (path, items) in [
        (ACQUIRE, json!([{"template":"mood"}])),
        (query.as_str(), items.clone()),
        (RELEASE, json!([{"name":"steps"}])),
    ] {
        let answer = c.post_once(path, "k", &items).await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(
            answer.detail().contains("Idempotency key 'k'"),
            "{answer:?}"
        );
    }
    assert_eq!(c.owned_names().await, ["steps"]);
    let kept = "select count(*) from idempotency_record";
    assert_eq!(t.database.numbers(kept).await, [1]);
}

async fn a_key_or_mode_that_is_none_is_400(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    let items = json!([{"template":"steps"}]);
    for key in ["", " ", "a b", &"k".repeat(256)] {
        let answer = c.post_once(ACQUIRE, key, &items).await;
        assert_eq!(answer.status, 400, "{key:?} {answer:?}");
        assert!(answer.detail().contains("Idempotency-Key"), "{answer:?}");
    }
    let longest = "k".repeat(255);
    c.post_once(ACQUIRE, &longest, &items).await.succeeded();
    for query in [
        "mode=other",
        "validate_only=2",
        "all_or_nothing=x",
        "ownership=maybe",
    ] {
        let answer = c
            .post(&format!("{ACQUIRE}?{query}"), items.to_string())
            .await;
        let parameter = query.split('=').next().unwrap();
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.detail().contains(parameter), "{answer:?}");
    }
}

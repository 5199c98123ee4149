//! Changing an attribute, conditional on what the user saw.

use super::{ada, put, seen};
use crate::harness::{Tenure, on_both_engines};
use serde_json::json;

on_both_engines! {
    the_user_chooses_the_owner,
    a_change_for_what_is_not_so_any_more_is_412,
    the_tag_that_an_answer_gives_is_good_for_the_next_change,
    a_star_holds_for_whatever_is_there_and_a_weak_tag_never,
    nobody_can_be_chosen,
    a_service_that_does_not_qualify_is_409_and_told_why,
    pinning_keeps_services_off,
    switching_off_and_on,
    what_nobody_owns_is_neither_active_nor_pinned,
    whoever_is_ranked_first_takes_over,
    a_wrong_body_is_400_and_named_and_changes_nothing,
}

async fn the_user_chooses_the_owner(t: Tenure) {
    let (user, c) = ada(&t).await;
    let (before, tag) = seen(&user, "steps").await;
    let answer = put(&user, "steps/owner/", &json!({"service":"oura"}), &tag).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let steps = answer.json();
    assert_eq!(steps["service"], json!({"name":"oura","label":"Oura"}));
    assert_eq!(
        steps["generation"],
        before["generation"].as_i64().unwrap() + 1
    );
    assert_eq!(steps["pinned"], false);
    assert_eq!(
        (steps, answer.header("etag").to_owned()),
        seen(&user, "steps").await
    );
    assert_eq!(c.owned_names().await, [""; 0]);
    let revision = user.get(super::ATTRIBUTES).await.json()["revision"].to_string();
    assert_eq!(answer.header("x-ownership-revision"), revision);
}

async fn a_change_for_what_is_not_so_any_more_is_412(t: Tenure) {
    let (user, _) = ada(&t).await;
    let (_, tag) = seen(&user, "steps").await;
    let other = t.usual("ada", "withings").await;
    other.acquire(json!([{"name":"steps"}])).await.succeeded();
    let before = t.snapshot("ada").await;
    for (what, body) in [
        ("owner", json!({"service":"oura"})),
        ("active", json!({"active":false})),
        ("pinned", json!({"pinned":true})),
        ("succession", json!({"services":["oura"]})),
    ] {
        let answer = put(&user, &format!("steps/{what}/"), &body, &tag).await;
        assert_eq!(answer.status, 412, "{what} {answer:?}");
        assert!(!answer.detail().is_empty());
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn the_tag_that_an_answer_gives_is_good_for_the_next_change(t: Tenure) {
    let (user, _) = ada(&t).await;
    let (_, mut tag) = seen(&user, "steps").await;
    for (what, body) in [
        ("pinned", json!({"pinned":true})),
        ("owner", json!({"service":"oura"})),
        ("active", json!({"active":false})),
        ("succession", json!({"services":["oura"]})),
        ("owner", json!({"service":null})),
    ] {
        let answer = put(&user, &format!("steps/{what}/"), &body, &tag).await;
        assert_eq!(answer.status, 200, "{what} {answer:?}");
        let new = answer.header("etag").to_owned();
        assert_ne!(new, tag, "{what}");
        tag = new;
    }
}

async fn a_star_holds_for_whatever_is_there_and_a_weak_tag_never(t: Tenure) {
    let (user, _) = ada(&t).await;
    let (_, tag) = seen(&user, "steps").await;
    let off = json!({"active":false});
    let answer = put(&user, "steps/active/", &off, &format!("W/{tag}")).await;
    assert_eq!(answer.status, 412, "{answer:?}");
    for wrong in ["x", "\"a\", \"b\""] {
        let answer = put(&user, "steps/active/", &off, wrong).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.detail().contains("If-Match"), "{answer:?}");
    }
    assert_eq!(seen(&user, "steps").await.1, tag);
    for if_match in ["*", ""] {
        let answer = put(&user, "steps/active/", &off, if_match).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

async fn nobody_can_be_chosen(t: Tenure) {
    let (user, _) = ada(&t).await;
    let answer = put(&user, "steps/owner/", &json!({"service":null}), "").await;
    let steps = answer.json();
    assert_eq!(
        (&steps["service"], &steps["since"]),
        (&json!(null), &json!(null))
    );
    assert_eq!(
        (&steps["active"], &steps["generation"]),
        (&json!(false), &json!(2))
    );
    let both = json!({"service":null,"pinned":true});
    let answer = put(&user, "steps/owner/", &both, "").await;
    assert_eq!(answer.status, 400, "{answer:?}");
}

async fn a_service_that_does_not_qualify_is_409_and_told_why(t: Tenure) {
    let (user, _) = ada(&t).await;
    t.connect("ada", "withings", "mood_write").await;
    let before = t.snapshot("ada").await;
    for service in ["zz_first", "withings", "unknown"] {
        let answer = put(&user, "steps/owner/", &json!({"service":service}), "").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.detail().contains(service), "{answer:?}");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

async fn pinning_keeps_services_off(t: Tenure) {
    let (user, _) = ada(&t).await;
    let other = t.usual("ada", "oura").await;
    let body = json!({"service":"withings","pinned":true});
    let answer = put(&user, "steps/owner/", &body, "").await;
    assert_eq!(answer.json()["pinned"], true, "{answer:?}");
    let (code, text) = other.acquire(json!([{"name":"steps"}])).await.failure();
    assert_eq!(code, "pinned");
    assert!(text.contains("withings"), "{text}");
    let answer = put(&user, "steps/pinned/", &json!({"pinned":false}), "").await;
    assert_eq!(answer.json()["pinned"], false, "{answer:?}");
    other.acquire(json!([{"name":"steps"}])).await.succeeded();
}

async fn switching_off_and_on(t: Tenure) {
    let (user, c) = ada(&t).await;
    for active in [false, true] {
        let answer = put(&user, "steps/active/", &json!({"active":active}), "").await;
        assert_eq!(
            (answer.status, &answer.json()["active"]),
            (200, &json!(active))
        );
        let owned = c.owned("").await.json()["count"].as_i64();
        assert_eq!(owned, Some(i64::from(active)));
    }
}

async fn what_nobody_owns_is_neither_active_nor_pinned(t: Tenure) {
    let (user, _) = ada(&t).await;
    let tea = t.custom("ada", "Tea", "custom").await;
    for (what, body) in [
        ("active", json!({"active":true})),
        ("pinned", json!({"pinned":true})),
    ] {
        let answer = put(&user, &format!("{tea}/{what}/"), &body, "").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        assert!(answer.detail().contains("owns"), "{answer:?}");
    }
}

async fn whoever_is_ranked_first_takes_over(t: Tenure) {
    let (user, c) = ada(&t).await;
    let ranked = json!({"services":["withings","zz_first"]});
    let answer = put(&user, "steps/succession/", &ranked, "").await;
    let steps = answer.json();
    assert_eq!(steps["succession"], ranked["services"]);
    let first = &steps["successors"][0]["name"];
    assert_eq!(first, "withings", "{steps}");
    c.release(json!([{"name":"steps"}])).await.succeeded();
    assert_eq!(seen(&user, "steps").await.0["service"]["name"], "withings");
}

async fn a_wrong_body_is_400_and_named_and_changes_nothing(t: Tenure) {
    let (user, _) = ada(&t).await;
    let before = t.snapshot("ada").await;
    let many: Vec<_> = (0..101).map(|index| format!("service-{index}")).collect();
    for (what, body, named) in [
        ("owner", json!({}), "service"),
        ("owner", json!({"service":""}), "service"),
        ("owner", json!({"service":7}), "service"),
        ("owner", json!({"service":"oura","pinned":"yes"}), "pinned"),
        ("active", json!({"active":1}), "active"),
        ("active", json!([]), "object"),
        ("pinned", json!({"pinned":null}), "pinned"),
        ("succession", json!({"services":"oura"}), "services"),
        ("succession", json!({"services":["oura",1]}), "services"),
        (
            "succession",
            json!({"services":["oura","oura"]}),
            "services",
        ),
        ("succession", json!({"services":["nowhere"]}), "services"),
        ("succession", json!({"services":many}), "services"),
    ] {
        let answer = put(&user, &format!("steps/{what}/"), &body, "").await;
        assert_eq!(answer.status, 400, "{what} {body} {answer:?}");
        assert!(answer.detail().contains(named), "{what} {body} {answer:?}");
    }
    assert_eq!(t.snapshot("ada").await, before);
}

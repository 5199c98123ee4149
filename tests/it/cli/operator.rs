//! What each command of an operator does.

use super::{apply, connect, done, failed, issue, json_of, prepared};
use crate::harness::tenure;
use serde_json::{Value, json};

#[test]
fn catalog_apply_adds_or_replaces_and_show_shows() {
    let (_database, url) = prepared();
    let shown = done(&tenure(&url, "catalog show"));
    for part in [
        "My Test Client",
        "Oura",
        "Heart rate variability",
        "Daily tags",
    ] {
        assert!(shown.contains(part), "{part}");
    }
    apply(
        &url,
        "[[group]]\nname = 'mood'\nlabel = 'Feelings'\npriority = 9",
    );
    let shown = json_of(&tenure(&url, "catalog show --json"));
    let count = |kind: &str| shown[kind].as_array().unwrap().len();
    assert_eq!(
        (count("group"), count("template"), count("service")),
        (17, 86, 2)
    );
    let groups = shown["group"].as_array().unwrap();
    let mood = groups.iter().find(|group| group["name"] == "mood").unwrap();
    assert_eq!(
        (&mood["label"], &mood["priority"]),
        (&json!("Feelings"), &json!(9))
    );
}

#[test]
fn a_service_that_is_removed_is_pending_until_nobody_has_it() {
    let (_database, url) = prepared();
    done(&tenure(&url, "catalog remove-service oura"));
    let shown = json_of(&tenure(&url, "catalog show --json"));
    assert!(!shown["service"].to_string().contains("oura"), "{shown}");
    let pending = json_of(&tenure(&url, "catalog removals --json"));
    assert_eq!(pending[0]["service"], "oura");
    let error = failed(&tenure(&url, "catalog remove-service oura"));
    assert!(error.contains("there is no service 'oura'"), "{error}");
}

#[test]
fn a_catalog_that_does_not_fit_changes_nothing() {
    let (_database, url) = prepared();
    let before = json_of(&tenure(&url, "catalog show --json"));
    let wrong = tempfile::NamedTempFile::new().unwrap();
    for (file, part) in [
        (
            "[[service]]\nname = 'x'\nlabel = 'X'\nprovides = ['nope']",
            "'nope'",
        ),
        ("[[service]]\nname = 'x'", "missing field `label`"),
        ("nonsense", "is no catalog"),
    ] {
        std::fs::write(wrong.path(), file).unwrap();
        let line = format!("catalog apply {}", wrong.path().display());
        let error = failed(&tenure(&url, &line));
        assert!(error.contains(part), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert_eq!(error.matches(part).count(), 1, "{error}");
    }
    let missing = failed(&tenure(&url, "catalog apply /nowhere.toml"));
    assert!(missing.contains("cannot read /nowhere.toml"), "{missing}");
    assert_eq!(before, json_of(&tenure(&url, "catalog show --json")));
}

#[test]
fn connection_add_replaces_scopes_and_list_lists() {
    let (_database, url) = prepared();
    connect(&url, "ada", "oura", "mood_write");
    connect(&url, "ada", "oura", "activity_write sleep_write");
    let shown = done(&tenure(&url, "connection list --user ada"));
    assert!(shown.contains("activity_write sleep_write"), "{shown}");
    let list = || json_of(&tenure(&url, "connection list --user ada --json"));
    let listed = list();
    assert_eq!(listed[0]["scopes"], "activity_write sleep_write");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    // Without scopes nothing is taken away.
    done(&tenure(&url, "connection add --user ada --service oura"));
    assert_eq!(list(), listed);
    done(&tenure(&url, "connection remove --user ada --service oura"));
    assert_eq!(list(), json!([]));
}

#[test]
fn token_list_shows_ids_and_revoke_takes_the_token_or_its_id() {
    let (_database, url) = prepared();
    connect(&url, "ada", "oura", "mood_write");
    let first = issue(&url, "ada", "oura", "mood_write");
    let own = done(&tenure(
        &url,
        "token issue --user ada --own --expires-in 1h",
    ));
    let list = || json_of(&tenure(&url, "token list --user ada --json"));
    assert_eq!(list().as_array().unwrap().len(), 2);
    let shown = done(&tenure(&url, "token list --user ada"));
    assert!(!shown.contains(&first) && !shown.contains(own.trim()));
    done(&tenure(&url, &format!("token revoke {first}")));
    let tokens = list();
    let mut tokens = tokens.as_array().unwrap().iter();
    let of_own = tokens.find(|token| token["service"].is_null()).unwrap();
    let id = of_own["id"].as_str().unwrap();
    done(&tenure(&url, &format!("token revoke {id}")));
    let tokens = list();
    assert!(
        tokens
            .as_array()
            .unwrap()
            .iter()
            .all(|t| !t["revoked"].is_null())
    );
    let again = failed(&tenure(&url, &format!("token revoke {first}")));
    assert!(again.contains("revoked already"), "{again}");
}

#[test]
fn attribute_create_makes_a_name_from_the_label() {
    let (_database, url) = prepared();
    let create = |label: &str| {
        let line = format!("attribute create --user ada --label '{label}' --group media");
        tenure(&url, &format!("{line} --value-type 3"))
    };
    for (label, name) in [
        ("Time reading", "time_reading"),
        ("time-reading!", "time_reading_2"),
        ("Mood", "mood"),
        ("日本", "attribute"),
    ] {
        assert_eq!(done(&create(label)), format!("{name}\n"));
    }
    let again = failed(&create("Time reading"));
    assert!(again.contains("'time_reading'"), "{again}");
    let by_hand = "attribute create --user ada --label Hand --group mood --value-type 8 --manual";
    done(&tenure(&url, by_hand));
    let list = json_of(&tenure(&url, "attribute list --user ada --json"));
    for attribute in list.as_array().unwrap() {
        assert_eq!(
            (&attribute["owner"], &attribute["active"]),
            (&Value::Null, &json!(false))
        );
        assert_eq!(attribute["manual"], attribute["name"] == "hand");
    }
}

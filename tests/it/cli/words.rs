//! The words, their help, their errors; and a whole set-up by commands alone.

use super::{apply, connect, done, failed, issue, json_of, prepared};
use crate::harness::{Client, Process, tenure};
use serde_json::json;

#[tokio::test]
async fn the_commands_set_up_what_serve_then_serves() {
    let (_database, url) = prepared();
    connect(&url, "ada", "test500", "mood_write activity_write");
    connect(&url, "ada", "oura", "activity_write");
    let token = issue(&url, "ada", "test500", "mood_write activity_write");
    let create = "attribute create --user ada --label 'Time reading' --group mood --value-type 3";
    assert_eq!(done(&tenure(&url, create)), "time_reading\n");

    let process = Process::start(&url, "serve", "info");
    let c = Client::new(process.addresses, token);
    let items = json!([{"name":"time_reading"},{"template":"steps"}]);
    c.acquire(items).await.succeeded();

    // What commands change while it runs, it sees with the next request.
    apply(&url, "[[service]]\nname = 'late'\nlabel = 'Late'");
    connect(&url, "ada", "late", "mood_write");
    let late = issue(&url, "ada", "late", "mood_write");
    let late = Client::new(process.addresses, late);
    let items = json!([{"name":"time_reading"}]);
    let objects = late.acquire_objects(items).await.succeeded();
    assert_eq!(objects[0]["service"], json!({"name":"late","label":"Late"}));

    let owners = || {
        let list = json_of(&tenure(&url, "attribute list --user ada --json"));
        let owners = list.as_array().unwrap().iter().map(|a| a["owner"].clone());
        owners.collect::<Vec<_>>()
    };
    assert_eq!(owners(), ["test500", "late"]);
    let off = "attribute set-active --user ada --name steps --active false";
    done(&tenure(&url, off));
    assert_eq!(c.owned("").await.json()["count"], 0);
    done(&tenure(
        &url,
        "connection remove --user ada --service test500",
    ));
    assert_eq!(c.owned("").await.status, 401);
    assert_eq!(owners(), ["oura", "late"]);
}

#[test]
fn what_cannot_be_is_told_in_one_sentence() {
    let (_database, url) = prepared();
    connect(&url, "ada", "oura", "mood_write");
    for (line, part) in [
        (
            "connection add --user ada --service nope --scope mood_write",
            "'nope'",
        ),
        (
            "connection add --user ada --service oura --scope mod_write",
            "'mod_write'",
        ),
        (
            "connection remove --user ada --service test500",
            "not connected",
        ),
        (
            "token issue --user ada --service test500 --scope mood_write",
            "not connected",
        ),
        (
            "token issue --user ada --service oura --scope sleep_write",
            "'sleep_write'",
        ),
        (
            "token issue --user ada --service oura --expires-in soon",
            "365d",
        ),
        (
            "token issue --user ada --service oura --expires-in 0s",
            "no time",
        ),
        ("token issue --user ada", "--service"),
        ("token issue --user '' --own", "user id"),
        ("token revoke nonsense", "no such token"),
        (
            "attribute set-active --user ada --name nope --active true",
            "'nope'",
        ),
        (
            "attribute create --user ada --label X --group nope --value-type 3",
            "'nope'",
        ),
        (
            "attribute create --user ada --label X --group media --value-type 6",
            "reserved",
        ),
        (
            "attribute create --user ada --label X --group media --value-type 9",
            "0 to 8",
        ),
        ("serve --rate-limit many", "300/h"),
        ("serve --user-rate-limit many", "--user-rate-limit"),
        ("serve --request-timeout 0s", "no time"),
        ("serve --watch-buffer 1023", "1024"),
        ("serve --public-url nonsense", "https://api.example.com"),
        ("serve --trusted-proxies nonsense", "10.0.0.0/8"),
    ] {
        let error = failed(&tenure(&url, line));
        assert!(error.contains(part), "{line} {error}");
    }
}

#[test]
fn an_upstream_is_a_host_behind_plain_http() {
    for url in ["https://values.example", "values.example", "http://a/b"] {
        let line = format!("serve --check-config --upstream {url}");
        let error = failed(&tenure("sqlite:///nowhere/unused.db", &line));
        assert!(error.contains("http://HOST:PORT"), "{error}");
    }
}

#[test]
fn a_database_that_cannot_be_opened_is_told_in_one_line_without_its_password() {
    for url in [
        "mysql://user:secret@localhost/x",
        "sqlite::memory:",
        "sqlite:///nowhere/x.db",
        "postgres://user:secret@127.0.0.1:1/x",
        "mysql://h/x?password=secret",
        "user:secret@localhost",
        "sqlite:",
        "sqlite://",
        "nonsense",
    ] {
        let error = failed(&tenure(url, "catalog show"));
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    for command in [
        "serve",
        "demo",
        "migrate",
        "catalog apply",
        "catalog show",
        "connection add",
        "connection remove",
        "connection list",
        "token issue",
        "token list",
        "token revoke",
        "attribute create",
        "attribute list",
        "attribute set-active",
    ] {
        let help = done(&tenure("sqlite://unused.db", &format!("{command} --help")));
        assert!(help.contains("Example"), "{help}");
        assert!(help.contains(&format!("\n  tenure {command}")), "{help}");
        assert!(
            help.contains("--database-url") && help.contains("--json"),
            "{help}"
        );
    }
}

#[test]
fn check_config_prints_what_is_in_force_without_secrets() {
    let url = "postgres://user:secret@db.example/x?password=secret";
    let shown = done(&tenure(url, "serve --check-config --rate-limit 5/s"));
    for part in [
        "127.0.0.1:50051",
        "127.0.0.1:8080",
        "127.0.0.1:9464",
        "db.example",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains("secret"), "{shown}");
    let upstream = "http://127.0.0.1:8081";
    let line = format!("serve --check-config --upstream {upstream}/ --json");
    let shown = json_of(&tenure(url, &line));
    for setting in [
        json!({"setting":"rate-limit","value":"300/h"}),
        json!({"setting":"user-rate-limit","value":"3600/h"}),
        json!({"setting":"upstream","value":upstream}),
    ] {
        assert!(shown.as_array().unwrap().contains(&setting), "{shown}");
    }
}

#[test]
fn what_makes_connections_is_read_from_the_settings_file() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let line = format!(
        "serve --check-config --json --config {}",
        file.path().display()
    );
    for (text, value) in [
        ("", "explicit"),
        ("connections = 'explicit'", "explicit"),
        ("connections = 'from_tokens'", "from_tokens"),
    ] {
        std::fs::write(&file, text).unwrap();
        let shown = json_of(&tenure("sqlite://x.db", &line));
        let setting = json!({"setting":"connections","value":value});
        assert!(shown.as_array().unwrap().contains(&setting), "{shown}");
    }
    for (text, told) in [
        (
            "connections = 'from-tokens'",
            "line 1, 'connections': unknown variant `from-tokens`, expected `explicit` or `from_tokens`",
        ),
        ("connections = 1", "line 1, 'connections': wanted string"),
        (
            "connection = 'explicit'",
            "line 1, 'connection': unknown field `connection`, expected",
        ),
    ] {
        std::fs::write(&file, text).unwrap();
        let refused = tenure("sqlite://x.db", &line);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success());
        assert!(error.contains(told), "{error}");
    }
}

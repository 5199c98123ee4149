//! The `tenure` command, run as an operator runs it. The words are fixed.

use crate::harness::{Client, Database, Process, tenure};
use ::tenure::app::Addresses;
use serde_json::{Value, json};
use std::{net::SocketAddr, process::Output};

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// What a command that must succeed prints.
#[track_caller]
fn done(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The one sentence of a command that must fail.
#[track_caller]
fn failed(output: &Output) -> String {
    assert!(!output.status.success(), "{}", text(&output.stdout));
    assert_eq!(text(&output.stdout), "");
    let error = text(&output.stderr);
    assert!(error.starts_with("error: "), "{error}");
    error
}

fn services(database: &Database) -> Vec<String> {
    let Database::Sqlite(folder) = database else {
        panic!("an SQLite file")
    };
    let path = folder.path().join("services.toml");
    let file = "
        [[service]]\nname = 'test500'\nlabel = 'My Test Client'
        [[service]]\nname = 'oura'\nlabel = 'Oura'\nprovides = ['steps']";
    std::fs::write(&path, file).unwrap();
    vec![path.to_str().unwrap().to_owned()]
}

/// A database with services, set up by commands alone.
fn prepared() -> (Database, String) {
    let database = Database::sqlite();
    let url = database.url();
    let file = services(&database).remove(0);
    done(&tenure(&url, &["catalog", "apply", &file]));
    (database, url)
}

fn connect(url: &str, user: &str, service: &str, scope: &str) {
    let add = [
        "connection",
        "add",
        "--user",
        user,
        "--service",
        service,
        "--scope",
        scope,
    ];
    done(&tenure(url, &add));
}

fn issue(url: &str, user: &str, service: &str, scope: &str) -> String {
    let issue = [
        "token",
        "issue",
        "--user",
        user,
        "--service",
        service,
        "--scope",
        scope,
    ];
    done(&tenure(url, &issue))
        .lines()
        .last()
        .unwrap()
        .to_owned()
}

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&done(output)).unwrap()
}

#[tokio::test]
async fn the_commands_set_up_what_serve_then_serves() {
    let (_database, url) = prepared();
    connect(&url, "ada", "test500", "mood_write activity_write");
    connect(&url, "ada", "oura", "activity_write");
    let token = issue(&url, "ada", "test500", "mood_write activity_write");
    assert!(token.starts_with("tnr_"));
    let create = [
        "attribute",
        "create",
        "--user",
        "ada",
        "--label",
        "Time reading",
    ];
    let create = [&create[..], &["--group", "mood", "--value-type", "3"]].concat();
    assert_eq!(done(&tenure(&url, &create)), "time_reading\n");

    let (_process, ports) = Process::start(&url, &["serve"], "info");
    let local = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
    let addresses = Addresses {
        grpc: local(ports[0]),
        http: local(ports[1]),
        metrics: local(ports[2]),
    };
    let c = Client::new(addresses, token);
    let items = json!([{"name":"time_reading"},{"template":"steps"}]);
    c.acquire(items).await.succeeded();

    // What commands change while it runs, it sees with the next request.
    let late = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(late.path(), "[[service]]\nname = 'late'\nlabel = 'Late'").unwrap();
    done(&tenure(
        &url,
        &["catalog", "apply", late.path().to_str().unwrap()],
    ));
    connect(&url, "ada", "late", "mood_write");
    let late = Client::new(addresses, issue(&url, "ada", "late", "mood_write"));
    let objects = late
        .acquire_objects(json!([{"name":"time_reading"}]))
        .await
        .succeeded();
    assert_eq!(objects[0]["service"], json!({"name":"late","label":"Late"}));

    let list = json_of(&tenure(
        &url,
        &["attribute", "list", "--user", "ada", "--json"],
    ));
    let owners: Vec<_> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|a| &a["owner"])
        .collect();
    assert_eq!(owners, ["test500", "late"]);
    let remove = [
        "connection",
        "remove",
        "--user",
        "ada",
        "--service",
        "test500",
    ];
    done(&tenure(&url, &remove));
    assert_eq!(c.owned("").await.status, 401);
    let list = json_of(&tenure(
        &url,
        &["attribute", "list", "--user", "ada", "--json"],
    ));
    assert_eq!(list[0]["owner"], "oura");
}

#[test]
fn catalog_apply_adds_or_replaces_and_show_shows() {
    let (_database, url) = prepared();
    let shown = done(&tenure(&url, &["catalog", "show"]));
    for part in [
        "My Test Client",
        "Oura",
        "Heart rate variability",
        "Daily tags",
    ] {
        assert!(shown.contains(part), "{part}");
    }
    let shown = json_of(&tenure(&url, &["catalog", "show", "--json"]));
    let count = |kind: &str| shown[kind].as_array().unwrap().len();
    assert_eq!(
        (count("group"), count("template"), count("service")),
        (17, 86, 2)
    );
    let wrong = tempfile::NamedTempFile::new().unwrap();
    let path = wrong.path().to_str().unwrap();
    for (file, part) in [
        (
            "[[service]]\nname = 'x'\nlabel = 'X'\nprovides = ['nope']",
            "'nope'",
        ),
        ("[[service]]\nname = 'x'", "label"),
        ("nonsense", "is no catalog"),
    ] {
        std::fs::write(path, file).unwrap();
        let error = failed(&tenure(&url, &["catalog", "apply", path]));
        assert!(error.contains(part), "{error}");
    }
    let missing = failed(&tenure(&url, &["catalog", "apply", "/nowhere.toml"]));
    assert!(missing.contains("cannot read /nowhere.toml"), "{missing}");
    assert_eq!(
        shown,
        json_of(&tenure(&url, &["catalog", "show", "--json"]))
    );
}

#[test]
fn connection_add_replaces_scopes_and_list_lists() {
    let (_database, url) = prepared();
    connect(&url, "ada", "oura", "mood_write");
    connect(&url, "ada", "oura", "activity_write sleep_write");
    let list = ["connection", "list", "--user", "ada"];
    assert!(done(&tenure(&url, &list)).contains("activity_write sleep_write"));
    let list = [&list[..], &["--json"]].concat();
    let listed = json_of(&tenure(&url, &list));
    assert_eq!(listed[0]["scopes"], "activity_write sleep_write");
    assert_eq!(listed.as_array().unwrap().len(), 1);
    // Without scopes nothing is taken away.
    done(&tenure(
        &url,
        &["connection", "add", "--user", "ada", "--service", "oura"],
    ));
    assert_eq!(json_of(&tenure(&url, &list)), listed);
    done(&tenure(
        &url,
        &["connection", "remove", "--user", "ada", "--service", "oura"],
    ));
    assert_eq!(json_of(&tenure(&url, &list)), json!([]));
}

#[test]
fn token_list_shows_ids_and_revoke_takes_the_token_or_its_id() {
    let (_database, url) = prepared();
    connect(&url, "ada", "oura", "mood_write");
    let first = issue(&url, "ada", "oura", "mood_write");
    let own = done(&tenure(
        &url,
        &[
            "token",
            "issue",
            "--user",
            "ada",
            "--own",
            "--expires-in",
            "1h",
        ],
    ));
    let list = || json_of(&tenure(&url, &["token", "list", "--user", "ada", "--json"]));
    assert_eq!(list().as_array().unwrap().len(), 2);
    let shown = done(&tenure(&url, &["token", "list", "--user", "ada"]));
    assert!(!shown.contains(&first) && !shown.contains(own.trim()));
    done(&tenure(&url, &["token", "revoke", &first]));
    let of_own = list()
        .as_array()
        .unwrap()
        .iter()
        .find(|t| t["service"].is_null())
        .unwrap()
        .clone();
    done(&tenure(
        &url,
        &["token", "revoke", of_own["id"].as_str().unwrap()],
    ));
    assert!(
        list()
            .as_array()
            .unwrap()
            .iter()
            .all(|t| !t["revoked"].is_null())
    );
    let again = failed(&tenure(&url, &["token", "revoke", &first]));
    assert!(again.contains("revoked already"), "{again}");
}

#[test]
fn attribute_create_makes_a_name_from_the_label() {
    let (_database, url) = prepared();
    let create = |label: &str, extra: &[&str]| {
        let fixed = [
            "attribute",
            "create",
            "--user",
            "ada",
            "--label",
            label,
            "--group",
            "media",
        ];
        tenure(&url, &[&fixed[..], &["--value-type", "3"], extra].concat())
    };
    for (label, name) in [
        ("Time reading", "time_reading"),
        ("time-reading!", "time_reading_2"),
        ("Mood", "mood"),
        ("日本", "attribute"),
    ] {
        assert_eq!(done(&create(label, &[])), format!("{name}\n"));
    }
    done(&create("By hand", &["--manual"]));
    let list = json_of(&tenure(
        &url,
        &["attribute", "list", "--user", "ada", "--json"],
    ));
    let manual = |name: &str| {
        let all = list.as_array().unwrap();
        let found = all.iter().find(|a| a["name"] == name).unwrap();
        assert_eq!(
            (&found["owner"], &found["active"]),
            (&Value::Null, &json!(false))
        );
        found["manual"] == true
    };
    assert!(manual("by_hand") && !manual("time_reading"));
    let again = failed(&create("Time reading", &[]));
    assert!(again.contains("'time_reading'"), "{again}");
}

#[test]
fn what_cannot_be_is_told_in_one_sentence() {
    let (_database, url) = prepared();
    connect(&url, "ada", "oura", "mood_write");
    let attribute = ["attribute", "create", "--user", "ada", "--label", "X"];
    let cases: [(&[&str], &str); 12] = [
        (
            &[
                "connection",
                "add",
                "--user",
                "ada",
                "--service",
                "nope",
                "--scope",
                "mood_write",
            ],
            "'nope'",
        ),
        (
            &[
                "connection",
                "add",
                "--user",
                "ada",
                "--service",
                "oura",
                "--scope",
                "mod_write",
            ],
            "'mod_write'",
        ),
        (
            &[
                "connection",
                "remove",
                "--user",
                "ada",
                "--service",
                "test500",
            ],
            "not connected",
        ),
        (
            &[
                "token",
                "issue",
                "--user",
                "ada",
                "--service",
                "test500",
                "--scope",
                "mood_write",
            ],
            "not connected",
        ),
        (
            &[
                "token",
                "issue",
                "--user",
                "ada",
                "--service",
                "oura",
                "--scope",
                "sleep_write",
            ],
            "'sleep_write'",
        ),
        (&["token", "revoke", "nonsense"], "no such token"),
        (&["token", "issue", "--user", "", "--own"], "user id"),
        (&["token", "issue", "--user", "ada"], "--service"),
        (
            &[
                "attribute",
                "set-active",
                "--user",
                "ada",
                "--name",
                "nope",
                "--active",
                "true",
            ],
            "'nope'",
        ),
        (
            &[&attribute[..], &["--group", "nope", "--value-type", "3"]].concat(),
            "'nope'",
        ),
        (
            &[&attribute[..], &["--group", "media", "--value-type", "6"]].concat(),
            "reserved",
        ),
        (
            &[&attribute[..], &["--group", "media", "--value-type", "9"]].concat(),
            "0 to 8",
        ),
    ];
    for (arguments, part) in cases {
        let error = failed(&tenure(&url, arguments));
        assert!(error.contains(part), "{arguments:?} {error}");
    }
    for url in [
        "mysql://localhost/x",
        "sqlite::memory:",
        "sqlite:///nowhere/x.db",
    ] {
        let error = failed(&tenure(url, &["catalog", "show"]));
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let error = failed(&tenure(
        "postgres://user:secret@127.0.0.1:1/x",
        &["migrate"],
    ));
    assert!(!error.contains("secret"), "{error}");
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
        let mut arguments: Vec<_> = command.split(' ').collect();
        arguments.push("--help");
        let help = done(&tenure("sqlite://unused.db", &arguments));
        assert!(
            help.contains("Example") && help.contains(&format!("tenure {command}")),
            "{help}"
        );
        assert!(
            help.contains("--database-url") && help.contains("--json"),
            "{help}"
        );
    }
}

#[test]
fn check_config_prints_what_is_in_force_without_secrets() {
    let url = "postgres://user:secret@db.example/x";
    let shown = done(&tenure(
        url,
        &["serve", "--check-config", "--rate-limit", "5/s"],
    ));
    for part in [
        "127.0.0.1:50051",
        "127.0.0.1:8080",
        "127.0.0.1:9464",
        "db.example",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains("secret"), "{shown}");
    let refused = failed(&tenure(
        url,
        &["serve", "--check-config", "--rate-limit", "many"],
    ));
    assert!(refused.contains("300/h"), "{refused}");
}

//! What the settings file may say of signing in.

use crate::harness::tenure;
use std::{fs, path::Path};
use tenure::config::SettingsFile;

/// Signing in, with more below its issuer, after the issuer.
fn with(more: &str) -> String {
    format!(
        "[[issuer]]\nurl = 'https://id.example'\naudience = 'api'\n[issuer.internal]\naudience = 'internal'\n\
         services = {{}}\n[sign_in]\n{more}"
    )
}

const ISSUER: &str = "issuer = 'https://id.example'";

#[test]
fn what_cannot_be_is_told_with_the_key_and_what_was_expected() {
    for (more, key, expected) in [
        ("client_id = 'page'", "issuer", "missing field"),
        (ISSUER, "client_id", "missing field"),
        (
            &format!("{ISSUER}\nclient_id = ''"),
            "client_id",
            "something",
        ),
        (
            &format!("{ISSUER}\nclient_id = 'api'"),
            "client_id",
            "another one",
        ),
        (
            &format!("{ISSUER}\nclient_id = 'internal'"),
            "client_id",
            "another one",
        ),
        (
            "issuer = 'https://else.example'\nclient_id = 'page'",
            "issuer",
            "one of the issuers",
        ),
        (
            "issuer = 'http://id.example'\nclient_id = 'page'",
            "issuer",
            "https://",
        ),
    ] {
        told(more, key, expected);
    }
}

#[test]
fn what_cannot_be_beside_a_client_is_told_too() {
    for (more, key, expected) in [
        (
            "client_secret = 'a'\nclient_secret_file = 'b'",
            "client_secret_file",
            "either",
        ),
        ("client_secret = ''", "client_secret", "something"),
        (
            "client_secret_file = '/nowhere'",
            "client_secret_file",
            "/nowhere",
        ),
        (
            "session_key_file = '/nowhere'",
            "session_key_file",
            "/nowhere",
        ),
        (
            "session_key_file = '/dev/null'",
            "session_key_file",
            "at least 32",
        ),
        ("session_idle = '0s'", "session_idle", "1s"),
        ("session_idle = '2days'", "session_idle", "1day"),
        ("session_idle = 'soon'", "session_idle", "10m"),
        ("session_lifetime = '59s'", "session_lifetime", "1m"),
        ("session_lifetime = '31days'", "session_lifetime", "30days"),
        ("nonsense = 1", "nonsense", "unknown field"),
    ] {
        told(
            &format!("{ISSUER}\nclient_id = 'page'\n{more}"),
            key,
            expected,
        );
    }
}

#[track_caller]
fn told(more: &str, key: &str, expected: &str) {
    let parsed = SettingsFile::parse(&with(more), Path::new("tenure.toml"));
    let error = parsed.unwrap_err().to_string();
    assert!(error.contains(key), "{more}: {error}");
    assert!(error.contains(expected), "{more}: {error}");
}

#[test]
fn what_is_in_force_is_shown_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenure.toml");
    fs::write(folder.path().join("page.secret"), "hunter2\n").unwrap();
    fs::write(folder.path().join("session.key"), "k".repeat(44)).unwrap();
    let more = format!(
        "{ISSUER}\nclient_id = 'page'\nclient_secret_file = 'page.secret'\nsession_key_file = 'session.key'\n\
         session_idle = '10m'"
    );
    fs::write(&path, with(&more)).unwrap();
    let line = format!("serve --check-config --config {}", path.display());
    let output = tenure("sqlite://x.db", &line);
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{shown}");
    let expected =
        "https://id.example as page, idle for 10m, 12h at most, with a secret, key from a file";
    assert!(shown.contains(expected), "{shown}");
    assert!(
        !shown.contains("hunter2") && !shown.contains("kkkk"),
        "{shown}"
    );
}

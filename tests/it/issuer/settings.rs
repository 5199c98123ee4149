//! What the settings file may say of issuers.

use crate::harness::tenure;
use std::{fs, path::Path};
use tenure::config::SettingsFile;

/// An issuer, with more below its address.
fn with(more: &str) -> String {
    format!("[[issuer]]\nurl = 'https://id.example'\naudience = 'https://api.example'\n{more}")
}

/// The error that the text has.
fn error(text: &str) -> String {
    let parsed = SettingsFile::parse(text, Path::new("tenure.toml"));
    parsed.unwrap_err().to_string()
}

/// What is wrong below an issuer's address; the key that the error names, and a part of what it expects.
const WRONG: [(&str, &str, &str); 16] = [
    (
        "algorithms = ['HS256']",
        "algorithms",
        "'HS256' is not taken",
    ),
    ("algorithms = ['none']", "algorithms", "RS256"),
    ("algorithms = []", "algorithms", "something"),
    ("types = []", "types", "something"),
    ("service_claims = []", "service_claims", "something"),
    ("skew = '61s'", "skew", "1m"),
    ("skew = 'soon'", "skew", "5s"),
    ("timeout = '0s'", "timeout", "100ms"),
    ("keys_refresh = '1s'", "keys_refresh", "10s"),
    ("keys_refresh = '2h'", "keys_outage", "2h"),
    ("jwt = false", "jwt", "introspection"),
    ("jwks_uri = 'http://keys.example'", "jwks_uri", "https://"),
    ("ca_file = '/nowhere/ca.pem'", "ca_file", "/nowhere/ca.pem"),
    ("ca_file = 1", "ca_file", "expected path"),
    ("nonsense = 1", "nonsense", "unknown field"),
    ("services = { a = 'no name' }", "services", "service name"),
];

/// The same of its introspection.
const WRONG_INTROSPECTION: [(&str, &str, &str); 5] = [
    ("", "client_secret", "expected either"),
    ("client_secret = ''", "client_secret", "something"),
    (
        "client_secret_file = '/nowhere'",
        "client_secret_file",
        "/nowhere",
    ),
    ("client_secret = 'x'\ncache = '2m'", "cache", "1m"),
    (
        "client_secret = 'x'\nconcurrency = 0",
        "concurrency",
        "1000",
    ),
];

/// The same of its internal services.
const WRONG_INTERNAL: [(&str, &str, &str); 3] = [
    (
        "audience = 'https://api.example'\nservices = {}",
        "internal.audience",
        "another",
    ),
    (
        "audience = 'i'\nservices = { a = { name = 'a', role = 'king' } }",
        "services",
        "reader",
    ),
    (
        "audience = 'i'\nservices = { a = { name = 'x', role = 'reader' }, b = { name = 'x', role = 'reader' } }",
        "internal.services",
        "another name",
    ),
];

#[test]
fn what_cannot_be_is_told_with_the_key_and_what_was_expected() {
    let wrong = |above: &str, rows: &[(&str, &str, &str)]| {
        for (below, key, expected) in rows {
            let error = error(&with(&format!("{above}{below}")));
            let told = error.contains(key) && error.contains(expected);
            assert!(told, "{below}: {error}");
        }
    };
    wrong("", &WRONG);
    let introspection = "[issuer.introspection]\nclient_id = 'tenure'\n";
    wrong(introspection, &WRONG_INTROSPECTION);
    wrong("[issuer.internal]\n", &WRONG_INTERNAL);
}

#[test]
fn an_issuer_is_behind_tls_or_on_this_machine() {
    for url in [
        "http://id.example",
        "ftp://id.example",
        "https://user:secret@id.example",
        "https://id.example/?a=b",
        "https://id.example/#a",
        "id.example",
    ] {
        let error = error(&format!("[[issuer]]\nurl = '{url}'\naudience = 'a'"));
        let told = error.contains("'url'") && error.contains("https://HOST");
        assert!(told && !error.contains("secret"), "{error}");
    }
    for url in [
        "http://localhost:1",
        "http://127.0.0.1:1/x",
        "http://[::1]/",
        "https://id.example/x",
    ] {
        let text = format!("[[issuer]]\nurl = '{url}'\naudience = 'a'");
        SettingsFile::parse(&text, Path::new("tenure.toml")).unwrap();
    }
}

#[test]
fn issuers_are_to_be_told_apart() {
    let issuer = |host: &str, more: &str| {
        format!("[[issuer]]\nurl = 'https://{host}'\naudience = 'a'\n{more}\n")
    };
    for (a, b, key) in [
        ("services = {}", "services = {}", "user_prefix"),
        ("user_prefix = 'a:'", "user_prefix = 'b:'", "services"),
        (
            "services = {}\nuser_prefix = ''",
            "services = {}\nuser_prefix = 'b:'",
            "user_prefix",
        ),
        (
            "services = {}\nuser_prefix = 'b'",
            "services = {}\nuser_prefix = 'bc'",
            "user_prefix",
        ),
    ] {
        let error = error(&(issuer("one.example", a) + issuer("two.example", b).as_str()));
        assert!(error.contains(&format!("'{key}'")), "{error}");
    }
    let same = issuer("one.example", "services = {}\nuser_prefix = ''");
    assert!(error(&(same.clone() + same.as_str())).contains("'url'"));
    let other = issuer("two.example", "services = {}\nuser_prefix = ''");
    SettingsFile::parse(&(same + other.as_str()), Path::new("tenure.toml")).unwrap();
}

#[test]
fn no_error_shows_a_secret() {
    for line in [
        "client_secret = 5417",
        "client_secret = ['hunter2']",
        "client_secrt = 'hunter2'",
        "client_secret = 'hunter2",
        "client_secret = 'hunter2' x",
        "client_secret = { a = 'hunter2' }",
    ] {
        let text = with(&format!(
            "[issuer.introspection]\nclient_id = 'tenure'\n{line}\n"
        ));
        let error = error(&text);
        assert!(
            !error.contains("hunter2") && !error.contains("5417"),
            "{error}"
        );
        assert!(error.contains("line 6"), "{error}");
    }
}

/// The example in the documentation.
fn example() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/tokens.md");
    let page = fs::read_to_string(path).unwrap();
    let (_, rest) = page.split_once("```toml\n").unwrap();
    rest.split("```").next().unwrap().to_owned()
}

#[test]
fn the_documentations_example_is_taken_and_shown_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tenure.toml");
    fs::write(&file, example()).unwrap();
    let secret = folder.path().join("introspection.secret");
    fs::write(secret, "hunter2\n").unwrap();
    let line = format!("serve --check-config --config {}", file.display());
    let shown = tenure("sqlite://unused.db", &line);
    let (output, error) = (shown.stdout, String::from_utf8(shown.stderr).unwrap());
    let output = String::from_utf8(output).unwrap();
    assert!(shown.status.success(), "{error}");
    for part in [
        "https://id.example.com",
        "https://api.example.com",
        "tenure-api",
    ] {
        assert!(output.contains(part), "{output}");
    }
    assert!(!output.contains("hunter2"), "{output}");
    // Each key that there is, is there; what is not said is as the example says.
    assert_eq!(example().matches("[[issuer]]").count(), 2);
}

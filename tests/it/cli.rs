//! The `tenure` command, run as an operator runs it. The words are fixed.

mod operator;
mod words;

use crate::harness::{Database, tenure};
use serde_json::Value;
use std::process::Output;

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

fn json_of(output: &Output) -> Value {
    serde_json::from_str(&done(output)).unwrap()
}

/// A database with services, set up by commands alone.
fn prepared() -> (Database, String) {
    let database = Database::sqlite();
    let url = database.url();
    apply(
        &url,
        "[[service]]\nname = 'test500'\nlabel = 'My Test Client'
         [[service]]\nname = 'oura'\nlabel = 'Oura'\nprovides = ['steps']",
    );
    (database, url)
}

/// Applies a catalog file with this text.
fn apply(url: &str, text: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let path = file.path().display();
    done(&tenure(url, &format!("catalog apply {path}")));
}

fn connect(url: &str, user: &str, service: &str, scope: &str) {
    let line = format!("connection add --user {user} --service {service} --scope '{scope}'");
    done(&tenure(url, &line));
}

/// A token, as a script takes it: the last line of the output.
fn issue(url: &str, user: &str, service: &str, scope: &str) -> String {
    let line = format!("token issue --user {user} --service {service} --scope '{scope}'");
    let printed = done(&tenure(url, &line));
    printed.lines().last().unwrap().to_owned()
}

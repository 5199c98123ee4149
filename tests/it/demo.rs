//! `tenure demo`, as a newcomer meets it.

use crate::harness::{Process, is_there};
use std::process::Command;

/// Runs a line as it was printed.
fn shell(line: &str) -> String {
    let output = Command::new("sh").args(["-c", line]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{line}\n{error}");
    String::from_utf8(output.stdout).unwrap()
}

/// The printed lines that begin like this, each after what it does.
fn told<'l>(lines: &'l [String], beginning: &str) -> Vec<(&'l str, &'l str)> {
    let pairs = lines.windows(2);
    let pairs = pairs.map(|pair| (pair[0].as_str(), pair[1].as_str()));
    pairs
        .filter(|(_, line)| line.starts_with(beginning))
        .collect()
}

#[tokio::test]
async fn every_line_that_the_demo_prints_works_as_printed() {
    let mut process = Process::start("sqlite:///nowhere/unused.db", "demo", "info");
    let lines = process.output_until("AttributeOwnership/ReleaseAttributes");
    let printed = lines.join("\n");
    assert!(
        printed.contains("ada") && printed.contains("grace"),
        "{printed}"
    );
    let curl: Vec<_> = told(&lines, "curl ");
    let grpcurl: Vec<_> = told(&lines, "grpcurl ");
    assert!(curl.len() >= 12 && grpcurl.len() >= 3, "{lines:#?}");
    let mut refusals = 0;
    for (does, line) in curl {
        assert!(line.contains("Bearer tn"), "{line}");
        let answer = shell(line);
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        assert!(answer.get("detail").is_none(), "{line}\n{answer}");
        let failed = answer.get("failed").and_then(|failed| failed.as_array());
        let failed = failed.map_or(&[][..], Vec::as_slice);
        // The story has the service lose what it writes to.
        if does.contains("is refused") {
            assert_eq!(failed[0]["error_code"], "unauthorised", "{line}\n{answer}");
            refusals += 1;
        } else {
            assert!(failed.is_empty(), "{line}\n{answer}");
        }
        if line.contains("/values/") {
            let expected = serde_json::json!([{"date":"2026-01-31","value":9000}]);
            assert_eq!(answer["results"], expected, "{answer}");
        }
    }
    assert_eq!(refusals, 1);
    if !is_there("grpcurl") {
        return;
    }
    for (_, line) in grpcurl {
        let answer = shell(line);
        assert!(
            answer.contains("steps") || answer.contains("VERDICT_OWNED"),
            "{line}\n{answer}"
        );
    }
}

#[tokio::test]
async fn the_links_that_the_demo_prints_open_the_users_own_pages() {
    let mut process = Process::start("sqlite:///nowhere/unused.db", "demo", "info");
    let lines = process.output_until("AttributeOwnership/ReleaseAttributes");
    for user in ["ada", "grace"] {
        let url = lines.iter().find_map(|line| {
            let (of, url) = line.trim().split_once(' ')?;
            let is_page = of == user && url.contains("/account/sign-in/?token=tnr_");
            is_page.then(|| url.trim())
        });
        let url = url.unwrap_or_else(|| panic!("no link for {user} in {lines:#?}"));
        // With cookies, and on to where it leads.
        let page = shell(&format!("curl -sS -f -L -b '' '{url}'"));
        assert!(page.contains(&format!("<bdi>{user}</bdi>")), "{page}");
        assert!(page.contains("Saw a friend"), "{page}");
    }
}

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

#[tokio::test]
async fn every_line_that_the_demo_prints_works_as_printed() {
    let mut process = Process::start("sqlite:///nowhere/unused.db", "demo", "info");
    let lines = process.output_until("AttributeOwnership/ReleaseAttributes");
    let printed = lines.join("\n");
    assert!(
        printed.contains("ada") && printed.contains("grace"),
        "{printed}"
    );
    let curl: Vec<_> = lines.iter().filter(|l| l.starts_with("curl ")).collect();
    let grpcurl: Vec<_> = lines.iter().filter(|l| l.starts_with("grpcurl ")).collect();
    assert!(curl.len() >= 5 && grpcurl.len() >= 3, "{lines:#?}");
    for line in curl {
        assert!(line.contains("Bearer tn"), "{line}");
        let answer = shell(line);
        let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
        let failed = answer.get("failed").cloned().unwrap_or_default();
        assert!(
            failed.as_array().is_none_or(Vec::is_empty),
            "{line}\n{answer}"
        );
        assert!(answer.get("detail").is_none(), "{line}\n{answer}");
    }
    if !is_there("grpcurl") {
        return;
    }
    for line in grpcurl {
        let answer = shell(line);
        assert!(
            answer.contains("steps") || answer.contains("VERDICT_OWNED"),
            "{line}\n{answer}"
        );
    }
}

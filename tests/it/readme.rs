//! The README's worked example gives the answers that it shows.

use crate::harness::{Process, is_there};
use serde_json::Value;
use std::{fs, path::Path, process::Command};

/// The lines to type and what they answer, from the blocks that begin with `$`.
fn examples() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(path).unwrap();
    let blocks = readme.split("```console\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    let examples = blocks.flat_map(|block| block.trim_start_matches("$ ").split("\n$ "));
    examples
        .map(|example| {
            let (line, answer) = example.split_once('\n').unwrap();
            (line.to_owned(), answer.trim().to_owned())
        })
        .collect()
}

/// The answer without what says since when something is owned.
fn timeless(answer: &str) -> String {
    let lines = answer.lines().filter(|line| !line.contains("ownedSince"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut parts = text.split("\"since\":\"");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.split_once('"').map_or("", |(_, rest)| rest)
    })
}

#[tokio::test]
async fn the_worked_example_gives_the_answers_that_it_shows() {
    let mut demo = Process::start("sqlite:///nowhere/unused.db", "demo --json", "info");
    let printed = demo.output_until("tokens").pop().unwrap();
    let printed: Value = serde_json::from_str(&printed).unwrap();
    let token = |user: &str, service: &str| {
        let tokens = printed["tokens"].as_array().unwrap();
        let hers = |t: &&Value| t["user"] == user && t["service"] == service;
        tokens.iter().find(hers).unwrap()["token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let page = printed["pages"][0]["url"].as_str().unwrap();
    let (_, own) = page.split_once("token=").unwrap();
    let own = own.to_owned();
    let address = demo.addresses.http.to_string();
    let examples = examples();
    assert!(examples.len() >= 7, "{examples:#?}");
    for (line, expected) in examples {
        if line.starts_with("grpcurl") && !is_there("grpcurl") {
            continue;
        }
        let line = line.replace("127.0.0.1:8080", &address);
        let line = line.replace("127.0.0.1:50051", &demo.addresses.grpc.to_string());
        let ran = Command::new("sh")
            .args(["-c", &line])
            .env("CLIENT", token("ada", "test500"))
            .env("OURA", token("ada", "oura"))
            .env("ADA", &own)
            .env("INTERNAL", token("", "values"))
            .output()
            .unwrap();
        let answer = String::from_utf8(ran.stdout).unwrap();
        let expected = expected.replace("127.0.0.1:8080", &address);
        assert_eq!(timeless(&answer), timeless(&expected), "{line}");
    }
}

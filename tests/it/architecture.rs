//! Dependencies run one way, and files stay small: read off the `use` lines.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    files
}

/// The part of the tree that a file belongs to: `src/grpc/convert.rs` is of `grpc`.
fn part(path: &Path) -> String {
    let name = path
        .components()
        .nth(1)
        .unwrap()
        .as_os_str()
        .to_str()
        .unwrap();
    name.trim_end_matches(".rs").to_owned()
}

/// The parts that a text names: whatever follows `crate::`, alone or in braces.
fn named(text: &str) -> BTreeSet<String> {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<String>();
    let mut parts = BTreeSet::new();
    for path in code.split("crate::").skip(1) {
        match path.strip_prefix('{') {
            None => {
                parts.insert(word(path));
            }
            Some(group) => {
                let mut depth = 0;
                let elements = group.split(|c| {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    depth < 0 || (c == ',' && depth == 0)
                });
                let of_group = elements.take_while(|element| !element.trim().is_empty());
                parts.extend(of_group.map(|element| word(element.trim())));
            }
        }
    }
    parts
}

/// The word that a text begins with.
fn word(text: &str) -> String {
    let word = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_');
    word.collect()
}

#[test]
fn what_a_text_names_is_found() {
    let text =
        "use crate::{auth::Client, domain::{a, b}, service};use x;\nlet y = crate::app::f();";
    let found: Vec<_> = named(text).into_iter().collect();
    assert_eq!(found, ["app", "auth", "domain", "service"]);
}

/// Each part, and what it may know of the others.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("domain", &[]),
    ("ambient", &["domain"]),
    ("proto", &[]),
    ("storage", &["domain"]),
    ("auth", &["ambient", "domain", "storage"]),
    ("service", &["ambient", "auth", "domain", "storage"]),
    ("grpc", &["auth", "domain", "proto", "service"]),
    ("app", &["ambient", "auth", "grpc", "service", "storage"]),
    ("config", &["app", "auth", "domain", "grpc", "storage"]),
    (
        "command",
        &["app", "auth", "config", "domain", "service", "storage"],
    ),
];

#[test]
fn dependencies_run_one_way() {
    for (path, text) in sources("src") {
        let part = part(&path);
        if part == "main" || part == "lib" {
            continue;
        }
        let (_, allowed) = ALLOWED.iter().find(|(of, _)| *of == part).unwrap();
        for other in ALLOWED.map(|(other, _)| other) {
            let may = other == part || allowed.contains(&other);
            let shown = path.display();
            assert!(
                may || !named(&text).contains(other),
                "{shown} names {other}"
            );
        }
    }
}

#[test]
fn each_library_has_its_place() {
    for (library, places) in [
        ("sqlx::", &["storage"][..]),
        ("tonic::", &["grpc", "proto", "app"]),
        ("axum::", &["grpc", "app"]),
        ("clap::", &["config", "main"]),
        ("tenure_values::", &["command"]),
    ] {
        for (path, text) in sources("src") {
            let is_there = text.contains(library);
            let shown = path.display();
            assert!(
                !is_there || places.contains(&&*part(&path)),
                "{shown} has {library}"
            );
        }
    }
}

#[test]
fn the_rules_are_pure() {
    for (path, text) in sources("src/domain") {
        for impure in [
            "tokio",
            "async ",
            "now_utc",
            "getrandom",
            "std::fs",
            "std::io",
        ] {
            assert!(!text.contains(impure), "{} has {impure}", path.display());
        }
    }
}

#[test]
fn the_gateway_and_the_client_know_nothing_of_the_service_but_the_proto() {
    for package in ["gateway", "client"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let manifest = root.join(package).join("Cargo.toml");
        let manifest = fs::read_to_string(manifest).unwrap();
        assert!(!manifest.contains("path ="), "{manifest}");
    }
}

#[test]
fn the_value_service_is_small_enough_to_be_read_as_a_pattern() {
    let files = sources("examples/values").into_iter();
    let lines: usize = files.map(|(_, text)| text.lines().count()).sum();
    assert!(lines < 800, "{lines}");
}

#[test]
fn files_are_small() {
    let mut lengths = Vec::new();
    for folder in [
        "src",
        "client/src",
        "gateway/src",
        "examples",
        "tests",
        "benches",
    ] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= 400, "{} has {lines} lines", path.display());
            lengths.push(lines);
        }
    }
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] < 150, "{lengths:?}");
}

//! Dependencies run one way, and files stay small: read off the `use` lines.

use std::{
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

/// The parts that a text names: in `use crate::{auth::Client, domain::...}` and in paths.
fn names(text: &str, part: &str) -> bool {
    let code: String = text
        .lines()
        .filter(|l| !l.trim_start().starts_with("//"))
        .collect();
    let path = format!("crate::{part}");
    let grouped = |block: &str| {
        let block = block.split(';').next().unwrap_or_default();
        block.contains(&format!("{{{part}::"))
            || block.contains(&format!("{{    {part}::"))
            || block.contains(&format!(",    {part}::"))
            || block.contains(&format!(", {part}::"))
            || block.contains(&format!("    {part},"))
    };
    code.contains(&path) || code.split("use crate::").skip(1).any(grouped)
}

#[test]
fn dependencies_run_one_way() {
    let inner = [
        "ambient", "auth", "domain", "service", "storage", "grpc", "app", "config", "command",
    ];
    let allowed: [(&str, &[&str]); 6] = [
        ("domain", &["domain"]),
        ("ambient", &["domain"]),
        ("storage", &["storage", "domain"]),
        ("auth", &["auth", "ambient", "domain", "storage"]),
        (
            "service",
            &["service", "auth", "ambient", "domain", "storage"],
        ),
        ("grpc", &["grpc", "service", "auth", "domain"]),
    ];
    for (path, text) in sources("src") {
        let Some((_, allowed)) = allowed.iter().find(|(of, _)| *of == part(&path)) else {
            continue;
        };
        let forbidden = inner.iter().filter(|part| !allowed.contains(part));
        for forbidden in forbidden {
            assert!(
                !names(&text, forbidden),
                "{} names {forbidden}",
                path.display()
            );
        }
    }
}

#[test]
fn the_rules_are_pure() {
    for (path, text) in sources("src/domain") {
        for impure in ["sqlx", "tonic", "tokio", "async ", "now_utc", "getrandom"] {
            assert!(!text.contains(impure), "{} has {impure}", path.display());
        }
    }
}

#[test]
fn the_gateway_knows_nothing_of_the_service_but_the_proto() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("gateway/Cargo.toml");
    let manifest = fs::read_to_string(manifest).unwrap();
    assert!(!manifest.contains("path ="), "{manifest}");
}

#[test]
fn files_are_small() {
    let mut lengths = Vec::new();
    for folder in ["src", "gateway/src", "tests", "benches"] {
        for (path, text) in sources(folder) {
            let lines = text.lines().count();
            assert!(lines <= 400, "{} has {lines} lines", path.display());
            lengths.push(lines);
        }
    }
    lengths.sort_unstable();
    assert!(lengths[lengths.len() / 2] < 150, "{lengths:?}");
}

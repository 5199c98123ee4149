//! Where the figures are from.

use crate::database::Server;
use serde_json::{Value, json};
use std::{fs, process::Command};
use tenure::ambient::{Clock as _, System};
use time::format_description::well_known::Rfc3339;

/// The settings of PostgreSQL that its writes depend on.
const SETTINGS: [&str; 8] = [
    "server_version",
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_sync_method",
    "shared_buffers",
    "max_connections",
    "max_wal_size",
];

pub(crate) async fn facts(server: &Server) -> anyhow::Result<Value> {
    let mut settings = serde_json::Map::new();
    for name in SETTINGS {
        settings.insert(name.to_owned(), json!(server.setting(name).await?));
    }
    Ok(json!({
        "date": System.now().format(&Rfc3339)?,
        "commit": output("git", &["describe", "--always", "--dirty", "--abbrev=12"]),
        "processor": line("/proc/cpuinfo", "model name"),
        "cores": std::thread::available_parallelism()?.get(),
        "memory": line("/proc/meminfo", "MemTotal"),
        "kernel": fs::read_to_string("/proc/sys/kernel/osrelease")?.trim(),
        "rust": output("rustc", &["--version"]),
        "postgresql": settings,
    }))
}

/// The first value of that name in a file of lines like `name: value`.
fn line(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (_, value) = text
        .lines()
        .find(|line| line.starts_with(name))?
        .split_once(':')?;
    Some(value.trim().to_owned())
}

/// What a command says, if it is there.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

//! How soon a release build answers, and how much memory it needs when idle. `cargo bench --bench footprint`
//!
//! Starts `tenure serve` on an existing SQLite file, 20 times, and prints the median time from the start of the
//! process to the answer to its first request, and the resident memory a second request later.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops where it cannot go on"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const RUNS: usize = 20;

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/tenure.db", folder.path().display());
    let token = prepare(&url, &folder.path().join("services.toml"));
    let mut runs: Vec<_> = (0..RUNS).map(|_| run(&url, &token)).collect();
    runs.sort();
    let (first_answer, _) = runs[RUNS / 2];
    let memory = runs.iter().map(|(_, kib)| kib).max().unwrap();
    println!(
        "first answer after start, median of {RUNS}: {} ms",
        first_answer.as_millis()
    );
    println!("slowest: {} ms", runs[RUNS - 1].0.as_millis());
    println!(
        "resident memory when idle, largest of {RUNS}: {:.1} MiB",
        f64::from(*memory) / 1024.0
    );
}

fn tenure(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.env("TENURE_DATABASE_URL", url);
    command
}

/// A database with one connected service; its token.
fn prepare(url: &str, services: &std::path::Path) -> String {
    fs::write(services, "[[service]]\nname = 's'\nlabel = 'S'").unwrap();
    let run = |arguments: &[&str]| {
        let output = tenure(url).args(arguments).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["catalog", "apply", services.to_str().unwrap()]);
    run(&[
        "connection",
        "add",
        "--user",
        "u",
        "--service",
        "s",
        "--scope",
        "mood_write",
    ]);
    run(&["token", "issue", "--user", "u", "--service", "s"])
        .trim()
        .to_owned()
}

/// Starts, asks, stops: how long the first answer took, and the resident memory in KiB.
fn run(url: &str, token: &str) -> (Duration, u32) {
    let ports = ["--grpc-addr", "--http-addr", "--metrics-addr"];
    let ports = ports.iter().flat_map(|flag| [*flag, "127.0.0.1:0"]);
    let start = Instant::now();
    let mut child = tenure(url)
        .arg("serve")
        .args(ports)
        .args(["--log-format", "json"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let address = listening(&mut child);
    ask(&address, token);
    let first_answer = start.elapsed();
    ask(&address, token);
    let memory = resident(child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    (first_answer, memory)
}

/// The REST address, from the log.
fn listening(child: &mut Child) -> String {
    let mut line = String::new();
    let mut log = BufReader::new(child.stderr.as_mut().unwrap());
    while !line.contains("listening") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0);
    }
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    line["fields"]["http"].as_str().unwrap().to_owned()
}

fn ask(address: &str, token: &str) {
    let mut stream = TcpStream::connect(address).unwrap();
    let head = "GET /api/2/attributes/owned/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    write!(stream, "{head}Authorization: Bearer {token}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

fn resident(process: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

//! The `tenure` command, as its own process.

use std::{
    io::{BufRead, BufReader, Read as _},
    net::SocketAddr,
    process::{Child, ChildStderr, Command, Output, Stdio},
};
use tenure::app::Addresses;

/// Runs `tenure` with a line of arguments on a database, to its end. Quotes hold words together.
pub fn tenure(url: &str, line: &str) -> Output {
    command(url, line).output().unwrap()
}

fn command(url: &str, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.env_clear().env("TENURE_DATABASE_URL", url);
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 0 {
            command.args(part.split_whitespace());
        } else {
            command.arg(part);
        }
    }
    command
}

/// A `tenure` that keeps running; it is killed when this is dropped.
pub struct Process {
    child: Child,
    log: BufReader<ChildStderr>,
    told: Vec<String>,
    pub addresses: Addresses,
}

impl Process {
    /// Starts it on free ports, and waits until it says where it listens.
    pub fn start(url: &str, line: &str, filter: &str) -> Self {
        Self::start_at("127.0.0.1:0", url, line, filter)
    }

    /// The same, at this address.
    pub fn start_at(at: &str, url: &str, line: &str, filter: &str) -> Self {
        let ports = format!("--grpc-addr {at} --http-addr {at} --metrics-addr {at}");
        let line = format!("{line} {ports} --log-format json --log {filter}");
        let mut command = command(url, &line);
        let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let told = lines_until(&mut log, "\"listening\"");
        let line = told.last().unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let address = |name: &str| -> SocketAddr {
            let address = line["fields"][name].as_str().unwrap();
            address.parse().unwrap()
        };
        let addresses = Addresses {
            grpc: address("grpc"),
            http: address("http"),
            metrics: address("metrics"),
        };
        Self {
            child,
            log,
            told,
            addresses,
        }
    }

    /// The log's lines up to the one that says where it listens.
    pub fn told(&self) -> &[String] {
        &self.told
    }

    /// The log's lines up to one that has this text.
    pub fn log_until(&mut self, text: &str) -> Vec<String> {
        lines_until(&mut self.log, text)
    }

    /// Standard output up to and including a line that has this text. To be called once.
    pub fn output_until(&mut self, text: &str) -> Vec<String> {
        let mut reader = BufReader::new(self.child.stdout.take().unwrap());
        lines_until(&mut reader, text)
    }

    /// Asks it to stop with SIGTERM.
    pub fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.unwrap().success());
    }

    /// Asks it to stop; its exit code and the rest of its log.
    pub fn terminate(self) -> (Option<i32>, String) {
        self.ask_to_stop();
        self.ended()
    }

    /// Waits for its end; its exit code and the rest of its log.
    pub fn ended(mut self) -> (Option<i32>, String) {
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        (status.code(), rest)
    }
}

/// The lines up to and including one that has this text.
fn lines_until(reader: &mut impl BufRead, text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        let read = reader.read_line(&mut line).unwrap();
        assert!(read > 0, "it ended before {text:?}: {lines:#?}");
        lines.push(line.trim_end().to_owned());
        if lines.last().is_some_and(|line| line.contains(text)) {
            return lines;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a program is on the path. Where `REQUIRE_GRPCURL` is set, `grpcurl` must be.
#[expect(clippy::disallowed_methods, reason = "the tests have no configuration")]
pub fn is_there(program: &str) -> bool {
    let look = format!("command -v {program}");
    let found = Command::new("sh").args(["-c", &look]).output().unwrap();
    let required = std::env::var("REQUIRE_GRPCURL").is_ok();
    assert!(found.status.success() || !required, "there is no {program}");
    found.status.success()
}

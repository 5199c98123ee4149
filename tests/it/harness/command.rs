//! The `tenure` command, as its own process.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Output, Stdio},
};

/// Runs `tenure` with these arguments on a database, to its end.
pub fn tenure(url: &str, arguments: &[&str]) -> Output {
    command(url, arguments).output().unwrap()
}

fn command(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command
        .args(arguments)
        .env_clear()
        .env("TENURE_DATABASE_URL", url);
    command
}

/// A `tenure` that keeps running; it is killed when this is dropped.
pub struct Process {
    child: Child,
    log: BufReader<std::process::ChildStderr>,
}

impl Process {
    /// Starts it, and waits until it says where it listens: the three ports in its log line.
    pub fn start(url: &str, arguments: &[&str], log: &str) -> (Self, [u16; 3]) {
        let mut child = command(url, arguments)
            .args(["--grpc-addr=127.0.0.1:0", "--http-addr=127.0.0.1:0"])
            .args(["--metrics-addr=127.0.0.1:0", "--log-format=json"])
            .args(["--log", log])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut process = Self { child, log };
        let line = process.log_until("listening");
        let fields: serde_json::Value = serde_json::from_str(line.last().unwrap()).unwrap();
        let ports = ["grpc", "http", "metrics"].map(|name| {
            let address = fields["fields"][name].as_str().unwrap();
            address.rsplit(':').next().unwrap().parse().unwrap()
        });
        (process, ports)
    }

    /// The log's lines up to one that has this text.
    pub fn log_until(&mut self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            let read = self.log.read_line(&mut line).unwrap();
            assert!(read > 0, "the log ended before {text:?}: {lines:#?}");
            lines.push(line);
            if lines.last().is_some_and(|line| line.contains(text)) {
                return lines;
            }
        }
    }

    /// Standard output up to and including a line that has this text. To be called once.
    pub fn output_until(&mut self, text: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut reader = BufReader::new(self.child.stdout.as_mut().unwrap());
        loop {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).unwrap() > 0, "{lines:#?}");
            lines.push(line.trim_end().to_owned());
            if lines.last().is_some_and(|line| line.contains(text)) {
                return lines;
            }
        }
    }

    /// Asks it to stop with SIGTERM; its exit code and the rest of its log.
    pub fn terminate(mut self) -> (Option<i32>, String) {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.unwrap().success());
        let status = self.child.wait().unwrap();
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        (status.code(), rest)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

//! The service itself: a real process, as it is deployed.

use crate::population::SERVICES;
use anyhow::{Context as _, bail};
use std::{
    fmt::Write as _,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

/// `tenure serve`, which ends when this is dropped.
pub(crate) struct Service {
    child: Child,
    pub(crate) grpc: SocketAddr,
    pub(crate) http: SocketAddr,
}

/// Makes the tables and the catalog.
pub(crate) fn prepare(url: &str) -> anyhow::Result<()> {
    let mut catalog = String::new();
    for name in SERVICES {
        writeln!(catalog, "[[service]]\nname = '{name}'\nlabel = '{name}'")?;
    }
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("services.toml");
    std::fs::write(&file, catalog)?;
    command(url, &["migrate"])?;
    command(url, &["catalog", "apply", &file.to_string_lossy()])?;
    Ok(())
}

/// A token of an internal service that asks.
pub(crate) fn internal_token(url: &str) -> anyhow::Result<String> {
    let issue = ["token", "issue", "--internal", "bench", "--role", "reader"];
    Ok(command(url, &issue)?.trim().to_owned())
}

/// What a command prints.
fn command(url: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let mut tenure = tenure(url);
    let output = tenure.args(arguments).stdout(Stdio::piped()).output()?;
    if !output.status.success() {
        bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?)
}

impl Service {
    /// With so many connections to the database at most, and so many requests to a statement.
    pub(crate) fn start(url: &str, connections: u32, batch: u16) -> anyhow::Result<Self> {
        let mut child = tenure(url)
            .args(["serve", "--rate-limit", "off", "--log-format", "json"])
            // One line says where it listens; none is written for a request.
            .args(["--log", "warn,tenure::command=info"])
            .args(["--database-connections", &connections.to_string()])
            .args(["--database-batch", &batch.to_string()])
            .args(["--grpc-addr", "127.0.0.1:0", "--http-addr", "127.0.0.1:0"])
            .args(["--metrics-addr", "127.0.0.1:0"])
            .stderr(Stdio::piped())
            .spawn()?;
        let log = child.stderr.take().context("no standard error")?;
        let mut log = BufReader::new(log);
        let mut line = String::new();
        log.read_line(&mut line)?;
        // A warning is ours to see, and a full pipe would stop the service.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::stderr()));
        let mut service = Self {
            child,
            grpc: SocketAddr::from(([0; 4], 0)),
            http: SocketAddr::from(([0; 4], 0)),
        };
        let started: serde_json::Value = serde_json::from_str(&line).context(line)?;
        let address = |name: &str| -> anyhow::Result<SocketAddr> {
            let address = started["fields"][name].as_str();
            Ok(address.with_context(|| started.to_string())?.parse()?)
        };
        service.grpc = address("grpc")?;
        service.http = address("http")?;
        Ok(service)
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn tenure(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
    command.env_clear().env("TENURE_DATABASE_URL", url);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command
}

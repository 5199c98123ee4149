//! A PostgreSQL server for one run.

use anyhow::{Context as _, bail};
use std::{
    fs,
    net::TcpListener,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// Where `initdb`, `pg_ctl` and `pgbench` are: the newest of those that Debian keeps apart, else those on the path.
pub(crate) fn programs() -> anyhow::Result<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/usr/lib/postgresql").into_iter().flatten() {
        let entry = entry?;
        let version: Option<u32> = entry.file_name().to_str().and_then(|v| v.parse().ok());
        let folder = entry.path().join("bin");
        if let Some(version) = version.filter(|_| folder.join("initdb").exists()) {
            found.push((version, folder));
        }
    }
    if let Some((_, newest)) = found.into_iter().max() {
        return Ok(newest);
    }
    let mut look = Command::new("sh");
    let output = look.args(["-c", "command -v initdb"]).output()?;
    let path = String::from_utf8(output.stdout)?;
    let folder = Path::new(path.trim()).parent();
    let folder = folder.filter(|folder| folder.is_absolute());
    Ok(folder.context("PostgreSQL is not installed")?.to_owned())
}

/// A throwaway cluster, which stops and goes when this is dropped. Its settings are the defaults, `fsync` included,
/// but for [`Cluster::SETTINGS`] and the memory.
#[derive(Debug)]
pub(crate) struct Cluster {
    folder: TempDir,
    programs: PathBuf,
    pub(crate) url: String,
}

impl Cluster {
    /// Enough for 64 callers of `pgbench` beside the service.
    const SETTINGS: [&str; 2] = ["listen_addresses=127.0.0.1", "max_connections=200"];

    pub(crate) fn start() -> anyhow::Result<Self> {
        let programs = programs()?;
        let folder = tempfile::tempdir()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let cluster = Self {
            url: format!("postgres://postgres@127.0.0.1:{port}/postgres"),
            folder,
            programs,
        };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(cluster.path()))?;
        }
        let data = cluster.data();
        run(cluster
            .program("initdb")
            .arg("-D")
            .arg(&data)
            .args(["-A", "trust", "-U", "postgres"]))?;
        let memory = shared_buffers()?;
        let mut options = format!("-p {port} -k {}", cluster.path().display());
        for setting in Self::SETTINGS.into_iter().chain([&*memory]) {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        run(cluster
            .program("pg_ctl")
            .arg("-D")
            .arg(&data)
            .arg("-l")
            .arg(cluster.path().join("log"))
            .args(["-w", "-o", &options, "start"]))?;
        Ok(cluster)
    }

    /// The process that all others of the server come from.
    pub(crate) fn postmaster(&self) -> anyhow::Result<u32> {
        let file = fs::read_to_string(self.data().join("postmaster.pid"))?;
        let line = file.lines().next().context("postmaster.pid is empty")?;
        Ok(line.trim().parse()?)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// PostgreSQL refuses to run as root.
    fn program(&self, name: &str) -> Command {
        let program = self.programs.join(name);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args([
                "--reuid",
                "postgres",
                "--regid",
                "postgres",
                "--clear-groups",
            ]);
            command.arg(program);
            command
        } else {
            Command::new(program)
        };
        command.current_dir(self.path());
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut stop = self.program("pg_ctl");
        stop.arg("-D").arg(self.data());
        // It may never have started.
        let _ = stop.args(["-m", "immediate", "stop"]).output();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A quarter of the machine's memory, as PostgreSQL's manual advises.
fn shared_buffers() -> anyhow::Result<String> {
    let memory = fs::read_to_string("/proc/meminfo")?;
    let total = memory.lines().find_map(|line| {
        let rest = line.strip_prefix("MemTotal:")?;
        rest.split_whitespace().next()?.parse::<u64>().ok()
    });
    let kib = total.context("/proc/meminfo has no MemTotal")?;
    Ok(format!("shared_buffers={}MB", (kib / 4096).max(128)))
}

/// Runs a command to its end, without its output reaching ours: `pg_ctl` leaves a server behind, which must not
/// keep a pipe of ours open.
fn run(command: &mut Command) -> anyhow::Result<()> {
    let errors = tempfile::NamedTempFile::new()?;
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .stderr(errors.reopen()?);
    let status = command
        .status()
        .with_context(|| format!("{command:?} cannot be started"))?;
    if !status.success() {
        bail!("{command:?}: {}", fs::read_to_string(errors.path())?);
    }
    Ok(())
}

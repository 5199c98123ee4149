//! `tenure serve`, as a process of its own.

use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
};
use tokio_util::either::Either;

/// A service with one connected client.
pub(crate) struct Service {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    tls: Option<TlsConnector>,
    _folder: TempDir,
}

/// A connection of an honest client.
pub(crate) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

impl Service {
    /// Starts it with the limits that are usual, but for that of tokens, and room for so many connections.
    pub(crate) fn start(has_tls: bool, connections: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/tenure.db", folder.path().display());
        let token = prepare(&url, folder.path());
        let mut command = tenure(&url);
        command.args("serve --rate-limit off --log-format json --log warn,tenure=info".split(' '));
        command.args(["--max-connections", &connections.to_string()]);
        for flag in ["--grpc-addr", "--http-addr", "--metrics-addr"] {
            command.args([flag, "127.0.0.1:0"]);
        }
        let tls = has_tls.then(|| {
            let (certificate, key) = (folder.path().join("crt"), folder.path().join("key"));
            let connector = certify(&certificate, &key);
            command.arg("--tls-certificate").arg(certificate);
            command.arg("--tls-key").arg(key);
            connector
        });
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let address = listening(&mut child);
        Self {
            child,
            address,
            token,
            tls,
            _folder: folder,
        }
    }

    pub(crate) async fn connect(&self) -> Stream {
        let stream = TcpStream::connect(self.address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        match &self.tls {
            None => Either::Left(stream),
            Some(tls) => {
                let name = ServerName::try_from("localhost").unwrap();
                Either::Right(Box::new(tls.connect(name, stream).await.unwrap()))
            }
        }
    }

    pub(crate) fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Resident, in MiB.
    pub(crate) fn memory(&self) -> u32 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let mut lines = status.lines();
        let line = lines.find(|line| line.starts_with("VmRSS:")).unwrap();
        let kib: u32 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
        kib / 1024
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
    command
}

/// A database with one connected service; its token.
fn prepare(url: &str, folder: &Path) -> String {
    let services = folder.join("services.toml");
    fs::write(&services, "[[service]]\nname = 's'\nlabel = 'S'").unwrap();
    let run = |line: &str| {
        let output = tenure(url).args(line.split(' ')).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&format!("catalog apply {}", services.display()));
    run("connection add --user u --service s --scope mood_write");
    run("token issue --user u --service s").trim().to_owned()
}

/// Writes a certificate for this machine and its key; what believes it.
fn certify(certificate: &Path, key: &Path) -> TlsConnector {
    let names = vec!["localhost".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    fs::write(certificate, cert.pem()).unwrap();
    fs::write(key, signing_key.serialize_pem()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let config = ClientConfig::builder().with_root_certificates(roots);
    TlsConnector::from(Arc::new(config.with_no_client_auth()))
}

/// The REST address, from the log, which is read on and dropped.
fn listening(child: &mut Child) -> SocketAddr {
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("\"listening\"") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0);
    }
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    line["fields"]["http"].as_str().unwrap().parse().unwrap()
}

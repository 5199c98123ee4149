//! The provider's process, and what a test does to it.

use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// A provider that runs; it is killed when this is dropped.
pub struct Provider {
    child: Child,
    keys: TempDir,
    http: reqwest::Client,
    pub url: String,
}

/// Where `./test` installs what it needs.
fn installed() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = root.join("target/oidc-provider");
    let there = folder.join("node_modules/oidc-provider").is_dir();
    #[expect(clippy::disallowed_methods, reason = "the tests have no configuration")]
    let required = std::env::var("REQUIRE_OIDC_PROVIDER").is_ok();
    assert!(there || !required, "oidc-provider is not installed");
    there.then_some(folder)
}

fn spawn(folder: &Path, keys: &Path, port: &str) -> (Child, String) {
    // What is imported is looked for from the folder that it runs in.
    let mut command = Command::new("node");
    command
        .current_dir(folder)
        .args(["--input-type=module", "--eval"]);
    command.arg(include_str!("provider/server.mjs")).arg("--");
    command.arg(keys.join("keys.json")).arg(port);
    let piped = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = piped.spawn().unwrap();
    let mut url = String::new();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut url).unwrap();
    assert!(url.starts_with("http://"), "the provider does not start");
    (child, url.trim_end().to_owned())
}

impl Provider {
    pub fn start() -> Option<Self> {
        let folder = installed()?;
        let keys = tempfile::tempdir().unwrap();
        let (child, url) = spawn(&folder, keys.path(), "0");
        let http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none());
        Some(Self {
            child,
            keys,
            http: http.build().unwrap(),
            url,
        })
    }

    /// It goes down, all at once.
    pub fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// It comes back where it was, with the keys that it had.
    pub fn start_again(&mut self) {
        let port = self.url.rsplit(':').next().unwrap();
        (self.child, _) = spawn(&installed().unwrap(), self.keys.path(), port);
    }

    /// A request without what a browser would add.
    pub fn request(&self, method: reqwest::Method, url: &str) -> reqwest::RequestBuilder {
        let base = if url.starts_with('/') { &*self.url } else { "" };
        self.http.request(method, format!("{base}{url}"))
    }

    /// Has it do something that only a test asks for.
    pub async fn tell(&self, doing: &str, body: &Value) -> Value {
        let request = self.request(reqwest::Method::POST, &format!("/test/{doing}"));
        let answer = request.body(body.to_string()).send().await.unwrap();
        serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
    }

    /// How often this path was asked for.
    pub async fn asked(&self, path: &str) -> u64 {
        let asked = self.tell("asked", &Value::Null).await;
        asked[path].as_u64().unwrap_or_default()
    }

    /// A token for the user, as the flow would give it.
    pub async fn token(&self, client: &str, user: &str, format: &str) -> String {
        self.token_for(client, user, format, 600).await
    }

    pub async fn token_for(&self, client: &str, user: &str, format: &str, seconds: u64) -> String {
        let asked =
            json!({"client_id": client, "user": user, "format": format, "seconds": seconds});
        text(&self.tell("token", &asked).await["token"])
    }

    /// A JWT for ada that grants this.
    pub async fn granting(&self, client: &str, scope: &str) -> String {
        let asked = json!({"client_id": client, "user": "ada", "format": "jwt", "seconds": 600, "scope": scope});
        text(&self.tell("token", &asked).await["token"])
    }

    /// What it signs without looking, or somebody else does.
    pub async fn sign(&self, header: &str, payload: &str, signer: &str) -> String {
        let asked = json!({"header": header, "payload": payload, "as": signer});
        text(&self.tell("sign", &asked).await["token"])
    }

    /// A client asks for a token, or for the end of one.
    pub async fn post(&self, path: &str, client: &str, form: &[(&str, &str)]) -> Value {
        let secret = format!("{client}'s secret: 100%");
        let mut form = form.to_vec();
        form.extend([("client_id", client), ("client_secret", &*secret)]);
        let request = self.request(reqwest::Method::POST, path).form(&form);
        let answer = request.send().await.unwrap();
        let (status, body) = (answer.status(), answer.bytes().await.unwrap());
        assert!(status.is_success(), "{status} {body:?}");
        serde_json::from_slice(&body).unwrap_or_default()
    }

    /// The client takes its token back.
    pub async fn revoke(&self, client: &str, token: &str) {
        let form = [("token", token)];
        self.post("/token/revocation", client, &form).await;
    }
}

pub fn text(value: &Value) -> String {
    let text = value.as_str();
    text.unwrap_or_else(|| panic!("{value} is no text"))
        .to_owned()
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may be down already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

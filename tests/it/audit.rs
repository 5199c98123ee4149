//! Who did what, and what was refused: one line each in the log of a real process.

use crate::harness::{Answer, Client, Database, Process, tenure};
use http::{Method, Request};
use serde_json::Value;

const ACQUIRE: &str = "/api/2/attributes/acquire/";
const OWNED: &str = "/api/2/attributes/owned/";

/// A Tenure whose log is read, with a service that ada has connected.
struct Audited {
    process: Option<Process>,
    client: Client,
    /// ada's own token.
    own: String,
    requests: usize,
    /// All that was logged.
    log: Vec<String>,
}

impl Audited {
    fn start(database: &Database, arguments: &str) -> Self {
        let url = database.url();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[[service]]\nname = 'oura'\nlabel = 'Oura'\n").unwrap();
        let run = |line: &str| {
            let output = tenure(&url, line);
            assert!(output.status.success(), "{output:?}");
            String::from_utf8(output.stdout).unwrap()
        };
        run(&format!("catalog apply {}", file.path().display()));
        run("connection add --user ada --service oura --scope activity_write");
        let issued = run("token issue --user ada --service oura");
        let token = issued.lines().last().unwrap().to_owned();
        let issued = run("token issue --user ada --own");
        let own = issued.lines().last().unwrap().to_owned();
        let process = Process::start(&url, &format!("serve {arguments}"), "trace");
        let client = Client::new(process.addresses, token);
        Self {
            process: Some(process),
            client,
            own,
            requests: 0,
            log: Vec::new(),
        }
    }

    /// Sends a request; the answer, and the lines that tell of it.
    async fn send(&mut self, method: Method, path: &str, body: &str) -> (Answer, Vec<Value>) {
        self.requests += 1;
        let id = format!("request-{}", self.requests);
        let request = Request::builder().method(method).uri(path);
        let request = request
            .header("authorization", format!("Bearer {}", self.client.token))
            .header("x-request-id", &id)
            .header("content-type", "application/json")
            .body(body.as_bytes().to_vec());
        // While it is answered: the log is more than a pipe holds.
        let mut process = self.process.take().unwrap();
        let last = format!("\"message\":\"request\",\"request_id\":\"{id}\"");
        let reading = tokio::task::spawn_blocking(move || (process.log_until(&last), process));
        let answer = self.client.send(request.unwrap()).await;
        let (lines, process) = reading.await.unwrap();
        self.process = Some(process);
        let audited = lines.iter().filter_map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            (line["target"] == "tenure::audit").then(|| line["fields"].clone())
        });
        let audited: Vec<_> = audited.collect();
        assert!(audited.iter().all(|line| line["request_id"] == id));
        self.log.extend(lines);
        (answer, audited)
    }

    /// The one line that tells of a request.
    async fn line(&mut self, method: Method, path: &str, body: &str) -> Value {
        let (answer, mut lines) = self.send(method, path, body).await;
        assert_eq!(lines.len(), 1, "{answer:?} {lines:#?}");
        lines.remove(0)
    }
}

/// A line must have these fields.
#[track_caller]
fn has(line: &Value, fields: &[(&str, &str)]) {
    for (name, value) in fields {
        let text = match &line[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        assert_eq!(text, *value, "{name} in {line:#}");
    }
}

#[tokio::test]
async fn a_change_is_told_in_one_line() {
    let database = Database::sqlite();
    let mut t = Audited::start(&database, "");
    let line = t.line(Method::POST, ACQUIRE, r#"[{"template":"steps"}]"#);
    has(
        &line.await,
        &[
            ("message", "changed"),
            ("principal", "service:oura"),
            ("user", "ada"),
            ("attributes", "steps:CREATED steps:ACQUIRED"),
            ("outcome", "COMMITTED"),
        ],
    );
    // To acquire what one owns changes nothing, and nothing is refused.
    let (answer, lines) = t
        .send(Method::POST, ACQUIRE, r#"[{"template":"steps"}]"#)
        .await;
    assert_eq!((answer.status, lines.len()), (200, 0), "{lines:#?}");
}

#[tokio::test]
async fn what_a_user_decides_is_told_as_the_users() {
    let database = Database::sqlite();
    let mut t = Audited::start(&database, "");
    t.line(Method::POST, ACQUIRE, r#"[{"template":"steps"}]"#)
        .await;
    t.client.token = t.own.clone();
    let steps = "/api/2/account/attributes/steps";
    for (what, body, fields) in [
        (
            "pinned",
            r#"{"pinned":true}"#,
            [
                ("message", "changed"),
                ("attributes", "steps:PINNED"),
                ("outcome", "COMMITTED"),
            ],
        ),
        (
            "owner",
            r#"{"service":"nobody"}"#,
            [
                ("message", "refused"),
                ("method", "SetOwner"),
                ("outcome", "NOT_QUALIFIED"),
            ],
        ),
        (
            "owner",
            r#"{"service":null}"#,
            [
                ("message", "changed"),
                ("attributes", "steps:USER_CHOICE"),
                ("outcome", "COMMITTED"),
            ],
        ),
    ] {
        let path = format!("{steps}/{what}/");
        let line = t.line(Method::PUT, &path, body).await;
        has(&line, &[("principal", "user"), ("user", "ada")]);
        has(&line, &fields);
    }
    let path = "/api/2/account/connections/oura/";
    has(
        &t.line(Method::DELETE, path, "").await,
        &[("principal", "user"), ("connections", "oura:DISCONNECTED")],
    );
}

#[tokio::test]
async fn what_is_refused_of_a_batch_is_told_in_one_line() {
    let database = Database::sqlite();
    let mut t = Audited::start(&database, "");
    let batch = r#"[{"template":"mood"},{"name":"no such\nname"},7,{"name":"gone"}]"#;
    has(
        &t.line(Method::POST, ACQUIRE, batch).await,
        &[
            ("message", "refused"),
            ("principal", "service:oura"),
            ("user", "ada"),
            ("method", "AcquireAttributes"),
            (
                "attributes",
                "mood:not_allowed #1:not_found #2:validation gone:not_found",
            ),
            ("outcome", "ITEMS_FAILED"),
        ],
    );
}

#[tokio::test]
async fn a_refused_request_is_told_in_one_line_with_who_asked() {
    let database = Database::sqlite();
    let mut t = Audited::start(&database, "--rate-limit 3/h");
    // What the gateway finds, and who asked.
    has(
        &t.line(Method::POST, ACQUIRE, "{").await,
        &[
            ("message", "refused"),
            ("principal", "service:oura"),
            ("user", "ada"),
            ("method", "POST /api/2/attributes/acquire/"),
            ("outcome", "400"),
        ],
    );
    // What the service finds.
    let path = "/api/2/attributes/ownership/watch/";
    has(
        &t.line(Method::GET, path, "").await,
        &[
            ("message", "refused"),
            ("principal", "service:oura"),
            ("outcome", "NOT_INTERNAL"),
        ],
    );
    t.send(Method::GET, OWNED, "").await;
    has(
        &t.line(Method::GET, OWNED, "").await,
        &[
            ("principal", "service:oura"),
            ("user", "ada"),
            ("outcome", "RATE_LIMITED"),
        ],
    );
    // Who is not known is told without a name.
    t.client.token = "tnr_nonsense".to_owned();
    let line = t.line(Method::GET, OWNED, "").await;
    has(&line, &[("outcome", "TOKEN_INVALID")]);
    assert!(line.get("principal").is_none(), "{line:#}");
    let line = t.line(Method::GET, "/nowhere", "").await;
    has(&line, &[("outcome", "404"), ("detail", "Not found.")]);
}

#[tokio::test]
async fn no_secret_is_ever_logged() {
    let database = Database::sqlite();
    let mut t = Audited::start(&database, "");
    let good = t.client.token.clone();
    t.send(Method::POST, ACQUIRE, r#"[{"template":"steps"}]"#)
        .await;
    let in_query = format!("{OWNED}?access_token={good}&token={good}");
    t.send(Method::GET, &in_query, "").await;
    // In the wrong place, with something before it, cut in two.
    for token in [format!("x{good}"), format!("{good} x"), format!("{good}=")] {
        t.client.token = token;
        t.send(Method::GET, OWNED, "").await;
    }
    let hash = ::tenure::auth::TokenSecret::hash_of(&good);
    let hex = hash.0.map(|byte| format!("{byte:02x}")).concat();
    let secret = good.trim_start_matches("tnr_");
    for line in &t.log {
        assert!(!line.contains(secret), "{line}");
        assert!(!line.contains(&hex), "{line}");
    }
    assert!(t.log.len() > 20, "{}", t.log.len());
}

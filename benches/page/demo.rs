//! `tenure demo`, as a process of its own, and a browser's part in it: cookies, and what it takes compressed.

use flate2::read::GzDecoder;
use reqwest::{
    Client, RequestBuilder,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, COOKIE, SET_COOKIE},
    redirect::Policy,
};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

pub(crate) struct Demo {
    child: Child,
    http: Client,
    /// Signs ada in.
    pub(crate) link: String,
    origin: String,
    cookie: String,
    /// ada's own token, and that of a service of hers.
    own: String,
    service: String,
}

/// A body, and how many bytes it took on its way.
pub(crate) struct Got {
    pub(crate) text: String,
    pub(crate) bytes: usize,
}

impl Demo {
    /// Starts it, and signs ada in.
    pub(crate) async fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tenure"));
        command.env_clear().args(["demo", "--json"]);
        for flag in ["--grpc-addr", "--http-addr", "--metrics-addr"] {
            command.args([flag, "127.0.0.1:0"]);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut told = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut told).unwrap();
        let told: Value = serde_json::from_str(&told).unwrap();
        let link = text(&find(&told["pages"], "user", "ada")["url"]);
        let (origin, _) = link.split_once("/account/").unwrap();
        let token = |service: &str| text(&find(&told["tokens"], "service", service)["token"]);
        let (_, own) = link.split_once("token=").unwrap();
        let http = Client::builder().no_proxy().redirect(Policy::none());
        let mut demo = Self {
            child,
            http: http.build().unwrap(),
            origin: origin.to_owned(),
            cookie: String::new(),
            own: own.to_owned(),
            service: token("test500"),
            link,
        };
        let signed_in = demo.http.get(&demo.link).send().await.unwrap();
        let cookie = signed_in.headers()[SET_COOKIE].to_str().unwrap();
        cookie
            .split(';')
            .next()
            .unwrap()
            .clone_into(&mut demo.cookie);
        demo
    }

    /// Gives ada so many attributes in all; how many she has then.
    pub(crate) async fn fill(&self, attributes: usize) -> usize {
        let there = self.count().await;
        let labels: Vec<_> = (there..attributes).collect();
        for labels in labels.chunks(35) {
            let items = labels.iter().map(|number| {
                json!({"label": format!("Habit {number:03}"), "group": "custom", "value_type": 7, "manual": false})
            });
            let items: Value = items.collect();
            let place = format!("{}/api/2/attributes/create/", self.origin);
            let request = self.http.post(place).bearer_auth(&self.service);
            let request = request.header("content-type", "application/json");
            let created = request.body(items.to_string()).send().await.unwrap();
            assert_eq!(created.status(), 200);
        }
        self.count().await
    }

    async fn count(&self) -> usize {
        let all = self.get("/api/2/account/attributes/", false).await.text;
        let all: Value = serde_json::from_str(&all).unwrap();
        let groups = all["groups"].as_array().unwrap().iter();
        groups
            .map(|group| group["attributes"].as_array().unwrap().len())
            .sum()
    }

    /// Asks with the session, or of the API with ada's token.
    pub(crate) async fn get(&self, path: &str, compressed: bool) -> Got {
        let request = self.http.get(format!("{}{path}", self.origin));
        let request = self.authorized(request, path);
        let encoding = if compressed { "gzip" } else { "identity" };
        let answer = request
            .header(ACCEPT_ENCODING, encoding)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let is_gzip = answer.headers().contains_key(CONTENT_ENCODING);
        let body = answer.bytes().await.unwrap();
        let mut text = String::new();
        if is_gzip {
            GzDecoder::new(&*body).read_to_string(&mut text).unwrap();
        } else {
            (&*body).read_to_string(&mut text).unwrap();
        }
        Got {
            text,
            bytes: body.len(),
        }
    }

    fn authorized(&self, request: RequestBuilder, path: &str) -> RequestBuilder {
        if path.starts_with("/api/") {
            request.bearer_auth(&self.own)
        } else {
            request.header(COOKIE, &self.cookie)
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The object of the list with this value, and of ada if it says whose it is.
fn find<'v>(list: &'v Value, key: &str, value: &str) -> &'v Value {
    let mut objects = list.as_array().unwrap().iter();
    let found = objects.find(|object| object[key] == value && object["user"] != "grace");
    found.unwrap_or_else(|| panic!("no {value} in {list}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

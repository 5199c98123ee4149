//! An answer that goes on.

use axum::body::Body;
use http::response::Parts;
use http_body_util::BodyExt as _;
use serde_json::Value;
use std::time::Duration;

/// How long a test waits for something to be told.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer whose body is read bit by bit.
pub struct Opened {
    pub head: Parts,
    body: Body,
    read: String,
}

/// A server-sent event.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub id: String,
    pub event: String,
    pub data: Value,
}

impl Opened {
    pub fn new(head: Parts, body: Body) -> Self {
        let read = String::new();
        Self { head, body, read }
    }

    pub fn header(&self, name: &str) -> &str {
        let value = self.head.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The next server-sent event.
    pub async fn told(&mut self) -> Told {
        let block = self.until("\n\n").await;
        let field = |name: &str| {
            let mut lines = block.lines().filter_map(|line| line.strip_prefix(name));
            lines.next().unwrap_or_default().to_owned()
        };
        Told {
            id: field("id: "),
            event: field("event: "),
            data: serde_json::from_str(&field("data: ")).unwrap(),
        }
    }

    /// The next one that is no heartbeat.
    pub async fn happened(&mut self) -> Told {
        loop {
            let told = self.told().await;
            if told.event != "heartbeat" {
                return told;
            }
        }
    }

    /// The object of the next line.
    pub async fn line(&mut self) -> Value {
        serde_json::from_str(&self.until("\n").await).unwrap()
    }

    /// All that is left. It fails if the answer does not end.
    pub async fn rest(mut self) -> String {
        while self.more().await {}
        self.read
    }

    async fn until(&mut self, end: &str) -> String {
        loop {
            if let Some((text, rest)) = self.read.split_once(end) {
                let (text, rest) = (text.to_owned(), rest.to_owned());
                self.read = rest;
                return text;
            }
            assert!(self.more().await, "it ended after {:?}", self.read);
        }
    }

    /// Reads on; whether there was anything.
    async fn more(&mut self) -> bool {
        let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await;
        let Some(frame) = frame.unwrap() else {
            return false;
        };
        if let Ok(data) = frame.unwrap().into_data() {
            // The tests let nothing be told that is not ASCII, and so nothing is cut within a character.
            self.read += std::str::from_utf8(&data).unwrap();
        }
        true
    }
}

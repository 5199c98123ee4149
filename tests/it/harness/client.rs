//! A client of the REST API.

use super::Opened;
use axum::body::{Body, Bytes};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{client::legacy, client::legacy::connect::HttpConnector, rt::TokioExecutor};
use serde_json::Value;
use std::net::SocketAddr;
use tenure::app::Addresses;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Sends requests with one token.
#[derive(Clone)]
pub struct Client {
    http: legacy::Client<HttpConnector, Full<Bytes>>,
    pub addresses: Addresses,
    pub token: String,
}

/// An answer, with its body read.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        // What was sent comes back, a lone surrogate and 1e400 too, which this parser refuses: look past them.
        let json = serde_json::from_str(&self.text).or_else(|_| {
            serde_json::from_str(&self.text.replace("\\ud", "\\ue").replace("1e400", "1e40"))
        });
        json.unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub fn detail(&self) -> String {
        self.json()["detail"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The names in `success`, and `(name, error_code, error)` of what is in `failed`.
    pub fn failed(&self) -> Vec<(String, String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let json = self.json();
        let failed = json["failed"].as_array().unwrap().iter();
        failed
            .map(|f| (text(&f["name"]), text(&f["error_code"]), text(&f["error"])))
            .collect()
    }

    /// The one item's error code and text.
    pub fn failure(&self) -> (String, String) {
        assert_eq!(self.status, 202, "{self:?}");
        assert_eq!(self.json()["success"], Value::Array(vec![]), "{self:?}");
        let mut failed = self.failed();
        assert_eq!(failed.len(), 1, "{self:?}");
        let (_, code, error) = failed.remove(0);
        (code, error)
    }

    /// Asserts that every item succeeded.
    #[track_caller]
    pub fn succeeded(self) -> Value {
        assert_eq!(self.status, 200, "{self:?}");
        let json = self.json();
        assert_eq!(json["failed"], Value::Array(vec![]), "{self:?}");
        json["success"].clone()
    }
}

impl Client {
    pub fn new(addresses: Addresses, token: String) -> Self {
        Self {
            http: legacy::Client::builder(TokioExecutor::new()).build_http(),
            addresses,
            token,
        }
    }

    /// The same client, speaking HTTP/2 from the first byte.
    pub fn over_http_2(self) -> Self {
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        let http = builder.http2_only(true).build_http();
        Self { http, ..self }
    }

    /// Sends a request as it is, but for the scheme and host.
    pub async fn send(&self, mut request: Request<Vec<u8>>) -> Answer {
        let path = request.uri().to_string();
        let url = format!("http://{}{path}", self.addresses.http);
        *request.uri_mut() = url.parse().unwrap();
        let request = request.map(|body| Full::new(Bytes::from(body)));
        let response = self.http.request(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// Sends a GET, and gives the answer as soon as it begins.
    pub async fn open(&self, path: &str, headers: &[(&str, &str)]) -> Opened {
        let url = format!("http://{}{path}", self.addresses.http);
        let mut request = self.request(Method::GET, &url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::default()).unwrap();
        let (head, body) = self.http.request(request).await.unwrap().into_parts();
        Opened::new(head, Body::new(body))
    }

    /// A request with the token and nothing else.
    pub fn request(&self, method: Method, path: &str) -> http::request::Builder {
        let bearer = format!("Bearer {}", self.token);
        let request = Request::builder().method(method).uri(path);
        request.header("authorization", bearer)
    }

    pub async fn post(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.request(Method::POST, path);
        let request = request.header("content-type", "application/json");
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Posts items under a key by which they are recognised when they are sent again.
    pub async fn post_once(&self, path: &str, key: &str, items: &Value) -> Answer {
        let request = self.request(Method::POST, path);
        let request = request.header("idempotency-key", key);
        let body = items.to_string().into_bytes();
        self.send(request.body(body).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        self.send(request.body(Vec::new()).unwrap()).await
    }

    pub async fn acquire(&self, items: Value) -> Answer {
        let path = "/api/2/attributes/acquire/";
        self.post(path, items.to_string()).await
    }

    /// Acquires, and gives the attribute objects.
    pub async fn acquire_objects(&self, items: Value) -> Answer {
        let path = "/api/2/attributes/acquire/?success_objects=1";
        self.post(path, items.to_string()).await
    }

    pub async fn release(&self, items: Value) -> Answer {
        let path = "/api/2/attributes/release/";
        self.post(path, items.to_string()).await
    }

    pub async fn owned(&self, query: &str) -> Answer {
        self.get(&format!("/api/2/attributes/owned/{query}")).await
    }

    /// What is owned, by name, whether active or not.
    pub async fn owned_names(&self) -> Vec<String> {
        let answer = self
            .owned("?limit=100&include_inactive=1&include_low_priority=1")
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        let json = answer.json();
        let names = super::names(&json["results"]).into_iter();
        names.map(str::to_owned).collect()
    }

    /// Sends bytes as they are, on a connection of their own, and gives all that comes back.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.addresses.http).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut answer = Vec::new();
        // A reset after the answer is the server's right.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }
}

/// A GET without a token, as bytes on a connection of its own.
pub async fn http_get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

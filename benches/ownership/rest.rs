//! Callers over REST, each on a connection that is kept alive.

use crate::{
    load::{Called, Caller},
    operation::{Client, PAGE, Users, Wanted},
    population::{TEMPLATES, token},
};
use anyhow::ensure;
use axum::body::Bytes;
use http::{
    Method, Request, StatusCode, Uri,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use http_body_util::{BodyExt as _, Full};
use hyper_util::{
    client::legacy::{self, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::json;
use std::{net::SocketAddr, sync::Arc};

/// Calls what is measured.
pub(crate) struct Rest {
    http: legacy::Client<HttpConnector, Full<Bytes>>,
    method: Method,
    uri: Uri,
    body: Bytes,
    /// How the body of a good answer begins.
    answer: &'static str,
    users: Arc<Users>,
    caller: u64,
    number: u64,
}

impl Rest {
    /// So many callers, each with a connection of its own.
    pub(crate) fn callers(
        address: SocketAddr,
        callers: u64,
        wanted: Wanted,
        users: &Arc<Users>,
    ) -> anyhow::Result<Vec<Self>> {
        let names = TEMPLATES.iter().map(|template| template.name.as_str());
        let (method, path, body, answer) = match wanted {
            Wanted::Acquire(items) => {
                let items: Vec<_> = names.take(items).map(|t| json!({"template": t})).collect();
                (
                    Method::POST,
                    "acquire/".to_owned(),
                    json!(items),
                    r#"{"success":[{"#,
                )
            }
            Wanted::Release => {
                let items: Vec<_> = names.take(1).map(|name| json!({"name": name})).collect();
                (
                    Method::POST,
                    "release/".to_owned(),
                    json!(items),
                    r#"{"success":[{"#,
                )
            }
            Wanted::Page => {
                let path = format!("owned/?limit={PAGE}");
                (Method::GET, path, json!(""), r#"{"count":"#)
            }
        };
        let uri: Uri = format!("http://{address}/api/2/attributes/{path}").parse()?;
        let body = match method {
            Method::GET => Bytes::new(),
            _ => Bytes::from(body.to_string()),
        };
        let caller = |caller| Self {
            http: client(),
            method: method.clone(),
            uri: uri.clone(),
            body: body.clone(),
            answer,
            users: Arc::clone(users),
            caller,
            number: 0,
        };
        Ok((0..callers).map(caller).collect())
    }

    fn request(&self, client: Client) -> anyhow::Result<Request<Full<Bytes>>> {
        let request = Request::builder()
            .method(self.method.clone())
            .uri(self.uri.clone())
            .header(AUTHORIZATION, format!("Bearer {}", token(client)))
            .header(CONTENT_TYPE, "application/json");
        Ok(request.body(Full::new(self.body.clone()))?)
    }
}

fn client() -> legacy::Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    legacy::Client::builder(TokioExecutor::new()).build(connector)
}

impl Caller for Rest {
    async fn call(&mut self) -> anyhow::Result<Called> {
        let Some(client) = self.users.next(self.caller, self.number) else {
            return Ok(Called::NoUserLeft);
        };
        self.number += 1;
        let answer = self.http.request(self.request(client)?).await?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        // Any item that fails makes it 202.
        ensure!(
            status == StatusCode::OK && body.starts_with(self.answer.as_bytes()),
            "{status}: {}",
            String::from_utf8_lossy(&body)
        );
        Ok(Called::Yes)
    }
}

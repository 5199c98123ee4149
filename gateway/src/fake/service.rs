//! The other side of the channel: the few methods that the tests need, as gRPC puts them into HTTP/2.

use super::{Answer, Called};
use crate::proto::{GetCallerResponse, ListOwnedAttributesResponse, WatchOwnershipRequest};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::Request,
    response::Response,
    routing::post,
};
use futures_util::{Stream, StreamExt as _, stream};
use http::{HeaderMap, header::AUTHORIZATION};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use prost::Message;
use std::{convert::Infallible, net::SocketAddr};
use tokio::{net::TcpListener, sync::mpsc};
use tonic::Status;

/// Serves on a port of its own. A watch is the test's to answer; nobody owns anything.
pub(super) async fn start(calls: mpsc::UnboundedSender<Called>) -> SocketAddr {
    let path = |method| format!("/attributeownership.v1.AttributeOwnership/{method}");
    let nothing = async || once(&ListOwnedAttributesResponse::default());
    let router = Router::new()
        .route(&path("GetCaller"), post(caller))
        .route(&path("ListOwnedAttributes"), post(nothing))
        .route(
            &path("WatchOwnership"),
            post(async move |request: Request| watch(request, &calls).await),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Whose token it is: `client` is an OAuth2 client's, all others are an internal service's.
async fn caller(headers: HeaderMap) -> Response {
    let mut caller = GetCallerResponse::default();
    if headers[AUTHORIZATION] == "Bearer client" {
        caller.service = "test500".to_owned();
    } else {
        caller.internal = "reader".to_owned();
    }
    once(&caller)
}

fn once(message: &impl Message) -> Response {
    answer(stream::iter([Ok(message.encode_to_vec())]))
}

async fn watch(request: Request, calls: &mpsc::UnboundedSender<Called>) -> Response {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let deadline = parts.headers.get("grpc-timeout");
    let (answers, received) = mpsc::channel(1);
    let called = Called {
        request: WatchOwnershipRequest::decode(&body[5..]).unwrap(),
        deadline: deadline.map(|deadline| format!("{deadline:?}")),
        answers,
    };
    // A test that has ended asks no more.
    let _ = calls.send(called);
    let messages = stream::unfold(received, async |mut received| {
        let message: Answer = received.recv().await?;
        Some((message.map(|message| message.encode_to_vec()), received))
    });
    answer(messages)
}

/// An answer over gRPC: a message is its length, after a byte that says that it is not compressed.
fn answer(messages: impl Stream<Item = Result<Vec<u8>, Status>> + Send + 'static) -> Response {
    let frame = |message: Result<Vec<u8>, Status>| match message {
        Ok(message) => {
            let length = u32::try_from(message.len()).unwrap().to_be_bytes();
            Frame::data([&[0][..], &length, &message].concat().into())
        }
        Err(status) => Frame::trailers(trailers(&status)),
    };
    let well = stream::iter([Frame::trailers(trailers(&Status::ok("")))]);
    let frames = messages.map(frame).chain(well);
    let body = StreamBody::new(frames.map(Ok::<Frame<Bytes>, Infallible>));
    let response = Response::builder().header("content-type", "application/grpc");
    response.body(Body::new(body)).unwrap()
}

fn trailers(status: &Status) -> HeaderMap {
    let mut headers = HeaderMap::new();
    status.add_header(&mut headers).unwrap();
    headers
}

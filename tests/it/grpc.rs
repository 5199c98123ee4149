//! The same behaviour through gRPC, by a client generated from the proto.

mod edge;
mod ownership;

use crate::harness::{Client, Tenure};
use tenure::proto::{AcquireItem, attribute_ownership_client::AttributeOwnershipClient};
use tonic::{
    Request, Status,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt as _;

pub type Stub = AttributeOwnershipClient<Channel>;

pub async fn channel(t: &Tenure) -> Channel {
    let address = format!("http://{}", t.addresses.grpc);
    let endpoint: Endpoint = address.parse().unwrap();
    endpoint.connect().await.unwrap()
}

pub async fn stub(t: &Tenure) -> Stub {
    Stub::new(channel(t).await)
}

pub fn with<T>(client: &Client, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let bearer = format!("Bearer {}", client.token);
    request
        .metadata_mut()
        .insert("authorization", bearer.parse().unwrap());
    request
}

fn by_name(name: &str) -> AcquireItem {
    AcquireItem {
        name: Some(name.to_owned()),
        ..AcquireItem::default()
    }
}

fn by_template(template: &str) -> AcquireItem {
    AcquireItem {
        template: Some(template.to_owned()),
        ..AcquireItem::default()
    }
}

fn reason(status: &Status) -> String {
    status.get_details_error_info().unwrap().reason
}

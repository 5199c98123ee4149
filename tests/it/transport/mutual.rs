//! Who calls, by the certificate of its connection.

use super::{
    Secured,
    authority::{Authority, Signed, dns, uri},
    peer::{Http1, channel, connect_as},
    secured,
};
use crate::grpc::{Stub, with};
use http::StatusCode;
use rcgen::SanType;
use tenure::{
    auth::{CertificateHolder, CertificateHolders},
    domain::internal::Role,
    proto::{GetCallerRequest, WatchOwnershipRequest},
};
use time::Duration;
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt as _;

const ID: &str = "spiffe://example.org/values";

/// A Tenure to which this certificate's holder is known.
pub async fn mapped(clients: &Authority, id: &str, role: &str) -> Secured {
    let holder = CertificateHolder {
        id: id.parse().unwrap(),
        name: crate::harness::name("values"),
        role: role.parse().unwrap(),
    };
    secured(|config| {
        config.listening.certificates = CertificateHolders::new(vec![holder]);
        let tls = config.listening.tls.as_mut().unwrap();
        let file = tls.certificate.with_file_name("clients.crt");
        std::fs::write(&file, clients.pem()).unwrap();
        tls.client_authority = Some(file);
    })
    .await
}

/// A caller over gRPC.
pub struct Caller(Channel);

impl Caller {
    pub fn of(to: &Secured, own: Option<&Signed>) -> Self {
        Self(channel(to.t.addresses, &to.authority.pem(), own))
    }

    /// Which internal service it is.
    async fn name(&self) -> Result<String, Status> {
        let mut stub = Stub::new(self.0.clone());
        let caller = stub.get_caller(GetCallerRequest {}).await?;
        Ok(caller.into_inner().internal)
    }

    pub async fn is_let_in(&self) -> bool {
        self.name().await.is_ok_and(|name| name == "values")
    }
}

fn reason(status: &Status) -> (Code, String) {
    let info = status.get_details_error_info();
    (
        status.code(),
        info.map(|info| info.reason).unwrap_or_default(),
    )
}

/// What a caller is told that has shown nothing.
fn no_credentials() -> (Code, String) {
    (Code::Unauthenticated, "CREDENTIALS_MISSING".to_owned())
}

#[tokio::test]
async fn each_role_is_known_by_a_spiffe_id_and_by_the_name_of_a_host() {
    let clients = Authority::new("clients");
    for role in ["reader", "writer", "operator"] {
        for (id, san) in [(ID, uri(ID)), ("values.internal", dns("Values.internal"))] {
            let m = mapped(&clients, id, role).await;
            let own = clients.client(&[dns("other.internal"), san]);
            let caller = Caller::of(&m, Some(&own));
            assert_eq!(caller.name().await.unwrap(), "values", "{role} {id}");
            // Any role may ask.
            let client = tenure::client::Client::with_certificate(caller.0);
            assert!(
                client
                    .introspect("nonsense", false)
                    .await
                    .unwrap()
                    .is_none()
            );
        }
    }
}

#[tokio::test]
async fn a_certificate_that_stands_for_nobody_is_as_good_as_none() {
    let clients = Authority::new("clients");
    let m = mapped(&clients, ID, "reader").await;
    let near: [&[SanType]; 5] = [
        &[uri("spiffe://example.org/values2")],
        &[uri("spiffe://example.org/VALUES")],
        &[dns("example.org")],
        // A SPIFFE certificate has one URI.
        &[uri(ID), uri("spiffe://example.org/other")],
        &[],
    ];
    for names in near {
        let caller = Caller::of(&m, Some(&clients.client(names)));
        let status = caller.name().await.unwrap_err();
        assert_eq!(reason(&status), no_credentials(), "{names:?}");
    }
    let status = Caller::of(&m, None).name().await.unwrap_err();
    assert_eq!(reason(&status), no_credentials());
}

#[tokio::test]
async fn a_certificate_of_another_authority_ends_the_connection() {
    let m = mapped(&Authority::new("clients"), ID, "reader").await;
    for other in [Authority::new("clients"), Authority::new("other")] {
        let caller = Caller::of(&m, Some(&other.client(&[uri(ID)])));
        let status = caller.name().await.unwrap_err();
        // No word of Tenure's: it did not come so far.
        assert!(status.get_details_error_info().is_none(), "{status}");
    }
}

#[tokio::test]
async fn an_expired_certificate_ends_the_connection() {
    let clients = Authority::new("clients");
    let m = mapped(&clients, ID, "reader").await;
    let expired = clients.client_until(&[uri(ID)], Duration::hours(-1));
    let status = Caller::of(&m, Some(&expired)).name().await.unwrap_err();
    assert!(status.get_details_error_info().is_none(), "{status}");
}

#[tokio::test]
async fn what_expires_while_it_is_in_use_ends_the_watch_and_is_refused() {
    let clients = Authority::new("clients");
    let m = mapped(&clients, ID, "reader").await;
    let own = clients.client_until(&[uri(ID)], Duration::seconds(3));
    let caller = Caller::of(&m, Some(&own));
    let mut stub = Stub::new(caller.0.clone());
    let watch = stub.watch_ownership(WatchOwnershipRequest::default()).await;
    let mut watch = watch.unwrap().into_inner();
    let end = loop {
        match watch.message().await {
            Ok(message) => assert!(message.is_some()),
            Err(status) => break status,
        }
    };
    let expired = (Code::Unauthenticated, "TOKEN_INVALID".to_owned());
    assert_eq!(reason(&end), expired);
    let info = end.get_details_error_info().unwrap();
    assert!(info.metadata.contains_key("cursor"), "{info:?}");
    assert_eq!(reason(&caller.name().await.unwrap_err()), expired);
}

#[tokio::test]
async fn where_there_is_a_token_it_decides() {
    let clients = Authority::new("clients");
    let m = mapped(&clients, ID, "operator").await;
    let own = clients.client(&[uri(ID)]);
    let ada = m.t.usual("ada", "test500").await;
    let mut stub = Stub::new(Caller::of(&m, Some(&own)).0);
    let caller = stub.get_caller(with(&ada, GetCallerRequest {})).await;
    let caller = caller.unwrap().into_inner();
    assert_eq!((&*caller.service, &*caller.internal), ("test500", ""));
    let junk = with(&m.t.with_token("junk"), GetCallerRequest {});
    let status = stub.get_caller(junk).await.unwrap_err();
    let invalid = (Code::Unauthenticated, "TOKEN_INVALID".to_owned());
    assert_eq!(reason(&status), invalid);
}

#[tokio::test]
async fn over_rest_a_certificate_says_nothing() {
    let clients = Authority::new("clients");
    let m = mapped(&clients, ID, "operator").await;
    let own = clients.client(&[uri(ID)]);
    let (http, root) = (m.t.addresses.http, m.authority.pem());
    let stream = connect_as(http, &root, "http/1.1", Some(&own)).await;
    let mut client = Http1::new(stream.unwrap()).await;
    let token = m.t.internal(Role::Reader).await;
    let path = "/api/2/attributes/templates/";
    let (status, _) = client.get(path, &token).await.unwrap();
    assert_eq!(status, StatusCode::OK);
    let (status, _) = client.get(path, "").await.unwrap();
    assert_eq!(status, StatusCode::UNAUTHORIZED);
}

//! Certificates that are replaced while the service runs.

use super::{
    Secured,
    authority::{Authority, Files, Signed, uri},
    mutual::{Caller, mapped},
    peer::{Http1, connect, shown},
    secured,
};
use crate::harness::{Database, Process};
use http::StatusCode;
use std::net::SocketAddr;
use tokio_rustls::rustls::pki_types::{CertificateDer, pem::PemObject as _};

fn der(signed: &Signed) -> Vec<u8> {
    let certificate = CertificateDer::from_pem_slice(signed.certificate.as_bytes());
    certificate.unwrap().to_vec()
}

/// Connects again and again until this certificate is shown.
async fn until_shown(address: SocketAddr, authority: &str, protocol: &str, expected: &Signed) {
    loop {
        let stream = connect(address, authority, protocol).await.unwrap();
        if shown(&stream) == der(expected) {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn new_connections_get_the_new_certificate_and_the_open_ones_go_on() {
    let Secured {
        t,
        files,
        authority,
    } = secured(|_| {}).await;
    let token = t.usual("ada", "test500").await.token;
    let (http, root) = (t.addresses.http, authority.pem());
    let stream = connect(http, &root, "http/1.1").await.unwrap();
    let first = shown(&stream);
    let mut open = Http1::new(stream).await;
    assert_eq!(open.owned(&token).await.unwrap().0, StatusCode::OK);
    let second = authority.server();
    assert_ne!(first, der(&second));
    files.put(&second);
    until_shown(http, &root, "http/1.1", &second).await;
    until_shown(t.addresses.grpc, &root, "h2", &second).await;
    assert_eq!(open.owned(&token).await.unwrap().0, StatusCode::OK);
}

#[tokio::test]
async fn what_is_broken_is_told_and_the_one_before_stays_until_it_is_mended() {
    let (authority, database) = (Authority::new("server"), Database::sqlite());
    let files = Files::new(&authority);
    let (certificate, key) = (files.path("server.crt"), files.path("server.key"));
    let line = format!(
        "serve --tls-certificate {} --tls-key {}",
        certificate.display(),
        key.display()
    );
    let mut process = Process::start(&database.url(), &line, "info");
    let (http, root) = (process.addresses.http, authority.pem());
    let first = shown(&connect(http, &root, "http/1.1").await.unwrap());
    let (second, third) = (authority.server(), authority.server());
    // A certificate of another key, and one that is none.
    for broken in [&*second.certificate, "none"] {
        files.write("server.crt", broken);
        process.log_until("new certificates cannot be used");
        let stream = connect(http, &root, "http/1.1").await.unwrap();
        assert_eq!(shown(&stream), first);
    }
    files.put(&third);
    process.log_until("new certificates are in use");
    until_shown(http, &root, "http/1.1", &third).await;
}

#[tokio::test]
async fn authorities_of_clients_are_replaced_too() {
    let (old, new) = (Authority::new("old"), Authority::new("new"));
    let id = "spiffe://example.org/values";
    let (of_old, of_new) = (old.client(&[uri(id)]), new.client(&[uri(id)]));
    let m = mapped(&old, id, "reader").await;
    assert!(Caller::of(&m, Some(&of_old)).is_let_in().await);
    assert!(!Caller::of(&m, Some(&of_new)).is_let_in().await);
    m.files.write("clients.crt", &new.pem());
    while !Caller::of(&m, Some(&of_new)).is_let_in().await {
        tokio::task::yield_now().await;
    }
    assert!(!Caller::of(&m, Some(&of_old)).is_let_in().await);
}

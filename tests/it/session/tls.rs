//! Cookies over TLS, and behind a proxy that has it.

use super::{Browser, HOME, by_links};
use crate::{
    harness::{Database, Tenure},
    transport::{Secured, secured},
};
use reqwest::{Certificate, Client, Method};

#[track_caller]
fn is_bound_to_the_host(cookie: &str) {
    let (_, attributes) = cookie.split_once("; ").unwrap();
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]);
}

#[tokio::test]
async fn over_tls_the_cookie_is_secure_and_bound_to_the_host() {
    let Secured { t, authority, .. } = secured(by_links).await;
    let port = t.addresses.http.port();
    let trusted = Certificate::from_pem(authority.pem().as_bytes()).unwrap();
    let builder = Client::builder()
        .tls_certs_only([trusted])
        .resolve("localhost", t.addresses.http);
    let mut browser = Browser::with(format!("https://localhost:{port}"), builder);
    let token = t.own("ada").await;
    let page = browser
        .get(&format!("/account/sign-in/?token={token}"))
        .await;
    is_bound_to_the_host(&page.cookie("__Host-tenure").unwrap());
    assert!(browser.is_in().await);
    let csrf = browser.csrf().await;
    let page = browser.post("/account/sign-out/", &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn behind_a_proxy_that_is_believed_it_is_the_same() {
    let t = Tenure::start_with(Database::sqlite(), |config| {
        by_links(config);
        config.gateway.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    });
    let t = t.await;
    let token = t.own("ada").await;
    let mut browser = t.browser();
    let request = browser
        .request(Method::GET, &format!("/account/sign-in/?token={token}"))
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "tenure.example");
    let page = browser.send(request).await;
    assert_eq!((page.status, page.location()), (303, HOME));
    is_bound_to_the_host(&page.cookie("__Host-tenure").unwrap());
}

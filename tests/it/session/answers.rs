//! What every answer of the page has, and what is told where something cannot be.

use super::by_links;
use crate::harness::{Database, Tenure};
use reqwest::Method;
use tenure::grpc::Rates;
use tenure_gateway::{Page as Settings, SignIn};

#[tokio::test]
async fn every_answer_is_a_page_that_no_other_site_can_frame_or_script() {
    let t = Tenure::start_with(Database::sqlite(), by_links).await;
    let (mut browser, _) = t.signed_in("ada").await;
    for (method, path, status) in [
        ("GET", "/account/", 303),
        ("GET", "/account", 303),
        ("GET", "/account/attributes/", 200),
        ("HEAD", "/account/attributes/", 200),
        ("GET", "/account/sign-in/", 401),
        ("GET", "/account/sign-in/?token=x", 401),
        ("GET", "/account/signed-in/?code=a&state=b", 404),
        ("GET", "/account/nothing/", 404),
        ("POST", "/account/nothing/", 404),
        ("GET", "/account/sign-out/", 405),
        ("DELETE", "/account/attributes/", 405),
        ("POST", "/account/sign-out/", 403),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let page = browser.send(browser.request(method.clone(), path)).await;
        assert_eq!(page.status, status, "{method} {path}: {page:?}");
        page.is_protected();
        assert!(!page.text.contains("style="), "{}", page.text);
        assert!(!page.text.contains("<script>"), "{}", page.text);
    }
    // What the edge around all routes refuses.
    let request = browser
        .request(Method::GET, "/account/attributes/")
        .header("x-large", "x".repeat(33_000));
    let page = browser.send(request).await;
    assert_eq!(page.status, 431, "{page:?}");
    page.is_protected();
    // An API is no page.
    let page = browser.get("/api/2/attributes/owned/").await;
    assert_eq!(page.header("content-security-policy"), "");
    assert_eq!(page.header("content-type"), "application/json");
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_in_words_and_when_to_come_back() {
    let t = Tenure::start_with(Database::sqlite(), |config| {
        by_links(config);
        config.grpc.rates = Rates {
            of_users: Some("1/h".parse().unwrap()),
            ..Rates::default()
        };
    });
    let t = t.await;
    let (mut browser, _) = t.signed_in("ada").await;
    let page = browser.get(super::HOME).await;
    assert_eq!(page.status, 429, "{page:?}");
    assert!(page.text.contains("Not so fast"), "{}", page.text);
    assert!(page.header("retry-after").parse::<u64>().unwrap() > 0);
    page.is_protected();
}

#[tokio::test]
async fn without_a_service_it_is_503_in_words() {
    let t = Tenure::start_with(Database::sqlite(), by_links).await;
    let config = tenure_gateway::Config {
        page: Some(Settings::new(SignIn::Links)),
        ..tenure_gateway::Config::default()
    };
    let nowhere = "http://127.0.0.1:1".to_owned();
    let alone = crate::split::gateway(nowhere, config, t.addresses, "").await;
    let mut browser = t.browser();
    browser.base = format!("http://{}", alone.addresses.http);
    let page = browser.get("/account/sign-in/?token=tnr_x").await;
    assert_eq!(page.status, 503, "{page:?}");
    assert_eq!(page.header("retry-after"), "1");
    assert!(page.text.contains("Just a moment"), "{}", page.text);
    page.is_protected();
    assert!(browser.cookies.is_empty());
}

#[tokio::test]
async fn where_no_page_is_set_up_there_is_none() {
    let t = Tenure::start(Database::sqlite()).await;
    for path in [
        "/account/",
        "/account/attributes/",
        "/account/sign-in/?token=x",
    ] {
        let page = t.browser().get(path).await;
        assert_eq!(page.status, 404, "{page:?}");
        assert_eq!(page.text, r#"{"detail":"Not found."}"#);
    }
}

#[tokio::test]
async fn a_script_of_the_page_is_told_to_go_to_sign_in_as_a_whole() {
    let t = Tenure::start_with(Database::sqlite(), by_links).await;
    let mut browser = t.browser();
    let request = browser
        .request(Method::GET, super::HOME)
        .header("hx-request", "true");
    let page = browser.send(request).await;
    assert_eq!(page.status, 204, "{page:?}");
    let to = "/account/sign-in/?next=%2Faccount%2Fattributes%2F";
    assert_eq!(page.header("hx-redirect"), to);
}

//! Forms that another site has a browser send.

use super::HOME;
use crate::harness::{Tenure, on_both_engines};
use reqwest::Method;

on_both_engines! { with crate::session::by_links:
    a_form_that_is_not_of_the_session_does_nothing,
    what_another_site_has_a_browser_send_does_nothing,
}

const SIGN_OUT: &str = "/account/sign-out/";

async fn a_form_that_is_not_of_the_session_does_nothing(t: Tenure) {
    let (mut browser, _) = t.signed_in("ada").await;
    let (mut other, _) = t.signed_in("ada").await;
    let (csrf, others) = (browser.csrf().await, other.csrf().await);
    assert_ne!(csrf, others);
    let cut = &csrf[..csrf.len() - 1];
    for form in [
        &[][..],
        &[("csrf", "")],
        &[("csrf", "x")],
        &[("csrf", cut)],
        &[("csrf", &others)],
        &[("CSRF", &csrf)],
        &[("csrf", &csrf), ("csrf", &csrf)],
        &[("csrf", &others), ("csrf", &csrf)],
    ] {
        let page = browser.post(SIGN_OUT, form).await;
        assert_eq!(page.status, 403, "{form:?}: {page:?}");
        assert!(page.text.contains("That was not done"), "{}", page.text);
        page.is_protected();
        assert!(browser.is_in().await, "{form:?}");
    }
    // Not in the query either, and in no other type of body.
    let page = browser.post(&format!("{SIGN_OUT}?csrf={csrf}"), &[]).await;
    assert_eq!(page.status, 403, "{page:?}");
    let request = browser
        .request(Method::POST, SIGN_OUT)
        .header("content-type", "text/plain")
        .body(format!("csrf={csrf}"));
    assert_eq!(browser.send(request).await.status, 415);
    let large = "x".repeat(300_000);
    let page = browser
        .post(SIGN_OUT, &[("csrf", &csrf), ("a", &large)])
        .await;
    assert_eq!(page.status, 413, "{page:?}");
    assert!(browser.is_in().await);
    let page = browser.post(SIGN_OUT, &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 200, "{page:?}");
}

async fn what_another_site_has_a_browser_send_does_nothing(t: Tenure) {
    let (mut browser, _) = t.signed_in("ada").await;
    let csrf = browser.csrf().await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let request = browser
            .request(Method::POST, SIGN_OUT)
            .header(name, value)
            .form(&[("csrf", &csrf)]);
        let page = browser.send(request).await;
        assert_eq!(page.status, 403, "{name}: {value}: {page:?}");
        page.is_protected();
    }
    assert!(browser.is_in().await);
    // A link from there may be followed.
    let request = browser
        .request(Method::GET, HOME)
        .header("sec-fetch-site", "cross-site");
    assert_eq!(browser.send(request).await.status, 200);
}

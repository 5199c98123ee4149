//! How sessions end by themselves.

use super::{HOME, Time};
use crate::harness::{Database, Tenure};
use std::time::Duration;
use tenure::service::NewToken;
use tenure_gateway::{Page as Settings, SessionKey, SignIn};

const ACCOUNT: &str = "/api/2/account/attributes/";

/// A Tenure with links and a clock that the test sets.
async fn timed() -> (Tenure, Time) {
    let time = Time::default();
    time.pass(1_000_000);
    let clock = time.clock();
    let t = Tenure::start_with(Database::sqlite(), move |config| {
        config.gateway.page = Some(Settings {
            session_idle: Duration::from_mins(30),
            clock,
            ..Settings::new(SignIn::Links)
        });
    });
    (t.await, time)
}

#[tokio::test]
async fn a_session_without_a_request_for_too_long_is_over() {
    let (t, time) = timed().await;
    let (mut browser, token) = t.signed_in("ada").await;
    time.pass(30 * 60 - 1);
    assert!(browser.is_in().await);
    // That was a use of it.
    time.pass(30 * 60 - 1);
    assert!(browser.is_in().await);
    let mut copy = browser.copy();
    time.pass(30 * 60);
    assert_eq!(t.with_token(&token).get(ACCOUNT).await.status, 200);
    let page = browser.get(HOME).await;
    assert_eq!(page.status, 303, "{page:?}");
    assert!(browser.cookies.is_empty());
    // Its token is over too, as soon as that is seen.
    assert_eq!(t.with_token(&token).get(ACCOUNT).await.status, 401);
    // Nor does a form do anything.
    let page = copy.post("/account/sign-out/", &[("csrf", "x")]).await;
    assert_eq!(page.status, 401, "{page:?}");
    assert!(page.text.contains("sign in again"), "{}", page.text);
    page.is_protected();
}

#[tokio::test]
async fn the_time_of_last_use_is_written_once_a_minute() {
    let (t, time) = timed().await;
    let (mut browser, _) = t.signed_in("ada").await;
    time.pass(59);
    let page = browser.get(HOME).await;
    assert_eq!(page.cookie("tenure"), None);
    time.pass(1);
    let before = browser.cookies["tenure"].clone();
    let page = browser.get(HOME).await;
    assert!(page.cookie("tenure").is_some());
    assert_ne!(browser.cookies["tenure"], before);
}

#[tokio::test]
async fn a_short_idle_time_does_not_end_what_is_in_use() {
    let time = Time::default();
    time.pass(1_000_000);
    let clock = time.clock();
    let t = Tenure::start_with(Database::sqlite(), move |config| {
        config.gateway.page = Some(Settings {
            session_idle: Duration::from_secs(20),
            clock,
            ..Settings::new(SignIn::Links)
        });
    });
    let t = t.await;
    let (mut browser, _) = t.signed_in("ada").await;
    for _ in 0..10 {
        time.pass(5);
        assert!(browser.is_in().await);
    }
    time.pass(20);
    // Whose session is over is asked who they are.
    let page = browser.get(HOME).await;
    assert!(page.location().ends_with("&anew=1"), "{page:?}");
}

#[tokio::test]
async fn a_session_is_over_when_its_token_is() {
    let (t, _) = timed().await;
    let (mut browser, token) = t.signed_in("ada").await;
    t.registry.revoke_token(&token).await.unwrap();
    assert!(!browser.is_in().await);
    assert!(browser.cookies.is_empty());

    let (mut browser, _) = t.signed_in("ada").await;
    let csrf = browser.csrf().await;
    let new = NewToken {
        user: crate::harness::id("ada"),
        service: None,
        scopes: None,
        expires_in: time::Duration::milliseconds(400),
    };
    let (secret, record) = t.registry.issue_token(&new).await.unwrap();
    let url = format!("/account/sign-in/?token={}", secret.reveal());
    browser.get(&url).await;
    // However lately it was used.
    while tenure::ambient::Clock::now(&tenure::ambient::System) < record.expires_at {
        tokio::task::yield_now().await;
    }
    let page = browser.post("/account/sign-out/", &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 403, "a form of the session before: {page:?}");
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn a_cookie_that_this_gateway_did_not_write_is_no_session() {
    let (t, _) = timed().await;
    let (browser, _) = t.signed_in("ada").await;
    let good = browser.cookies["tenure"].clone();
    let (tag, said) = good.split_once('.').unwrap();
    let (other, _) = timed().await;
    let (elsewhere, _) = other.signed_in("ada").await;
    let changed = if said.starts_with('e') { "f" } else { "e" };
    for forged in [
        String::new(),
        "x".to_owned(),
        said.to_owned(),
        format!(".{said}"),
        format!("{tag}."),
        format!("{tag}.{changed}{}", &said[1..]),
        format!("{}.{said}", tag.to_lowercase()),
        elsewhere.cookies["tenure"].clone(),
        format!("{good}; tenure={good}"),
    ] {
        let mut browser = browser.copy();
        browser.cookies.insert("tenure".to_owned(), forged.clone());
        assert!(!browser.is_in().await, "{forged}");
    }
    // One cookie is not another.
    let mut browser = browser.copy();
    browser.cookies.clear();
    browser.cookies.insert("__Host-tenure".to_owned(), good);
    assert!(!browser.is_in().await);
}

#[tokio::test]
async fn gateways_with_the_same_key_share_sessions() {
    let key = SessionKey::parse(&"k".repeat(40)).unwrap();
    let database = Database::sqlite();
    let t = Tenure::start_with(database, |config| {
        config.gateway.page = Some(Settings {
            session_key: Some(key.clone()),
            ..Settings::new(SignIn::Links)
        });
    });
    let t = t.await;
    let (browser, _) = t.signed_in("ada").await;
    let other = tenure_gateway::Config {
        page: Some(Settings {
            session_key: Some(key),
            ..Settings::new(SignIn::Links)
        }),
        ..tenure_gateway::Config::default()
    };
    let service = format!("http://{}", t.addresses.grpc);
    let other = crate::split::gateway(service, other, t.addresses, "").await;
    let mut browser = browser.copy();
    browser.base = format!("http://{}", other.addresses.http);
    assert!(browser.is_in().await);
}

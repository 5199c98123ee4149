//! Comings back that sign nobody in.

use super::{
    Browser,
    world::{World, as_told, file, in_a_world},
};
use crate::harness::{Database, Tenure};
use url::Url;

in_a_world! {
    another_state_or_none_signs_nobody_in,
    another_browser_is_not_signed_in,
    a_coming_back_works_once,
    whoever_takes_too_long_begins_again,
    another_issuer_is_not_believed,
    whoever_does_not_agree_is_told_so,
    a_code_of_another_attempt_signs_nobody_in,
    a_provider_that_is_down_is_503,
    no_link_signs_anybody_in,
}

/// The address with another value of a parameter; none takes it out.
fn with(address: &str, name: &str, value: Option<&str>) -> String {
    let mut url = Url::parse(address).unwrap();
    let pairs: Vec<_> = url
        .query_pairs()
        .into_owned()
        .filter(|(of, _)| of != name)
        .collect();
    url.query_pairs_mut().clear().extend_pairs(pairs);
    if let Some(value) = value {
        url.query_pairs_mut().append_pair(name, value);
    }
    url.to_string()
}

/// Asserts that this signs nobody in, with this status.
async fn refused(browser: &mut Browser, address: &str, status: u16) {
    let page = browser.get(address).await;
    assert_eq!(page.status, status, "{address}: {page:?}");
    page.is_protected();
    assert!(!browser.cookies.contains_key("tenure"), "{address}");
    assert!(!browser.is_in().await);
}

async fn another_state_or_none_signs_nobody_in(world: World) {
    let (browser, back) = world.gone().await;
    let state = |value| with(&back, "state", value);
    for address in [
        state(None),
        state(Some("")),
        state(Some("x")),
        format!("{back}&state=x"),
        with(&back, "code", None),
        format!("{back}&code=x"),
    ] {
        refused(&mut browser.copy(), &address, 400).await;
    }
    assert_eq!(world.provider.asked("/oauth2/access_token").await, 0);
    // What comes back of another tab does not end what this one began.
    let mut other = browser.copy();
    refused(&mut other, &state(Some("x")), 400).await;
    assert_eq!(other.get(&back).await.status, 303);
}

async fn another_browser_is_not_signed_in(world: World) {
    let (mut browser, back) = world.gone().await;
    refused(&mut world.t.browser(), &back, 400).await;
    // Nor one that has gone by itself.
    let mut other = world.t.browser();
    other.get("/account/sign-in/").await;
    refused(&mut other, &back, 400).await;
    assert_eq!(world.provider.asked("/oauth2/access_token").await, 0);
    // Nor by a cookie that nobody wrote here.
    let mut forged = browser.copy();
    let cookie = browser.cookies["tenure-signing-in"].clone();
    let (tag, said) = cookie.split_once('.').unwrap();
    let forgery = format!("{}.{said}", tag.chars().rev().collect::<String>());
    let name = "tenure-signing-in".to_owned();
    forged.cookies.insert(name.clone(), forgery);
    refused(&mut forged, &back, 400).await;
    // And it is no session.
    forged.cookies.clear();
    forged.cookies.insert("tenure".to_owned(), cookie);
    assert!(!forged.is_in().await);
    assert_eq!(browser.get(&back).await.status, 303);
}

async fn a_coming_back_works_once(world: World) {
    let (mut browser, back) = world.gone().await;
    let mut copy = browser.copy();
    assert_eq!(browser.get(&back).await.status, 303);
    let again = browser.get(&back).await;
    assert_eq!(again.status, 400, "{again:?}");
    // Nor for somebody who has kept the cookie: the code is used.
    refused(&mut copy, &back, 400).await;
}

async fn whoever_takes_too_long_begins_again(world: World) {
    let (mut browser, back) = world.gone().await;
    world.time.pass(600);
    refused(&mut browser, &back, 400).await;
    // What was begun is over.
    assert!(!browser.cookies.contains_key("tenure-signing-in"));
    let (mut browser, back) = world.gone().await;
    world.time.pass(599);
    assert_eq!(browser.get(&back).await.status, 303);
}

async fn another_issuer_is_not_believed(world: World) {
    let (browser, back) = world.gone().await;
    assert!(back.contains("iss="), "{back}");
    let slash = format!("{}/", world.provider.url);
    for issuer in [Some("https://evil.example"), Some(""), Some(&*slash), None] {
        let address = with(&back, "iss", issuer);
        refused(&mut browser.copy(), &address, 400).await;
    }
    assert_eq!(world.provider.asked("/oauth2/access_token").await, 0);
}

async fn whoever_does_not_agree_is_told_so(world: World) {
    let (browser, back) = world.gone().await;
    let address = |error| with(&with(&back, "code", None), "error", Some(error));
    for (error, status) in [
        ("access_denied", 403),
        ("invalid_scope", 400),
        ("temporarily_unavailable", 503),
        ("<script>alert(1)</script>", 400),
    ] {
        let address = address(error) + "&error_description=<b>Call+us+at+0800</b>";
        let page = browser.copy().get(&address).await;
        assert!(!page.text.contains("0800"), "{}", page.text);
        assert!(!page.text.contains("alert"), "{}", page.text);
        refused(&mut browser.copy(), &address, status).await;
    }
}

async fn a_code_of_another_attempt_signs_nobody_in(world: World) {
    let (mut browser, back) = world.gone().await;
    let (_, other) = world.gone().await;
    let code = Url::parse(&other).unwrap();
    let code = code.query_pairs().find(|(name, _)| name == "code").unwrap();
    // The verifier is not that of the code.
    let address = with(&back, "code", Some(&code.1));
    refused(&mut browser, &address, 400).await;
}

async fn a_provider_that_is_down_is_503(mut world: World) {
    let (mut browser, back) = world.gone().await;
    world.provider.stop();
    let page = browser.get(&back).await;
    assert_eq!(page.status, 503, "{page:?}");
    assert_eq!(page.header("retry-after"), "1");
    page.is_protected();
    assert!(!page.text.contains("127.0.0.1"), "{}", page.text);
    assert!(!browser.is_in().await);

    let nowhere = file("http://127.0.0.1:1", "client_id = \"page\"");
    let t = Tenure::start_with(Database::sqlite(), |config| as_told(config, &nowhere));
    let page = t.await.browser().get("/account/sign-in/").await;
    assert_eq!(page.status, 503, "{page:?}");
    assert_eq!(page.header("retry-after"), "1");
    assert!(page.cookies().is_empty());
}

async fn no_link_signs_anybody_in(world: World) {
    let token = world.t.own("ada").await;
    let mut browser = world.t.browser();
    let page = browser
        .get(&format!("/account/sign-in/?token={token}"))
        .await;
    assert_eq!(page.status, 403, "{page:?}");
    assert!(browser.cookies.is_empty());
}

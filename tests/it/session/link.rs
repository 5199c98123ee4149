//! Links that sign in, and signing out.

use super::HOME;
use crate::harness::{Tenure, on_both_engines};

on_both_engines! { with crate::session::by_links:
    a_link_signs_its_user_in_until_they_sign_out,
    what_is_no_users_token_signs_nobody_in,
    a_link_leads_on_to_a_page_of_here_alone,
    a_cookie_is_kept_from_scripts_and_other_sites,
    a_new_session_takes_the_place_of_the_one_before,
}

async fn a_link_signs_its_user_in_until_they_sign_out(t: Tenure) {
    let (mut browser, token) = t.signed_in("ada").await;
    let page = browser.get(HOME).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains("<bdi>ada</bdi>"), "{}", page.text);
    let mut copy = browser.copy();
    let page = browser
        .post("/account/sign-out/", &[("csrf", &page.csrf())])
        .await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.text.contains("You are signed out"), "{}", page.text);
    assert!(browser.cookies.is_empty(), "{:?}", browser.cookies);
    // Whoever has a copy of the cookie has nothing, and neither has the link.
    assert!(!copy.is_in().await);
    let again = browser
        .get(&format!("/account/sign-in/?token={token}"))
        .await;
    assert_eq!(again.status, 401, "{again:?}");
    assert_eq!(
        t.with_token(&token)
            .get("/api/2/account/attributes/")
            .await
            .status,
        401
    );
}

async fn what_is_no_users_token_signs_nobody_in(t: Tenure) {
    let service = t.usual("ada", "oura").await.token;
    let internal = t.reader().await.token;
    let mut browser = t.browser();
    for (token, status) in [
        (&*service, 403),
        (&internal, 403),
        ("tnr_unknown", 401),
        ("", 401),
        ("%00", 401),
        ("a%0d%0ab", 401),
        (&"x".repeat(9000), 401),
    ] {
        let page = browser
            .get(&format!("/account/sign-in/?token={token}"))
            .await;
        assert_eq!(page.status, status, "{token}: {page:?}");
        page.is_protected();
        assert!(browser.cookies.is_empty(), "{token}");
    }
    assert!(!browser.is_in().await);
}

async fn a_link_leads_on_to_a_page_of_here_alone(t: Tenure) {
    let token = t.own("ada").await;
    for (next, to) in [
        (
            "/account/attributes/steps/?a%3Db",
            "/account/attributes/steps/?a=b",
        ),
        ("//evil.example/account/", HOME),
        ("/%5Cevil.example", HOME),
        ("https:evil.example", HOME),
        ("https://evil.example/account/", HOME),
        ("/account/%0d%0aset-cookie:a=b", HOME),
        ("/account/%09/evil.example", HOME),
        ("/account/../../evil", HOME),
        ("/account/sign-in/", HOME),
        ("javascript:alert(1)", HOME),
    ] {
        let mut browser = t.browser();
        let url = format!("/account/sign-in/?next={next}&token={token}");
        let page = browser.get(&url).await;
        assert_eq!((page.status, page.location()), (303, to), "{next}");
        assert!(browser.is_in().await);
    }
    // Where somebody was going comes from where they were.
    let page = t.browser().get("/account/attributes/?q=a%26b").await;
    let next = "/account/sign-in/?next=%2Faccount%2Fattributes%2F%3Fq%3Da%2526b";
    assert_eq!((page.status, page.location()), (303, next));
}

async fn a_cookie_is_kept_from_scripts_and_other_sites(t: Tenure) {
    let token = t.own("ada").await;
    let url = format!("/account/sign-in/?token={token}");
    let page = t.browser().get(&url).await;
    let cookie = page.cookie("tenure").unwrap();
    let (_, attributes) = cookie.split_once("; ").unwrap();
    let mut attributes: Vec<_> = attributes.split("; ").collect();
    attributes.sort_unstable();
    // Over http, where `Secure` would lose it; `Secure` is tested over TLS. No end: it goes with the browser.
    assert_eq!(attributes, ["HttpOnly", "Path=/", "SameSite=Lax"]);
    page.is_protected();
}

async fn a_new_session_takes_the_place_of_the_one_before(t: Tenure) {
    let (mut browser, _) = t.signed_in("ada").await;
    let before = browser.cookies["tenure"].clone();
    let token = t.own("grace").await;
    browser
        .get(&format!("/account/sign-in/?token={token}"))
        .await;
    assert_ne!(browser.cookies["tenure"], before);
    let page = browser.get(HOME).await;
    assert!(page.text.contains("<bdi>grace</bdi>"), "{}", page.text);
}

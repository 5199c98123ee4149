//! Signing in at a provider, and coming back.

use super::{
    HOME,
    world::{CONFIDENTIAL, World, in_a_world},
};
use crate::harness::Database;
use std::collections::HashMap;
use url::Url;

in_a_world! { on both engines:
    whoever_signs_in_comes_back_to_where_they_were_going,
}

async fn whoever_signs_in_comes_back_to_where_they_were_going(world: World) {
    let mut browser = world.t.browser();
    let page = browser.get("/account/attributes/?q=steps").await;
    assert_eq!(page.status, 303, "{page:?}");
    let page = browser.get(page.location()).await;
    page.is_protected();
    let to = Url::parse(page.location()).unwrap();
    assert!(to.as_str().starts_with(&world.provider.url), "{to}");
    let asked: HashMap<_, _> = to.query_pairs().into_owned().collect();
    assert_eq!(asked["response_type"], "code");
    assert_eq!(asked["scope"], "openid");
    assert_eq!(asked["code_challenge_method"], "S256");
    for random in ["state", "nonce", "code_challenge"] {
        assert_eq!(asked[random].len(), 43, "{asked:?}");
    }
    let cookie = page.cookie("tenure-signing-in").unwrap();
    for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    let back = world.at_provider(&mut browser, &page).await;
    let page = browser.get(&back).await;
    let to = (page.status, page.location());
    assert_eq!(to, (303, "/account/attributes/?q=steps"), "{page:?}");
    page.is_protected();
    assert!(!browser.cookies.contains_key("tenure-signing-in"));
    let page = browser.get(HOME).await;
    assert!(page.text.contains("<bdi>corp:ada</bdi>"), "{}", page.text);

    // The session is a token of ada's own, which ends when she signs out.
    let user = crate::harness::id("corp:ada");
    let tokens = world.t.registry.tokens(&user).await.unwrap();
    let [token] = &tokens[..] else {
        panic!("{tokens:?}");
    };
    let lasts = token.expires_at - token.issued_at;
    assert_eq!(
        (token.service.clone(), lasts),
        (None, time::Duration::hours(12))
    );
    let mut copy = browser.copy();
    let csrf = page.csrf();
    let page = browser.post("/account/sign-out/", &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(!copy.is_in().await);
    let tokens = world.t.registry.tokens(&user).await.unwrap();
    assert!(tokens[0].revoked_at.is_some(), "{tokens:?}");
}

#[tokio::test]
async fn a_page_that_cannot_keep_a_secret_needs_none() {
    let public = "client_id = \"public-page\"";
    let Some(world) = World::with(Database::sqlite(), public).await else {
        return;
    };
    let (mut browser, back) = world.gone().await;
    let page = browser.get(&back).await;
    assert_eq!((page.status, page.location()), (303, HOME), "{page:?}");
    assert!(browser.is_in().await);
}

#[tokio::test]
async fn what_is_set_of_a_session_holds() {
    let short = format!("{CONFIDENTIAL}\nsession_idle = \"90s\"\nsession_lifetime = \"1h\"");
    let Some(world) = World::with(Database::sqlite(), &short).await else {
        return;
    };
    let (mut browser, back) = world.gone().await;
    browser.get(&back).await;
    let user = crate::harness::id("corp:ada");
    let tokens = world.t.registry.tokens(&user).await.unwrap();
    let lasts = tokens[0].expires_at - tokens[0].issued_at;
    assert_eq!(lasts, time::Duration::hours(1));
    world.time.pass(89);
    assert!(browser.is_in().await);
    world.time.pass(90);
    assert!(!browser.is_in().await);
}

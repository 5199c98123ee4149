//! The whole authorization-code flow, as Exist's guide shows it, and then an acquire.

use super::{World, in_a_world, provider::text};
use crate::{harness::Platform, values::guide};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use url::Url;

in_a_world! { on both engines:
    a_client_that_the_user_let_in_acquires_with_a_jwt,
    a_client_that_the_user_let_in_acquires_with_an_opaque_token,
}
in_a_world! { by crate::issuer::grant::from_tokens, on both engines:
    a_client_that_the_user_let_in_does_all_that_the_guide_has_it_do,
}
in_a_world! {
    a_refresh_token_is_no_access_token,
    an_id_token_is_no_access_token,
}

const CALLBACK: &str = "https://client.example/callback";
const VERIFIER: &str = "a-verifier-of-the-tests-that-is-long-enough-0123456789";

/// A browser: it follows redirects, keeps cookies, and fills in forms.
struct Browser<'w> {
    world: &'w World,
    cookies: HashMap<String, String>,
}

impl Browser<'_> {
    /// Goes on until somebody else's page comes, and gives its address; a form is answered by ada.
    async fn visit(&mut self, first: String) -> Url {
        let (mut method, mut at, mut form) = (Method::GET, first, Vec::new());
        loop {
            if !at.starts_with(&*self.world.provider.url) && !at.starts_with('/') {
                return Url::parse(&at).unwrap();
            }
            let cookies = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"));
            let cookies = cookies.collect::<Vec<_>>().join("; ");
            let request = self.world.provider.request(method, &at);
            let request = request.header("cookie", cookies).form(&form);
            let answer = request.send().await.unwrap();
            for cookie in answer.headers().get_all("set-cookie") {
                let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
                let (name, value) = cookie.split_once('=').unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
            if let Some(location) = answer.headers().get("location") {
                let location = location.to_str().unwrap().to_owned();
                (method, at, form) = (Method::GET, location, Vec::new());
                continue;
            }
            let page = answer.bytes().await.unwrap();
            let page = String::from_utf8(page.to_vec()).unwrap();
            let action = between(&page, "action=\"", "\"");
            let prompt = between(&page, "name=\"prompt\" value=\"", "\"");
            form = vec![
                ("prompt", prompt),
                ("login", "ada".to_owned()),
                ("password", "x".to_owned()),
            ];
            (method, at) = (Method::POST, action);
        }
    }
}

pub fn between(page: &str, before: &str, after: &str) -> String {
    let (_, rest) = page
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {page}"));
    rest.split(after).next().unwrap().to_owned()
}

/// The user lets the client in, and the client gets its tokens.
async fn let_in(world: &World, client: &str, scope: &str) -> Value {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let query = [
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", CALLBACK),
        ("scope", scope),
        ("state", "xyz"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let start = format!("{}/oauth2/authorize", world.provider.url);
    let start = Url::parse_with_params(&start, query).unwrap();
    let mut browser = Browser {
        world,
        cookies: HashMap::new(),
    };
    let back = browser.visit(start.to_string()).await;
    assert!(back.as_str().starts_with(CALLBACK), "{back}");
    let answer: HashMap<_, _> = back.query_pairs().into_owned().collect();
    assert_eq!(answer["state"], "xyz");
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &*answer["code"]),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    world
        .provider
        .post("/oauth2/access_token", client, &form)
        .await
}

const SCOPE: &str = "mood_read mood_write activity_write";

async fn acquires(world: World, client: &str) {
    let tokens = let_in(&world, client, SCOPE).await;
    let client = world.t.with_token(&text(&tokens["access_token"]));
    let items = json!([{"template": "mood"}, {"template": "sleep"}]);
    let answer = client.acquire(items).await;
    let refused = "No permission to write to attributes in group 'sleep'".to_owned();
    let failed = ("sleep".to_owned(), "not_allowed".to_owned(), refused);
    assert_eq!((answer.status, answer.failed()), (202, vec![failed]));
    assert_eq!(client.owned_names().await, ["mood"]);
    client.release(json!([{"name": "mood"}])).await.succeeded();
}

async fn a_client_that_the_user_let_in_acquires_with_a_jwt(world: World) {
    acquires(world, "oura").await;
}

async fn a_client_that_the_user_let_in_acquires_with_an_opaque_token(world: World) {
    acquires(world, "withings").await;
}

async fn a_client_that_the_user_let_in_does_all_that_the_guide_has_it_do(world: World) {
    let tokens = let_in(&world, "test500", guide::SCOPES).await;
    let World { t, provider } = world;
    let p = Platform::new(t).await;
    let client = p.with_token(&text(&tokens["access_token"]));
    guide::play(&p, &client).await;
    assert_eq!(provider.asked("/token/introspection").await, 0);
}

async fn a_refresh_token_is_no_access_token(world: World) {
    let tokens = let_in(&world, "withings", SCOPE).await;
    let refresh = text(&tokens["refresh_token"]);
    world.refused(&refresh).await;
    // The provider says that it is active.
    assert!(world.provider.asked("/token/introspection").await > 0);
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &*refresh),
    ];
    let again = world
        .provider
        .post("/oauth2/access_token", "withings", &form);
    let access = text(&again.await["access_token"]);
    let acquired = world.t.with_token(&access);
    acquired
        .acquire(json!([{"template": "mood"}]))
        .await
        .succeeded();
}

async fn an_id_token_is_no_access_token(world: World) {
    let tokens = let_in(&world, "oura", &format!("openid {SCOPE}")).await;
    world.refused(&text(&tokens["id_token"])).await;
}

//! What a real process logs of people who sign in: all of it, and no secret.

use super::{
    Browser, HOME,
    world::{CONFIDENTIAL, World, file, in_a_world},
};
use crate::harness::Process;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;

in_a_world! {
    who_signs_in_is_logged_and_no_secret,
}

/// What a signed cookie says.
fn said(cookie: &str) -> Value {
    let (_, said) = cookie.split_once('.').unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(said).unwrap()).unwrap()
}

async fn who_signs_in_is_logged_and_no_secret(world: World) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tenure.toml");
    std::fs::write(&path, file(&world.provider.url, CONFIDENTIAL)).unwrap();
    let url = format!("sqlite://{}", folder.path().join("t.db").display());
    let line = format!("serve --config {}", path.display());
    let mut process = Process::start(&url, &line, "trace");
    let base = format!("http://{}", process.addresses.http);
    world.knows(&base).await;
    let reading = tokio::task::spawn_blocking(move || {
        let log = process.log_until("\"message\":\"request\",\"request_id\":\"the-last\"");
        (log, process)
    });

    let mut browser = Browser::new(base);
    let page = browser.get("/account/sign-in/").await;
    let begun = browser.cookies["tenure-signing-in"].clone();
    let back = world.at_provider(&mut browser, &page).await;
    let code = url::Url::parse(&back).unwrap();
    let code = code.query_pairs().find(|(name, _)| name == "code").unwrap();
    assert_eq!(browser.get(&back).await.status, 303);
    let session = browser.cookies["tenure"].clone();
    let csrf = browser.csrf().await;
    let wrong = browser.post("/account/sign-out/", &[("csrf", "x")]).await;
    assert_eq!(wrong.status, 403);
    browser.get(&back).await;
    let token = said(&session)["token"].as_str().unwrap().to_owned();
    let by_link = format!("/account/sign-in/?token={token}");
    assert_eq!(browser.get(&by_link).await.status, 403);
    let page = browser.post("/account/sign-out/", &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 200, "{page:?}");
    let last = browser.request(reqwest::Method::GET, HOME);
    browser.send(last.header("x-request-id", "the-last")).await;

    let (log, _process) = reading.await.unwrap();
    let flow = said(&begun);
    let mut secrets = vec![
        session.clone(),
        begun.clone(),
        csrf,
        code.1.into_owned(),
        token.trim_start_matches("tnr_").to_owned(),
        "page's secret".to_owned(),
        "page%27s+secret".to_owned(),
        // How every JWT begins.
        "eyJ".to_owned(),
    ];
    for name in ["state", "nonce", "verifier"] {
        secrets.push(flow[name].as_str().unwrap().to_owned());
    }
    for line in &log {
        for secret in &secrets {
            assert!(!line.contains(secret.as_str()), "{secret}: {line}");
        }
    }
    audited(&log);
}

/// Who began, who ended, and what was refused.
fn audited(log: &[String]) {
    let audit = |parts: &[&str]| {
        let mut audited = log.iter().filter(|line| line.contains("tenure::audit"));
        let found = audited.any(|line| parts.iter().all(|part| line.contains(part)));
        assert!(found, "{parts:?} in {log:#?}");
    };
    audit(&[
        "\"tokens\":1",
        "\"user\":\"corp:ada\"",
        "\"principal\":\"user\"",
    ]);
    audit(&["a session was ended", "\"user\":\"corp:ada\""]);
    audit(&[
        "The form is not of this session.",
        "POST /account/sign-out/",
    ]);
}

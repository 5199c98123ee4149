//! A gateway on its own, at which people sign in.

use super::{
    HOME,
    world::{World, in_a_world},
};
use crate::harness::{Client, Database, Tenure};
use std::time::Duration;
use tenure_gateway::{Config, Page, Provider, ProviderSettings, Secret, SignIn};

in_a_world! {
    people_sign_in_at_a_gateway_elsewhere,
    a_gateway_whose_service_is_not_set_up_signs_nobody_in,
}

/// A gateway in front of a service, which has people sign in at the provider.
async fn elsewhere(world: &World, service: &Tenure) -> Client {
    let provider = Provider::new(ProviderSettings {
        issuer: world.provider.url.clone(),
        client_id: "page".to_owned(),
        client_secret: Some(Secret::new("page's secret: 100%")),
        authorities: None,
        timeout: Duration::from_secs(5),
    });
    let config = Config {
        page: Some(Page::new(SignIn::Provider(provider.unwrap()))),
        ..Config::default()
    };
    let addresses = service.addresses;
    let service = format!("http://{}", addresses.grpc);
    let gateway = crate::split::gateway(service, config, addresses, "").await;
    world
        .knows(&format!("http://{}", gateway.addresses.http))
        .await;
    gateway
}

async fn people_sign_in_at_a_gateway_elsewhere(world: World) {
    let gateway = elsewhere(&world, &world.t).await;
    let mut browser = world.t.browser();
    browser.base = format!("http://{}", gateway.addresses.http);
    let page = browser.get("/account/sign-in/").await;
    let back = world.at_provider(&mut browser, &page).await;
    let page = browser.get(&back).await;
    assert_eq!((page.status, page.location()), (303, HOME), "{page:?}");
    let page = browser.get(HOME).await;
    assert!(page.text.contains("<bdi>corp:ada</bdi>"), "{}", page.text);
    let csrf = page.csrf();
    let page = browser.post("/account/sign-out/", &[("csrf", &csrf)]).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(!browser.is_in().await);
}

async fn a_gateway_whose_service_is_not_set_up_signs_nobody_in(world: World) {
    let other = Tenure::start(Database::sqlite()).await;
    let gateway = elsewhere(&world, &other).await;
    let mut browser = other.browser();
    browser.base = format!("http://{}", gateway.addresses.http);
    let page = browser.get("/account/sign-in/").await;
    let back = world.at_provider(&mut browser, &page).await;
    let page = browser.get(&back).await;
    assert_eq!(page.status, 503, "{page:?}");
    page.is_protected();
    assert!(browser.cookies.is_empty() || !browser.is_in().await);
}

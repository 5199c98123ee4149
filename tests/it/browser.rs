//! The user's page in a real browser, with and without scripts.

mod accessible;
mod change;
mod connections;
mod driver;
mod hostile;
mod keyboard;
mod looks;
mod lost;
mod many;
mod page;
mod plain;
mod ranking;
mod signing_in;

use crate::harness::{Client, Database, Tenure};
use driver::Browser;
use page::Page;
use serde_json::{Value, json};
use tenure::app::Config;
use tenure_gateway::SignIn;

/// A Tenure with some attributes of ada's, and her browser.
struct World {
    t: Tenure,
    /// What ada is called there.
    user: &'static str,
    page: Page,
    client: Client,
    oura: Client,
    withings: Client,
}

/// What the services may do.
const SCOPES: &str =
    "activity_read activity_write health_write mood_write sleep_read sleep_write custom_write";

impl World {
    /// Oura takes the steps over while ada, who still sees Test client there, wants this service to have them.
    async fn lose_a_race(&self, wanted: &str) {
        self.page.choose("steps", wanted).await;
        let steps = json!([{"template": "steps"}]);
        self.oura.acquire(steps).await.succeeded();
        self.page.click("#a-steps .set").await;
        self.page.says("#a-steps .trouble", "Oura owns it.").await;
    }

    /// With ada signed in by a link.
    async fn start() -> Option<Self> {
        let browser = Browser::start().await?;
        let page = |config: &mut Config| {
            config.gateway.page = Some(tenure_gateway::Page::new(SignIn::Links));
        };
        let t = Tenure::start_with(Database::sqlite(), page).await;
        let world = Self::of(t, browser, "ada").await;
        world.sign_in().await;
        Some(world)
    }

    /// Test client owns Steps and Mood, Oura Sleep, Withings Weight; Oura and Withings could take Steps over.
    async fn of(t: Tenure, browser: Browser, user: &'static str) -> Self {
        let client = t.client(user, "test500", SCOPES).await;
        let oura = t.client(user, "oura", SCOPES).await;
        let withings = t.client(user, "withings", SCOPES).await;
        for (client, names) in [
            (&withings, &["steps", "weight"][..]),
            (&oura, &["steps", "sleep"]),
            (&client, &["steps", "mood"]),
        ] {
            let items = names
                .iter()
                .map(|name| json!({"template": name, "manual": false}));
            let items: Value = items.collect();
            client.acquire(items).await.succeeded();
        }
        let page = Page {
            browser,
            origin: format!("http://{}", t.addresses.http),
        };
        Self {
            t,
            user,
            page,
            client,
            oura,
            withings,
        }
    }

    /// Signs ada in with a link.
    async fn sign_in(&self) {
        let token = self.t.own("ada").await;
        let link = format!("/account/sign-in/?token={token}");
        self.page.goto(&link).await;
    }

    /// Asserts who owns an attribute of hers.
    async fn owned_by(&self, attribute: &str, service: Option<&str>) {
        let (owner, _) = self.t.owner(self.user, attribute).await;
        assert_eq!(owner.as_deref(), service, "{attribute}");
    }

    async fn quit(self) {
        self.page.quit().await;
    }
}

/// Whether there is a program of this name.
fn is_there(program: &str) -> bool {
    let look = format!("command -v {program}");
    let found = std::process::Command::new("sh")
        .args(["-c", &look])
        .output();
    found.unwrap().status.success()
}

/// Makes a test of each case, with a world of its own.
macro_rules! in_a_browser {
    ($($case:ident),* $(,)?) => { $(
        mod $case {
            #[tokio::test]
            async fn in_chromium() {
                if let Some(world) = crate::browser::World::start().await {
                    super::$case(&world).await;
                    world.quit().await;
                }
            }
        }
    )* };
}
use in_a_browser;

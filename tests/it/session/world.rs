//! A Tenure whose users sign in at a real provider.

use super::{Browser, Page, Time};
use crate::{
    harness::{Database, Tenure},
    issuer::{Provider, between},
};
use serde_json::{Value, json};
use std::path::Path;
use tenure::{
    ambient::{Clock as _, System},
    app::Config,
    config::SettingsFile,
    proto::{StartSessionRequest, StartSessionResponse, sessions_client::SessionsClient},
};
use tonic::{Status, transport::Endpoint};

pub struct World {
    pub t: Tenure,
    pub provider: Provider,
    /// What the gateway goes by.
    pub time: Time,
}

/// How Tenure is told of the provider and of the page there.
pub fn file(url: &str, sign_in: &str) -> String {
    format!(
        r#"
        [[issuer]]
        url = "{url}"
        audience = "https://api.tenure.example"
        user_prefix = "corp:"

        [sign_in]
        issuer = "{url}"
        {sign_in}
        "#
    )
}

/// A client with a secret.
pub const CONFIDENTIAL: &str = "client_id = \"page\"\nclient_secret = \"page's secret: 100%\"";

/// Has an instance do what the file says.
pub fn as_told(config: &mut Config, file: &str) {
    let file = SettingsFile::parse(file, Path::new("tenure.toml")).unwrap();
    config.issuers = file.issuers;
    config.sign_in = file.sign_in;
    config.gateway.page = file.page;
}

impl World {
    pub async fn start(database: Database) -> Option<Self> {
        Self::with(database, CONFIDENTIAL).await
    }

    pub async fn with(database: Database, sign_in: &str) -> Option<Self> {
        let provider = Provider::start()?;
        let time = Time::default();
        time.pass(1_000_000);
        let file = file(&provider.url, sign_in);
        let t = Tenure::start_with(database, |config| {
            as_told(config, &file);
            config.gateway.page.as_mut().unwrap().clock = time.clock();
        });
        let t = t.await;
        let world = Self { t, provider, time };
        world
            .knows(&format!("http://{}", world.t.addresses.http))
            .await;
        Some(world)
    }

    /// Registers a page at the provider.
    pub async fn knows(&self, origin: &str) {
        let page = json!({"redirect_uri": format!("{origin}/account/signed-in/")});
        self.provider.tell("page", &page).await;
    }

    /// Signs in at the provider, from where the page has sent the browser; and is sent back to this address.
    pub async fn at_provider(&self, browser: &mut Browser, page: &Page) -> String {
        let (mut at, mut form) = (page.location().to_owned(), None);
        loop {
            if at.contains("/account/signed-in/") {
                return at;
            }
            if at.starts_with('/') {
                at = format!("{}{at}", self.provider.url);
            }
            let page = match &form {
                None => browser.get(&at).await,
                Some(form) => {
                    let request = browser.request(reqwest::Method::POST, &at);
                    browser.send(request.form(form)).await
                }
            };
            if page.status == 303 || page.status == 302 {
                (at, form) = (page.location().to_owned(), None);
                continue;
            }
            assert_eq!(page.status, 200, "{page:?}");
            at = between(&page.text, "action=\"", "\"");
            let prompt = between(&page.text, "name=\"prompt\" value=\"", "\"");
            let (login, password) = ("ada".to_owned(), "x".to_owned());
            form = Some([("prompt", prompt), ("login", login), ("password", password)]);
        }
    }

    /// What a browser has that has gone to the provider, and the address that it is sent back to.
    pub async fn gone(&self) -> (Browser, String) {
        let mut browser = self.t.browser();
        let page = browser.get("/account/sign-in/").await;
        assert_eq!(page.status, 303, "{page:?}");
        let back = self.at_provider(&mut browser, &page).await;
        (browser, back)
    }

    /// The header of an ID token.
    pub async fn header(&self) -> Value {
        let kid = self.provider.tell("kid", &Value::Null).await;
        json!({"alg": "RS256", "typ": "JWT", "kid": kid})
    }

    /// The claims of an ID token that is right, for ada.
    pub fn claims(&self) -> Value {
        let now = System.now().unix_timestamp();
        json!({
            "iss": self.provider.url, "aud": "page", "sub": "ada", "nonce": "n",
            "iat": now - 10, "exp": now + 600,
        })
    }

    /// Asks for a session for this token, which is to say that nonce.
    pub async fn session(&self, token: &str, nonce: &str) -> Result<StartSessionResponse, Status> {
        let endpoint: Endpoint = format!("http://{}", self.t.addresses.grpc).parse().unwrap();
        let mut stub = SessionsClient::new(endpoint.connect().await.unwrap());
        let request = StartSessionRequest {
            id_token: token.to_owned(),
            nonce: nonce.to_owned(),
        };
        Ok(stub.start_session(request).await?.into_inner())
    }
}

/// Makes a test of each case with a world of its own on SQLite; `on both engines:`, another on PostgreSQL.
macro_rules! in_a_world {
    (on both engines: $($case:ident),* $(,)?) => {
        crate::issuer::in_a_world! { by crate::session::world::World::start, on both engines: $($case),* }
    };
    ($($case:ident),* $(,)?) => { $(
        mod $case {
            use crate::{harness::Database, session::world::World};

            #[tokio::test]
            async fn on_sqlite() {
                if let Some(world) = World::start(Database::sqlite()).await {
                    super::$case(world).await;
                }
            }
        }
    )* };
}
pub(super) use in_a_world;

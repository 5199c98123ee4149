//! Tokens of an outside authorization server: a real one, as its own process. Where it is not installed the tests are
//! skipped, or fail if `REQUIRE_OIDC_PROVIDER` is set.

mod flow;
mod forged;
mod grant;
mod internal;
mod introspection;
mod misused;
mod outage;
mod provider;
mod rotation;
mod settings;
mod several;
mod withdrawn;

use crate::harness::{Answer, Client, Database, Tenure};
pub use flow::between;
pub use provider::Provider;
use serde_json::{Value, json};
use std::path::Path;
use tenure::{
    ambient::{Clock as _, System},
    app::Config,
    config::SettingsFile,
};
use tonic::Code;

/// A Tenure that believes a provider.
struct World {
    t: Tenure,
    provider: Provider,
}

/// What tokens for Tenure have in `aud`, and what those of internal services have.
const AUDIENCE: &str = "https://api.tenure.example";
const INTERNAL: &str = "https://internal.tenure.example";

/// How Tenure is told of the provider.
fn issuer(url: &str) -> String {
    format!(
        r#"
        [[issuer]]
        url = "{url}"
        audience = "{AUDIENCE}"

        [issuer.introspection]
        client_id = "tenure"
        client_secret = "tenure's secret: 100%"
        cache = "2s"

        [issuer.internal]
        audience = "{INTERNAL}"

        [issuer.internal.services]
        client-of-values = {{ name = "values", role = "reader" }}
        "#
    )
}

/// Has an instance believe whom the file says.
fn believe(config: &mut Config, file: &str) {
    let file = SettingsFile::parse(file, Path::new("tenure.toml")).unwrap();
    config.issuers = file.issuers;
}

impl World {
    async fn start(database: Database) -> Option<Self> {
        let provider = Provider::start()?;
        let file = issuer(&provider.url);
        Some(Self::with(database, provider, &file).await)
    }

    async fn with(database: Database, provider: Provider, file: &str) -> Self {
        let world = Self::bare(database, provider, file, |_| {}).await;
        for service in ["oura", "withings"] {
            let scopes = "mood_write activity_write";
            world.t.connect("ada", service, scopes).await;
        }
        world
    }

    /// With nothing connected.
    async fn bare(
        database: Database,
        provider: Provider,
        file: &str,
        change: impl FnOnce(&mut Config),
    ) -> Self {
        let settings = |config: &mut Config| {
            believe(config, file);
            change(config);
        };
        let t = Tenure::start_with(database, settings).await;
        Self { t, provider }
    }

    /// A client with a token of the provider's, for ada.
    async fn client(&self, service: &str, format: &str) -> Client {
        let token = self.provider.token(service, "ada", format).await;
        self.t.with_token(&token)
    }

    /// The header of a token that the provider signs.
    async fn header(&self) -> Value {
        let kid = self.provider.tell("kid", &Value::Null).await;
        json!({"alg": "RS256", "typ": "at+jwt", "kid": kid})
    }

    /// The claims of a token that is right: oura's, for ada.
    fn claims(&self) -> Value {
        let now = System.now().unix_timestamp();
        json!({
            "iss": self.provider.url, "aud": AUDIENCE, "sub": "ada", "client_id": "oura",
            "scope": "mood_write", "iat": now - 10, "exp": now + 600, "jti": "1",
        })
    }

    /// A token of the provider's with these claims instead; null takes one out.
    async fn forged(&self, claims: Value) -> String {
        let claims = merged(self.claims(), claims);
        let header = self.header().await.to_string();
        self.provider
            .sign(&header, &claims.to_string(), "itself")
            .await
    }

    /// A token of the provider's with this in its header.
    async fn headed(&self, header: Value) -> String {
        let header = merged(self.header().await, header);
        let (header, claims) = (header.to_string(), self.claims().to_string());
        self.provider.sign(&header, &claims, "itself").await
    }

    /// Asserts that the token opens nothing, over REST and gRPC, and that nothing is changed.
    async fn refused(&self, token: &str) {
        let before = self.t.snapshot("ada").await;
        let client = self.t.with_token(token);
        for answer in [
            client.acquire(json!([{"template": "mood"}])).await,
            client.owned("").await,
        ] {
            invalid(&answer);
        }
        let inside = self.t.inside_with(token.to_owned()).await;
        let status = inside.check(Vec::new(), None).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        assert_eq!(self.t.snapshot("ada").await, before);
    }

    /// Asserts that the token is oura's for ada, and does what it grants.
    async fn accepted(&self, token: &str) {
        let client = self.t.with_token(token);
        let acquired = client.acquire(json!([{"template": "mood"}])).await;
        acquired.succeeded();
        let (owner, _) = self.t.owner("ada", "mood").await;
        assert_eq!(owner.as_deref(), Some("oura"));
    }
}

/// Asserts that the answer says that the token is good for nothing.
#[track_caller]
fn invalid(answer: &Answer) {
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.json(), json!({"detail": "Invalid token"}));
    let challenge = "Bearer realm=\"api\", error=\"invalid_token\"";
    assert_eq!(answer.header("www-authenticate"), challenge);
}

/// The first object with the keys of the second in it; null takes one out.
pub fn merged(mut object: Value, changes: Value) -> Value {
    let (into, Value::Object(changes)) = (object.as_object_mut().unwrap(), changes) else {
        panic!("no object");
    };
    for (key, value) in changes {
        if value.is_null() {
            into.remove(&key);
        } else {
            into.insert(key, value);
        }
    }
    object
}

/// Makes a test of each case, with a world of its own on SQLite; and another on PostgreSQL, with `on both engines:`. `by START,`
/// before that says how the world is made.
macro_rules! in_a_world {
    (by $start:path, on both engines: $($case:ident),* $(,)?) => { $(
        mod $case {
            use crate::harness::Database;

            #[tokio::test]
            async fn on_sqlite() {
                if let Some(world) = $start(Database::sqlite()).await {
                    super::$case(world).await;
                }
            }

            #[tokio::test]
            async fn on_postgres() {
                let Some(database) = Database::postgres().await else {
                    return;
                };
                if let Some(world) = $start(database).await {
                    super::$case(world).await;
                }
            }
        }
    )* };
    (on both engines: $($case:ident),* $(,)?) => {
        crate::issuer::in_a_world! { by crate::issuer::World::start, on both engines: $($case),* }
    };
    ($($case:ident),* $(,)?) => { $(
        mod $case {
            use crate::{harness::Database, issuer::World};

            #[tokio::test]
            async fn on_sqlite() {
                if let Some(world) = World::start(Database::sqlite()).await {
                    super::$case(world).await;
                }
            }
        }
    )* };
}
pub(crate) use in_a_world;

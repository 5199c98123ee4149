//! Several authorization servers at once.

use super::{AUDIENCE, World, invalid, provider::Provider};
use crate::harness::Database;
use serde_json::json;

/// How Tenure is told of one of several: what it says is of users and services of its own.
fn issuer(provider: &Provider, prefix: &str, service: &str) -> String {
    format!(
        r#"
        [[issuer]]
        url = "{}"
        audience = "{AUDIENCE}"
        user_prefix = "{prefix}:"

        [issuer.services]
        {service} = "{service}"

        [issuer.introspection]
        client_id = "tenure"
        client_secret = "tenure's secret: 100%"
        "#,
        provider.url
    )
}

#[tokio::test]
async fn each_speaks_for_its_own_users_and_services() {
    let (Some(one), Some(other)) = (Provider::start(), Provider::start()) else {
        return;
    };
    let file = issuer(&one, "one", "oura") + issuer(&other, "other", "withings").as_str();
    let world = World::bare(Database::sqlite(), one, &file, |_| {}).await;
    let (t, one) = (&world.t, &world.provider);
    for (user, service) in [("one:ada", "oura"), ("other:ada", "withings")] {
        t.connect(user, service, "mood_write").await;
    }
    for format in ["jwt", "opaque"] {
        let ours = t.with_token(&one.token("oura", "ada", format).await);
        let theirs = t.with_token(&other.token("withings", "ada", format).await);
        let mood = json!([{"template": "mood"}]);
        ours.acquire(mood.clone()).await.succeeded();
        theirs.acquire(mood.clone()).await.succeeded();
        // Two people, though both servers call them the same: nothing was taken from the one.
        let owners = [
            t.owner("one:ada", "mood").await,
            t.owner("other:ada", "mood").await,
        ];
        let owner = |name: &str| (Some(name.to_owned()), 1);
        assert_eq!(owners, [owner("oura"), owner("withings")]);
        // No server speaks for a service of the other.
        for token in [
            one.token("withings", "ada", format).await,
            other.token("oura", "ada", format).await,
        ] {
            invalid(&t.with_token(&token).acquire(mood.clone()).await);
        }
    }
    // And none signs in the name of the other.
    let mut claims = world.claims();
    claims["iss"] = json!(other.url);
    let header = world.header().await.to_string();
    let forged = one.sign(&header, &claims.to_string(), "itself").await;
    invalid(&t.with_token(&forged).owned("").await);
}

//! How many statements an acquire needs, counted in the log of a real process.

use crate::harness::{Client, Database, Process, SCOPES, Tenure};
use serde_json::{Value, json};

/// The statements that the process ran for one acquire of so many new attributes.
async fn statements(database: &Database, user: &str, items: usize) -> Vec<String> {
    let token = {
        let app = tenure::app::open(&crate::harness::config(database).storage).await;
        let registry = tenure::app::registry(app.unwrap());
        let scopes = tenure::domain::scope::Scopes::parse(SCOPES).unwrap();
        let (user, service) = (crate::harness::id(user), crate::harness::name("test500"));
        registry
            .connect(&user, &service, Some(&scopes))
            .await
            .unwrap();
        let new = tenure::service::NewToken {
            user,
            service: Some(service),
            scopes: None,
            expires_in: time::Duration::hours(1),
        };
        registry.issue_token(&new).await.unwrap().0
    };
    let log = "info,sqlx::query=debug";
    let mut process = Process::start(&database.url(), "serve", log);
    let client = Client::new(process.addresses, token.reveal().to_owned());
    // The first request loads the catalog too.
    client.owned("").await;
    process.log_until("\"status\":200");
    let catalog = tenure::domain::catalog::CatalogFile::builtin();
    let groups = ["activity", "mood", "sleep", "health", "media"];
    let covered = catalog
        .template
        .iter()
        .filter(|t| groups.contains(&t.group.as_str()));
    let batch: Vec<Value> = covered
        .take(items)
        .map(|t| json!({"template":t.name}))
        .collect();
    assert_eq!(batch.len(), items);
    client.acquire(json!(batch)).await.succeeded();
    let lines = process.log_until("\"status\":200");
    let statement = |line: &String| {
        let line: Value = serde_json::from_str(line).unwrap();
        // What has no span is housekeeping.
        let is_statement = line["target"] == "sqlx::query" && line["span"].is_object();
        is_statement.then(|| line["fields"]["summary"].as_str().unwrap().to_owned())
    };
    lines.iter().filter_map(statement).collect()
}

async fn prepared(database: Database) -> Database {
    // Migrates, and applies the services.
    let t = Tenure::start(database).await;
    t.usual("warm", "test500").await;
    let Tenure { database, .. } = t;
    database
}

#[tokio::test]
async fn the_statements_of_an_acquire_do_not_grow_with_its_items_on_sqlite() {
    let database = prepared(Database::sqlite()).await;
    let one = statements(&database, "one", 1).await;
    let many = statements(&database, "many", 35).await;
    assert_eq!(one, many);
    assert!((5..=8).contains(&one.len()), "{one:#?}");
}

#[tokio::test]
async fn an_acquire_is_three_statements_on_postgres_token_load_commit() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let database = prepared(database).await;
    let one = statements(&database, "one", 1).await;
    let many = statements(&database, "many", 35).await;
    assert_eq!(one, many);
    assert_eq!(one.len(), 3, "{one:#?}");
}

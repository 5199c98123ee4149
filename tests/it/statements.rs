//! How many statements a request needs, counted in the log of a real process.

use crate::harness::{Client, Database, Process, SCOPES, Tenure};
use serde_json::{Value, json};

/// A process whose log is read, and the tokens of a user and of their service.
struct Logged {
    process: Process,
    service: Client,
    user: Client,
}

impl Logged {
    async fn start(database: &Database, user: &str) -> Self {
        let app = tenure::app::open(&crate::harness::config(database).storage).await;
        let registry = tenure::app::registry(app.unwrap());
        let scopes = tenure::domain::scope::Scopes::parse(SCOPES).unwrap();
        let (user, service) = (crate::harness::id(user), crate::harness::name("test500"));
        registry
            .connect(&user, &service, Some(&scopes))
            .await
            .unwrap();
        let issue = async |service| {
            let new = tenure::service::NewToken {
                user: user.clone(),
                service,
                scopes: None,
                expires_in: time::Duration::hours(1),
            };
            let (secret, _) = registry.issue_token(&new).await.unwrap();
            secret.reveal().to_owned()
        };
        let tokens = (issue(Some(service)).await, issue(None).await);
        let log = "info,sqlx::query=debug";
        let process = Process::start(&database.url(), "serve", log);
        let addresses = process.addresses;
        let mut logged = Self {
            process,
            service: Client::new(addresses, tokens.0),
            user: Client::new(addresses, tokens.1),
        };
        // The first request loads the catalog too.
        logged.service.owned("").await;
        logged.statements();
        logged
    }

    /// The statements of the request that was answered last, whose lines have not been read.
    fn statements(&mut self) -> Vec<String> {
        let lines = self.process.log_until("\"status\":200");
        let statement = |line: &String| {
            let line: Value = serde_json::from_str(line).unwrap();
            // What has no span is housekeeping.
            let is_statement = line["target"] == "sqlx::query" && line["span"].is_object();
            is_statement.then(|| line["fields"]["summary"].as_str().unwrap().to_owned())
        };
        lines.iter().filter_map(statement).collect()
    }

    /// The statements of one acquire of so many new attributes.
    async fn acquire(&mut self, items: usize) -> Vec<String> {
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
        self.service.acquire(json!(batch)).await.succeeded();
        self.statements()
    }

    /// The statements of what the user asks for.
    async fn get(&mut self, path: &str) -> Vec<String> {
        let answer = self.user.get(path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        self.statements()
    }
}

/// The statements that the process ran for one acquire of so many new attributes.
async fn statements(database: &Database, user: &str, items: usize) -> Vec<String> {
    let mut logged = Logged::start(database, user).await;
    logged.acquire(items).await
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

#[tokio::test]
async fn what_a_user_is_shown_is_one_load_on_postgres_however_much_it_is() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let database = prepared(database).await;
    let mut counts = Vec::new();
    for (user, items) in [("one", 1), ("many", 35)] {
        let mut logged = Logged::start(&database, user).await;
        logged.acquire(items).await;
        let mut of_user = Vec::new();
        for path in ["attributes/", "connections/", "events/"] {
            let statements = logged.get(&format!("/api/2/account/{path}")).await;
            of_user.push(statements.len());
        }
        counts.push(of_user);
    }
    // The token and a load; of events the page besides, whose attributes are loaded for their labels.
    assert_eq!(counts, [[2, 2, 3], [2, 2, 3]]);
}

//! What only PostgreSQL has: TLS, standbys, time limits of its own, connections that it ends.

use crate::harness::{Database, Tenure, config};
use serde_json::json;
use std::time::Duration;
use tenure::{app::Config, storage::DatabaseUrl};

async fn start(change: impl FnOnce(&mut Config)) -> Option<Tenure> {
    let database = Database::postgres().await?;
    Some(Tenure::start_with(database, change).await)
}

/// Ends all connections to the database but this one.
const TERMINATE: &str = "select pg_terminate_backend(pid) from pg_stat_activity
                         where datname = current_database() and pid <> pg_backend_pid()";

#[tokio::test]
async fn connections_that_the_server_ended_cost_one_request_at_most() {
    let Some(t) = start(|_| {}).await else { return };
    let c = t.usual("ada", "oura").await;
    // So that there are several.
    let owned = |_| {
        tokio::spawn({
            let c = c.clone();
            async move { c.owned("").await.status }
        })
    };
    let at_once: Vec<_> = (0..16).map(owned).collect();
    for one in at_once {
        assert_eq!(one.await.unwrap(), 200);
    }
    t.database.run(TERMINATE).await;
    let first = c.acquire(json!([{"template":"steps"}])).await;
    assert!(matches!(first.status, 200 | 503), "{first:?}");
    for _ in 0..8 {
        c.acquire(json!([{"template":"steps"}])).await.succeeded();
    }
}

#[tokio::test]
async fn a_connection_to_what_became_a_standby_is_given_up() {
    let Some(t) = start(|_| {}).await else { return };
    let c = t.usual("ada", "oura").await;
    let set = async |mode: &str| {
        let all = "do $$ begin execute format('alter database %I set default_transaction_read_only = MODE',
                   current_database()); end $$";
        t.database
            .run(&format!(
                "set transaction_read_only = off; {}",
                all.replace("MODE", mode)
            ))
            .await;
    };
    // Sessions that begin now can read, and are refused as a standby refuses: with SQLSTATE 25006.
    set("on").await;
    t.database.run(TERMINATE).await;
    while c.owned("").await.status != 200 {}
    let refused = c.acquire(json!([{"template":"steps"}])).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(refused.header("retry-after"), "1");
    set("off").await;
    // Those sessions would refuse for ever: one of them must have been enough to give up all that were idle.
    let mut answer = c.acquire(json!([{"template":"steps"}])).await;
    if answer.status == 503 {
        answer = c.acquire(json!([{"template":"steps"}])).await;
    }
    answer.succeeded();
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_503() {
    let short = |config: &mut Config| {
        config.storage.statement_timeout = Duration::from_millis(200);
        config.grpc.request_timeout = Duration::from_secs(30);
        config.gateway.request_timeout = Duration::from_secs(30);
    };
    let Some(t) = start(short).await else { return };
    let c = t.usual("ada", "oura").await;
    let lock = t.database.lock().await;
    let answer = c.acquire(json!([{"template":"steps"}])).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    lock.end().await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    assert_eq!(t.owner("ada", "steps").await.1, 1);
}

/// How many connections of the application to this database are encrypted.
const ENCRYPTED: &str = "select count(*) from pg_stat_ssl join pg_stat_activity using (pid)
                         where datname = current_database() and application_name = 'tenure' and ssl";

#[tokio::test]
async fn connections_are_encrypted_and_the_server_is_verified_as_the_url_says() {
    #[expect(clippy::disallowed_methods, reason = "the tests have no configuration")]
    let Ok(ca) = std::env::var("TEST_DATABASE_CA") else {
        return;
    };
    let database = Database::postgres().await.unwrap();
    let with = |parameters: &str| DatabaseUrl::new(format!("{}&{parameters}", database.url()));
    let mut config = config(&database);
    config.storage.url = with("sslmode=verify-full");
    let refused = tenure::storage::open(&config.storage).await.err().unwrap();
    let reason = format!("{:#}", anyhow::Error::from(refused));
    assert!(reason.contains("certificate"), "{reason}");

    for (mode, encrypted) in [
        ("sslmode=disable".to_owned(), false),
        ("sslmode=require".to_owned(), true),
        (format!("sslmode=verify-full&sslrootcert={ca}"), true),
    ] {
        config.storage.url = with(&mode);
        let store = tenure::storage::open(&config.storage).await.unwrap();
        store.migrate().await.unwrap();
        let found = database.numbers(ENCRYPTED).await[0] > 0;
        assert_eq!(found, encrypted, "{mode}");
        drop(store);
        database.run(TERMINATE).await;
    }
}

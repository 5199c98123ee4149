//! The tables: which programs work on them, what they refuse, and what an upgrade keeps.

use crate::harness::{Database, Tenure, config, on_both_engines, tenure as run};
use serde_json::json;
use sqlx::{Connection as _, Executor as _, PgConnection};
use std::{fs, path::Path};
use tenure::{
    app::App,
    proto::{Cause, OwnershipEvent},
    storage,
};

on_both_engines! {
    the_database_refuses_a_generation_that_falls_or_stands_still,
    the_database_refuses_what_nobody_owns_and_is_active,
    a_newer_schema_is_served_as_long_as_it_is_compatible,
}

/// Runs a statement that must be refused for this reason.
async fn refused(t: &Tenure, statement: &str, reason: &str) {
    let error = t.database.try_run(statement).await.unwrap_err().to_string();
    assert!(error.contains(reason), "{error}");
}

async fn the_database_refuses_a_generation_that_falls_or_stands_still(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    for change in [
        "generation = 0",
        "owner = 'withings'",
        "generation = 0, owner = 'withings'",
    ] {
        refused(&t, &format!("update attribute set {change}"), "generation").await;
    }
    t.database
        .run("update attribute set owner = 'withings', generation = 2")
        .await;
}

async fn the_database_refuses_what_nobody_owns_and_is_active(t: Tenure) {
    let c = t.usual("ada", "oura").await;
    c.acquire(json!([{"template":"steps"}])).await.succeeded();
    let constraint = if t.database.is_postgres() {
        "check constraint"
    } else {
        "CHECK constraint"
    };
    for change in [
        "owner = null, generation = 2",
        "owner = null, owned_since = null, generation = 2",
        "owner = null, owned_since = null, active = false, pinned = true, generation = 2",
    ] {
        refused(&t, &format!("update attribute set {change}"), constraint).await;
    }
}

async fn a_newer_schema_is_served_as_long_as_it_is_compatible(t: Tenure) {
    let newer =
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
                 values (999, 'of tomorrow', true, 'x', 0)";
    let newer = if t.database.is_postgres() {
        newer.replace("'x'", "'x'::bytea")
    } else {
        newer.replace("'x'", "x'00'")
    };
    t.database.run(&newer).await;
    assert!(App::build(config(&t.database)).await.is_ok());
    let migrated = run(&t.database.url(), "migrate");
    assert!(migrated.status.success(), "{migrated:?}");

    t.database
        .run("update schema_compatibility set oldest = 998")
        .await;
    let sentence = App::build(config(&t.database))
        .await
        .err()
        .unwrap()
        .to_string();
    for part in [
        "version 999",
        "version 998 or later",
        "install a later tenure",
    ] {
        assert!(sentence.contains(part), "{sentence}");
    }
}

/// Brings an empty database to the version of an earlier program.
async fn migrate_to(database: &Database, version: &str) {
    let engine = if database.is_postgres() {
        "postgres"
    } else {
        "sqlite"
    };
    let all = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(engine);
    let some = tempfile::tempdir().unwrap();
    for step in fs::read_dir(all).unwrap() {
        let step = step.unwrap();
        if step.file_name().to_str().unwrap() <= format!("{version}~").as_str() {
            fs::copy(step.path(), some.path().join(step.file_name())).unwrap();
        }
    }
    database.migrate_by(some.path()).await;
}

/// What the program of version 3, which goes on beside a newer one, writes.
const OF_VERSION_3: &str = "
    update user_revision set revision = 3 where user_id = 'ada';
    insert into event (user_id, revision, number, attribute, from_owner, to_owner, generation, active, manual, pinned,
                       cause, actor, request_id, at)
    values ('ada', 3, 0, 'steps', null, null, 1, false, false, false, 'DEACTIVATED', 'operator', 'r', SINCE)";

/// How the program of version 4, which goes on beside a newer one, disconnects: nothing is remembered.
const OF_VERSION_4: &str = "
    update user_revision set revision = 4 where user_id = 'ada';
    insert into connection values ('ada', 'withings', 'mood_write', SINCE);
    delete from connection where user_id = 'ada' and service = 'withings'";

/// What the program of version 1 left behind: an attribute with an owner, and the connection that it needs.
const OF_VERSION_1: &str = "
    insert into user_revision values ('ada', 2);
    insert into connection values ('ada', 'oura', 'activity_write', SINCE);
    insert into attribute values ('ada', 'steps', 'steps', 'Steps', 'activity', 0, 1, false, 'oura', SINCE, true, false, 1);
    insert into event values ('ada', 2, 0, 'steps', null, 'oura', 1, true, false, false, 'ACQUIRED', 'operator', 'r', SINCE);
    insert into catalog_entry values ('service', 'oura', '{\"name\":\"oura\",\"label\":\"Oura\",\"provides\":[]}')";

async fn what_an_earlier_version_wrote_is_kept(database: Database) {
    migrate_to(&database, "0001").await;
    let since = if database.is_postgres() { "now()" } else { "0" };
    database.run(&OF_VERSION_1.replace("SINCE", since)).await;
    if database.is_postgres() {
        let sentence = App::build(config(&database))
            .await
            .err()
            .unwrap()
            .to_string();
        assert!(
            sentence.contains("schema is version 1") && sentence.contains("run 'tenure migrate'"),
            "{sentence}"
        );
    }
    assert!(run(&database.url(), "migrate").status.success());
    let t = Tenure::start(database).await;
    assert_eq!(t.owner("ada", "steps").await, (Some("oura".to_owned()), 1));
    let inside = t.inside().await;
    let before = inside.watch_all().await.cursor;
    t.database.run(&OF_VERSION_3.replace("SINCE", since)).await;
    let told = inside.all_events("ada").await;
    let causes: Vec<_> = told.iter().map(OwnershipEvent::cause).collect();
    assert_eq!(causes, [Cause::Acquired, Cause::Deactivated]);
    let mut watch = inside.watch_from(&before).await.unwrap();
    assert_eq!(watch.event().await, told[1]);
    t.database.run(&OF_VERSION_4.replace("SINCE", since)).await;
    t.connect("ada", "oura", "mood_write").await;
    t.disconnect("ada", "oura").await;
    let kept = "select count(*) from withdrawal where disconnected_at is not null and narrowed_at is not null";
    assert_eq!(t.database.numbers(kept).await, [1]);
}

#[tokio::test]
async fn what_an_earlier_version_wrote_is_kept_on_sqlite() {
    what_an_earlier_version_wrote_is_kept(Database::sqlite()).await;
}

#[tokio::test]
async fn what_an_earlier_version_wrote_is_kept_on_postgres() {
    if let Some(database) = Database::postgres().await {
        what_an_earlier_version_wrote_is_kept(database).await;
    }
}

/// A commit as the program of version 3 makes it: the user's revision comes first, and then the event.
const COMMIT_OF_VERSION_3: [&str; 2] = [
    "begin; insert into user_revision values ('ada', 1)",
    "insert into event values ('ada', 1, 0, 'steps', null, null, 0, false, true, false, 'CREATED', 'operator', 'r', now());
     commit",
];

#[tokio::test]
async fn a_commit_that_is_under_way_and_the_migration_do_not_wait_for_each_other() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    migrate_to(&database, "0003").await;
    let mut writer = PgConnection::connect(&database.url()).await.unwrap();
    writer.execute(COMMIT_OF_VERSION_3[0]).await.unwrap();
    let store = storage::open(&config(&database).storage).await.unwrap();
    let migrating = tokio::spawn(async move { store.migrate().await });
    let waits =
        "select count(*) from pg_locks where not granted and relation = 'user_revision'::regclass";
    while database.numbers(waits).await == [0] {
        tokio::task::yield_now().await;
    }
    writer.execute(COMMIT_OF_VERSION_3[1]).await.unwrap();
    migrating.await.unwrap().unwrap();
    let placed = "select count(*) from event where position > 0";
    assert_eq!(database.numbers(placed).await, [1]);
}

/// The statements of the changelog's first block of SQL.
fn told_to_operators() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("CHANGELOG.md");
    let text = fs::read_to_string(path).unwrap();
    let block = text.split("```sql\n").nth(1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

#[tokio::test]
async fn what_the_changelog_has_operators_run_beforehand_is_not_done_again() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    migrate_to(&database, "0003").await;
    database.run(&COMMIT_OF_VERSION_3.join(";")).await;
    for statement in told_to_operators().split_inclusive(";\n") {
        database.run(statement).await;
    }
    let made = "select oid::bigint from pg_class where relname = 'event_by_position'";
    let before = database.numbers(made).await;
    assert!(run(&database.url(), "migrate").status.success());
    assert_eq!(database.numbers(made).await, before);
    assert_eq!(before.len(), 1);
}

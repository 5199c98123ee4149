//! When the database does not answer, or others are always first: 503, 504, and nothing half done.

use crate::harness::{Database, Tenure};
use serde_json::json;
use std::time::Duration;

/// Runs a case on both engines, with a Tenure whose patience is short.
macro_rules! impatient {
    ($case:ident, $acquire:expr, $request:expr) => {
        mod $case {
            use super::*;

            fn change(config: &mut tenure::app::Config) {
                config.storage.acquire_timeout = $acquire;
                config.grpc.request_timeout = $request;
                config.gateway.request_timeout = $request;
            }

            #[tokio::test]
            async fn on_sqlite() {
                super::$case(Tenure::start_with(Database::sqlite(), change).await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                if let Some(database) = Database::postgres().await {
                    super::$case(Tenure::start_with(database, change).await).await;
                }
            }
        }
    };
}

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(300);

impatient!(a_request_over_the_time_limit_is_504, LONG, SHORT);
impatient!(too_many_lost_races_are_503, LONG, LONG);
impatient!(a_store_out_of_reach_is_503_and_recovers, SHORT, LONG);

async fn a_request_over_the_time_limit_is_504(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let lock = t.database.lock().await;
    let answer = c.acquire(json!([{"template":"mood"}])).await;
    assert_eq!(answer.status, 504, "{answer:?}");
    assert_ne!(answer.detail(), "");
    lock.end().await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
    assert_eq!(t.owner("ada", "mood").await.1, 1);
}

async fn too_many_lost_races_are_503(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    // Whoever commits finds that somebody else was first.
    let always_lost = if t.database.is_postgres() {
        "create function lose() returns trigger language plpgsql as 'begin return null; end';
         create trigger lose before update on user_revision for each row execute function lose()"
    } else {
        "create trigger lose before update on user_revision begin select raise(ignore); end"
    };
    t.database.run(always_lost).await;
    let before = t.snapshot("ada").await;
    for answer in [
        c.acquire(json!([{"template":"mood"}])).await,
        c.acquire(json!([{"template":"mood"},{}])).await,
    ] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        assert_ne!(answer.detail(), "");
    }
    assert_eq!(t.snapshot("ada").await, before);
    let on = if t.database.is_postgres() {
        " on user_revision"
    } else {
        ""
    };
    t.database.run(&format!("drop trigger lose{on}")).await;
    c.acquire(json!([{"template":"mood"}])).await.succeeded();
}

async fn a_store_out_of_reach_is_503_and_recovers(t: Tenure) {
    let c = t.usual("ada", "test500").await;
    let before = t.snapshot("ada").await;
    let outage = t.database.outage().await;
    for answer in [
        c.acquire(json!([{"template":"mood"}])).await,
        c.acquire(json!([{"template":"mood"}])).await,
    ] {
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
        assert!(!answer.text.contains("success"), "{answer:?}");
    }
    outage.end().await;
    // Connections that were lost may show it once each, and no request is answered 200 for nothing.
    let first = async {
        loop {
            let answer = c.acquire(json!([{"template":"mood"}])).await;
            if answer.status != 503 {
                break answer;
            }
        }
    };
    tokio::time::timeout(LONG, first).await.unwrap().succeeded();
    assert_ne!(t.snapshot("ada").await, before);
    assert_eq!(t.owner("ada", "mood").await.1, 1);
}

//! When a service last lost of what was granted to it.

use super::{all, at, conformance, connection, empty};
use crate::harness::{id, name};
use std::sync::Arc;
use tenure::{
    domain::{change::Change, name::ServiceName, withdrawal::Withdrawal},
    storage::{Error, Selection, Store},
};

conformance!(
    a_withdrawal_is_kept_and_replaced_and_stays_without_a_connection,
    a_stale_commit_withdraws_nothing,
    changes_at_one_time_withdraw_each_of_its_own_user,
);

fn withdrawal(
    service: &str,
    disconnected: Option<i64>,
    narrowed: Option<i64>,
) -> (ServiceName, Withdrawal) {
    let withdrawal = Withdrawal {
        disconnected_at: disconnected.map(at),
        narrowed_at: narrowed.map(at),
    };
    (name(service), withdrawal)
}

async fn withdraw(
    store: &Arc<dyn Store>,
    revision: i64,
    withdrawals: Vec<(ServiceName, Withdrawal)>,
) {
    let change = Change {
        withdrawals,
        ..empty(revision)
    };
    store.commit(&id("ada"), change).await.unwrap();
}

async fn a_withdrawal_is_kept_and_replaced_and_stays_without_a_connection(store: Arc<dyn Store>) {
    let change = Change {
        connections: vec![connection("oura", "mood_write")],
        withdrawals: vec![withdrawal("oura", None, Some(5))],
        ..empty(0)
    };
    store.commit(&id("ada"), change).await.unwrap();
    let state = all(&store, &id("ada")).await;
    let expected = [withdrawal("oura", None, Some(5))];
    assert_eq!(state.withdrawals, expected.into_iter().collect());
    let change = Change {
        disconnected: vec![name("oura")],
        withdrawals: vec![
            withdrawal("oura", Some(7), Some(5)),
            withdrawal("withings", Some(8), None),
        ],
        ..empty(1)
    };
    store.commit(&id("ada"), change.clone()).await.unwrap();
    // Whatever is loaded of the attributes.
    let expected = change.withdrawals.into_iter().collect();
    for selection in [
        Selection::Named(Vec::new()),
        Selection::OwnedBy(name("oura")),
        Selection::All,
    ] {
        let state = store.load(&id("ada"), &selection).await.unwrap().state;
        assert_eq!(state.withdrawals, expected);
        assert!(state.connections.is_empty());
        assert_eq!(state.revision, 2);
    }
    assert!(all(&store, &id("grace")).await.withdrawals.is_empty());
}

async fn a_stale_commit_withdraws_nothing(store: Arc<dyn Store>) {
    withdraw(&store, 0, vec![withdrawal("oura", None, Some(5))]).await;
    let before = all(&store, &id("ada")).await;
    let change = Change {
        withdrawals: vec![withdrawal("oura", Some(9), None)],
        ..empty(0)
    };
    let refused = store.commit(&id("ada"), change).await;
    assert!(matches!(refused, Err(Error::Stale)), "{refused:?}");
    assert_eq!(all(&store, &id("ada")).await, before);
}

async fn changes_at_one_time_withdraw_each_of_its_own_user(store: Arc<dyn Store>) {
    let commits: Vec<_> = (0..16_i64)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                // Every other one withdraws nothing.
                let withdrawn = (n % 2 == 0).then(|| withdrawal("oura", Some(n), None));
                let change = Change {
                    connections: vec![connection("withings", "")],
                    withdrawals: withdrawn.into_iter().collect(),
                    ..empty(0)
                };
                store.commit(&id(&format!("user{n}")), change).await
            })
        })
        .collect();
    for commit in commits {
        commit.await.unwrap().unwrap();
    }
    for n in 0..16_i64 {
        let state = all(&store, &id(&format!("user{n}"))).await;
        let expected = (n % 2 == 0).then(|| withdrawal("oura", Some(n), None));
        assert_eq!(state.withdrawals, expected.into_iter().collect());
    }
}

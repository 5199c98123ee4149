//! The user and services at once: whoever decides on what is not so any more has decided nothing.

use super::{Stub, User, ada};
use crate::{
    harness::{Beside, Client, Tenure, on_both_engines},
    registry::reason,
};
use futures_util::future::{join, join_all};
use serde_json::json;
use tenure::proto::{Cause, OwnershipEvent};

on_both_engines! {
    #[tokio::test(flavor = "multi_thread")]
    of_those_who_decide_on_the_same_at_most_one_has_decided,
}

const ROUNDS: usize = 12;
const CHOICES: usize = 16;

/// In each round the user decides many times on one and the same, over two instances, and services acquire meanwhile.
async fn of_those_who_decide_on_the_same_at_most_one_has_decided(t: Tenure) {
    let (user, c) = ada(&t).await;
    let beside = Beside::start(&t).await;
    let stub = Stub::connect(format!("http://{}", beside.addresses.grpc));
    let there = User {
        stub: stub.await.unwrap(),
        token: user.token.clone(),
    };
    let users = [user, there];
    let oura = t.usual("ada", "oura").await;
    let rivals = [t.addresses, beside.addresses].map(|at| Client::new(at, oura.token.clone()));
    let steps = json!([{"name":"steps"}]);
    let (mut decided, mut chosen) = (0, Vec::new());
    for round in 0..ROUNDS {
        c.acquire(steps.clone()).await.succeeded();
        let seen = users[round % 2].sees("steps").await;
        let choices = (0..CHOICES).map(|number| {
            let service = ["oura", "withings"][number / 2 % 2];
            let by = &users[number % 2];
            by.set_owner("steps", service, Some(false), &seen.etag)
        });
        // Not in all rounds, or the user would seldom be the first.
        let takes = rivals.iter().take(round % 3);
        let takes = takes.map(|rival| rival.acquire(steps.clone()));
        let (choices, takes) = join(join_all(choices), join_all(takes)).await;
        for take in takes {
            take.succeeded();
        }
        let mut won = 0;
        for choice in choices {
            match choice {
                Ok((attribute, revision)) => {
                    won += 1;
                    chosen.push((revision, attribute.attribute.unwrap().generation));
                }
                Err(status) => assert_eq!(reason(&status), "CHANGED_MEANWHILE"),
            }
        }
        assert!(won <= 1, "{won} in round {round}");
        assert!(won == 1 || round % 3 > 0, "nobody else was there");
        decided += won;
        if let Some((_, generation)) = chosen.last().filter(|_| won == 1) {
            let before = seen.attribute.unwrap().generation;
            assert_eq!(*generation, before + 1, "it was what the user saw");
        }
    }
    let events = t.inside().await.all_events("ada").await;
    let of_user = events.iter().filter(|e| e.cause() == Cause::UserChoice);
    let of_user: Vec<_> = of_user.map(|e| (e.revision, e.generation)).collect();
    assert_eq!(of_user, chosen, "{decided} decided");
    let moves = events.iter().filter(|event| event.from != event.to);
    let generations: Vec<_> = moves.map(|event| event.generation).collect();
    let whole: Vec<_> = (1..).take(generations.len()).collect();
    assert_eq!(generations, whole);
    assert!(one_after_the_other(&events), "{events:#?}");
}

/// Each owner follows the one before.
fn one_after_the_other(events: &[OwnershipEvent]) -> bool {
    events.windows(2).all(|pair| pair[0].to == pair[1].from)
}

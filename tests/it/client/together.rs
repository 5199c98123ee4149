//! Writes of several attributes in one transaction, and what else a service that stores values asks.

use super::{Case, Fence, GuardOptions, always_asking, not_owner, steps};
use crate::harness::{Tenure, on_both_engines};
use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};
use tenure::{
    client::{Holder, Refusal, Target, Tried, ValueType, WriteError},
    domain::internal::Role,
};

on_both_engines! {
    each_attribute_has_its_fence_or_its_refusal,
    what_was_fenced_is_tried_once_more_with_all_the_others,
    without_a_second_try_the_others_are_written,
    a_write_that_is_fenced_for_ever_ends,
    what_was_overtaken_is_told,
    a_token_and_an_attribute_are_told_as_they_are,
}

type Outcomes = Vec<Result<i64, Refusal>>;

fn generations(outcomes: &[Result<Fence, Refusal>]) -> Outcomes {
    let generation = |outcome: &Result<Fence, Refusal>| match outcome {
        Ok(fence) => Ok(fence.generation),
        Err(refusal) => Err(refusal.clone()),
    };
    outcomes.iter().map(generation).collect()
}

fn mood() -> Target {
    Target {
        attribute: "mood".into(),
        ..steps("oura")
    }
}

async fn each_attribute_has_its_fence_or_its_refusal(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("oura").await;
    let guard = case.guard(GuardOptions::default()).await;
    let targets = [steps("withings"), steps("oura"), mood(), steps("oura")];
    for _ in 0..2 {
        let write = async |outcomes: Vec<_>| Ok(Tried::Done(generations(&outcomes)));
        let done: Result<_, WriteError<Infallible>> = guard.write_all(&targets, write).await;
        let expected = [
            Err(not_owner(Some("oura"))),
            Ok(1),
            Err(Refusal::NoSuchAttribute),
            Ok(1),
        ];
        assert_eq!(done.unwrap(), expected);
    }
    let write = async |outcomes: Vec<_>| Ok(Tried::Done(outcomes.len()));
    let none: Result<_, WriteError<Infallible>> = guard.write_all(&[], write).await;
    assert_eq!(none.unwrap(), 0);
}

/// Ownership goes and comes back after the first check: what the write is handed each time it is run, where the first
/// run, and so many after it, are fenced.
async fn run(case: Case, options: GuardOptions, fenced: usize) -> Vec<Outcomes> {
    case.acquire("oura").await;
    let guard = case.guard(options).await;
    let (case, runs) = (Arc::new(case), Arc::new(Mutex::new(Vec::new())));
    let write = |outcomes: Vec<Result<Fence, Refusal>>| {
        let (case, runs) = (Arc::clone(&case), Arc::clone(&runs));
        async move {
            let number = {
                let mut runs = runs.lock().unwrap();
                runs.push(generations(&outcomes));
                runs.len()
            };
            if number == 1 {
                case.acquire("withings").await;
                case.acquire("oura").await;
            }
            let is_fenced = number <= fenced && outcomes[1].is_ok();
            Ok::<_, Infallible>(if is_fenced {
                Tried::Fenced(vec![1])
            } else {
                Tried::Done(())
            })
        }
    };
    let targets = [mood(), steps("oura")];
    guard.write_all(&targets, write).await.unwrap();
    runs.lock().unwrap().clone()
}

async fn what_was_fenced_is_tried_once_more_with_all_the_others(t: Tenure) {
    let runs = run(Case::new(t).await, GuardOptions::default(), 1).await;
    let unknown = || Err(Refusal::NoSuchAttribute);
    assert_eq!(runs, [[unknown(), Ok(1)], [unknown(), Ok(3)]]);
}

async fn without_a_second_try_the_others_are_written(t: Tenure) {
    let options = GuardOptions {
        retry_fenced: false,
        ..always_asking()
    };
    let runs = run(Case::new(t).await, options, 1).await;
    assert_eq!(runs.len(), 2);
    assert_eq!(runs[1][1], Err(Refusal::Fenced { generation: 3 }));
}

async fn a_write_that_is_fenced_for_ever_ends(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("oura").await;
    let guard = case.guard(GuardOptions::default()).await;
    // A write that says so of what it was not to write.
    let write = async |_| Ok::<_, Infallible>(Tried::<()>::Fenced(vec![7]));
    let refused = guard.write_all(&[steps("oura")], write).await;
    assert!(
        matches!(refused, Err(WriteError::Refused(Refusal::Fenced { .. }))),
        "{refused:?}"
    );
    let runs = run(case, GuardOptions::default(), usize::MAX).await;
    assert_eq!(runs.len(), 3);
    assert_eq!(runs[2][1], Err(Refusal::Fenced { generation: 3 }));
}

async fn what_was_overtaken_is_told(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("oura").await;
    let guard = case.guard(GuardOptions::default()).await;
    let fence = case.write(&guard, "oura", 1).await.unwrap();
    let targets = [steps("withings"), mood(), steps("oura")];
    // What was not to be written is not asked about.
    let outcomes = [Err(Refusal::Inactive), Ok(fence), Ok(fence)];
    let overtaken = async || guard.overtaken(&targets, &outcomes).await.unwrap();
    assert_eq!(overtaken().await, [1]);
    case.acquire("withings").await;
    assert_eq!(overtaken().await, [1, 2]);
    case.acquire("oura").await;
    assert_eq!(overtaken().await, [1, 2]);
    assert!(guard.overtaken(&[], &[]).await.unwrap().is_empty());
}

async fn a_token_and_an_attribute_are_told_as_they_are(t: Tenure) {
    let case = Case::new(t).await;
    case.acquire("oura").await;
    let client = case.client().await;
    let of = |token: String| {
        let client = &client;
        async move { client.introspect(&token, false).await.unwrap() }
    };
    let token = case.t.issue("ada", "oura", Some("activity_write")).await;
    let bearer = of(token).await.unwrap();
    let holder = Holder::Service {
        service: "oura".to_owned(),
        user: "ada".to_owned(),
    };
    assert_eq!(bearer.holder, holder);
    assert!(bearer.grants("activity_write") && !bearer.grants("mood_write"));
    let own = of(case.t.own("ada").await).await.unwrap();
    assert_eq!(own.holder, Holder::User("ada".to_owned()));
    let internal = of(case.t.internal(Role::Reader).await).await.unwrap();
    assert_eq!(internal.holder, Holder::Internal("values".to_owned()));
    assert_eq!(of("junk".to_owned()).await, None);

    case.t.switch("ada", "steps", false).await;
    let found = client.attributes("ada", ["steps", "nope", "No name"]).await;
    let [steps] = found.unwrap().try_into().unwrap();
    assert_eq!(steps.owner.as_deref(), Some("oura"));
    assert_eq!((steps.generation, steps.active), (1, false));
    assert_eq!((steps.group.as_str(), steps.manual), ("activity", false));
    assert_eq!(steps.value_type, ValueType::Integer);
    assert!(bearer.may_write(&steps) && !bearer.may_read(&steps));
    let nothing: [&str; 0] = [];
    assert!(client.attributes("ada", nothing).await.unwrap().is_empty());
}

//! Many at once, on two instances: whatever was answered, written and recorded is explained by one order.

mod checker;
mod crowd;
mod doctored;
mod history;

use crate::{
    harness::{Tenure, on_both_engines},
    model::{AcquireItem, Catalog, List, Modes, Operation, Own, ReleaseItem, SERVICES, Wish},
};
use crowd::{Crowd, Subject, USER, last_token};
use proptest::{
    bool::weighted,
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::{select, subsequence},
    strategy::ValueTree as _,
    test_runner::TestRunner,
};
use std::sync::Arc;
use tenure::app::Config;

on_both_engines! {
    #[tokio::test(flavor = "multi_thread")]
    one_attribute_has_one_history,
    thirty_five_attributes_in_any_order_have_one_history,
    each_user_has_one_history,
}

on_both_engines! {
    #[tokio::test(flavor = "multi_thread")]
    with super::one_statement_a_request: an_instance_that_gathers_and_one_that_does_not_have_one_history,
}

fn one_statement_a_request(config: &mut Config) {
    config.storage.batch = 1;
}

async fn an_instance_that_gathers_and_one_that_does_not_have_one_history(t: Tenure) {
    each_user_has_one_history(t).await;
}

/// How many call at once.
const TASKS: usize = 64;

const SCOPES: &str = "activity_write mood_write";

/// Random values: what is raced cannot be repeated anyway.
fn draw<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>) -> T {
    let tree = strategy.new_tree(&mut TestRunner::default());
    tree.unwrap().current()
}

fn acquire(service: &str, templates: Vec<(String, Option<bool>)>) -> Operation {
    let item = |(template, manual)| AcquireItem {
        template: Some(template),
        manual,
        ..AcquireItem::default()
    };
    Operation::Acquire {
        token: last_token(service),
        items: templates.into_iter().map(item).collect(),
        modes: Modes::default(),
    }
}

fn release(service: &str, names: Vec<String>) -> Operation {
    let item = |name| ReleaseItem {
        name: Some(name),
        ..ReleaseItem::default()
    };
    Operation::Release {
        token: last_token(service),
        items: names.into_iter().map(item).collect(),
        modes: Modes::default(),
    }
}

fn list(service: &str) -> Operation {
    Operation::List {
        token: last_token(service),
        list: List {
            groups: Vec::new(),
            attributes: Vec::new(),
            exclude_custom: false,
            manual: None,
            include_inactive: true,
            include_low_priority: true,
            page_size: 100,
            skip: 0,
        },
    }
}

/// What a service, or the user, does with some of these.
fn deed_of(who: &'static str, names: Vec<String>, least: usize) -> BoxedStrategy<Operation> {
    if who == USER {
        decision(names).boxed()
    } else {
        deed_of_service(who, names, least).boxed()
    }
}

/// What the user decides about one of these. Pins are soon taken out: nothing is raced for under one.
fn decision(names: Vec<String>) -> impl Strategy<Value = Operation> {
    let service = prop_oneof![5 => select(SERVICES.to_vec()), 1 => Just("")];
    let owner = (service, option::weighted(0.5, weighted(0.2)));
    let ranking = subsequence(SERVICES.to_vec(), 0..=SERVICES.len()).prop_shuffle();
    let texts = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    let wish = (select(names), owner, ranking, 0..10).prop_map(
        move |(attribute, (service, pinned), ranking, which)| match which {
            0..4 => Wish::SetOwner {
                attribute,
                pinned: pinned.filter(|_| !service.is_empty()),
                service: service.to_owned(),
                seen: None,
            },
            4 => Wish::SetActive {
                attribute,
                active: service.is_empty(),
                seen: None,
            },
            5..7 => Wish::SetPinned {
                attribute,
                pinned: pinned == Some(true),
                seen: None,
            },
            7..9 => Wish::SetSuccession {
                attribute,
                services: texts(ranking),
                seen: None,
            },
            _ => Wish::ListUserAttributes {
                attributes: vec![attribute],
            },
        },
    );
    wish.prop_map(|wish| Operation::Own(Own { token: None, wish }))
}

/// What a service does with some of these, in some order.
fn deed_of_service(
    service: &'static str,
    names: Vec<String>,
    least: usize,
) -> impl Strategy<Value = Operation> {
    let most = names.len();
    let some = (Just(names).prop_shuffle(), least..=most);
    let some = some.prop_map(|(names, count)| names[..count].to_vec());
    let manual = vec(
        prop_oneof![2 => Just(None), 1 => any::<Option<bool>>()],
        most,
    );
    prop_oneof![
        6 => (some.clone(), manual).prop_map(move |(names, manual)| {
            acquire(service, names.into_iter().zip(manual).collect())
        }),
        3 => some.prop_map(move |names| release(service, names)),
        1 => Just(()).prop_map(move |()| list(service)),
    ]
}

/// Narrows, widens, disconnects, connects and switches.
async fn interfere(crowd: &Crowd, subject: &Subject, rounds: usize) {
    for _ in 0..rounds {
        let service = draw(select(SERVICES.to_vec()));
        for scopes in ["mood_write manual_write", SCOPES] {
            let (service, scopes) = (service.to_owned(), Some(scopes.to_owned()));
            let connect = Operation::Connect { service, scopes };
            crowd.operate(subject, connect).await;
            for on in [false, true] {
                let attribute = "steps".to_owned();
                crowd
                    .operate(subject, Operation::Switch { attribute, on })
                    .await;
            }
        }
        let service = draw(select(SERVICES.to_vec()));
        let disconnect = Operation::Disconnect {
            service: service.to_owned(),
        };
        crowd.operate(subject, disconnect).await;
        crowd.connect(subject, service, SCOPES).await;
    }
}

/// All tasks at once: each makes its calls one after the other.
async fn race(crowd: &Arc<Crowd>, tasks: Vec<Vec<(Arc<Subject>, &'static str, Operation)>>) {
    let racing: Vec<_> = tasks
        .into_iter()
        .map(|calls| {
            let crowd = crowd.clone();
            tokio::spawn(async move {
                for (subject, service, operation) in calls {
                    crowd.call(&subject, service, operation).await;
                }
            })
        })
        .collect();
    for task in racing {
        task.await.unwrap();
    }
}

/// Each service, and for one task of eight the user.
fn caller(task: usize) -> &'static str {
    if task % 8 == 7 {
        USER
    } else {
        SERVICES[task % SERVICES.len()]
    }
}

async fn one_attribute_has_one_history(t: Tenure) {
    let crowd = Arc::new(Crowd::new(t).await);
    let ada = Arc::new(crowd.subject("ada", SCOPES).await);
    let steps = vec!["steps".to_owned()];
    let calls = |task| {
        let service = caller(task);
        let operations = draw(vec(deed_of(service, steps.clone(), 1), 30));
        let calls = operations.into_iter();
        calls
            .map(|operation| (ada.clone(), service, operation))
            .collect()
    };
    let tasks = (0..TASKS).map(calls).collect();
    tokio::join!(race(&crowd, tasks), interfere(&crowd, &ada, 24));
    let crowd = Arc::into_inner(crowd).unwrap();
    crowd.end(&[Arc::into_inner(ada).unwrap()]).await;
}

async fn thirty_five_attributes_in_any_order_have_one_history(t: Tenure) {
    let catalog = Catalog::new();
    let templates: Vec<_> = catalog.templates.keys().take(35).cloned().collect();
    let groups = catalog.groups.keys().map(|group| format!("{group}_write"));
    let scopes = groups.collect::<Vec<_>>().join(" ");
    let crowd = Arc::new(Crowd::new(t).await);
    let ada = Arc::new(crowd.subject("ada", &scopes).await);
    let calls = |task| {
        let service = caller(task);
        let operations = draw(vec(deed_of(service, templates.clone(), 30), 4));
        let calls = operations.into_iter();
        calls
            .map(|operation| (ada.clone(), service, operation))
            .collect()
    };
    race(&crowd, (0..TASKS).map(calls).collect()).await;
    let crowd = Arc::into_inner(crowd).unwrap();
    crowd.end(&[Arc::into_inner(ada).unwrap()]).await;
}

async fn each_user_has_one_history(t: Tenure) {
    let crowd = Arc::new(Crowd::new(t).await);
    let mut subjects = Vec::new();
    for name in ["ada", "bob", "cyd", "dan", "eve", "fay"] {
        subjects.push(Arc::new(crowd.subject(name, SCOPES).await));
    }
    let names = ["steps", "steps_elevation", "mood", "mood_note"].map(str::to_owned);
    let calls = |task| {
        let service = caller(task);
        let operations = draw(vec(
            (
                select(subjects.clone()),
                deed_of(service, names.to_vec(), 1),
            ),
            20,
        ));
        let calls = operations.into_iter();
        calls
            .map(|(subject, operation)| (subject, service, operation))
            .collect()
    };
    let tasks = (0..TASKS).map(calls).collect();
    let interfering = async {
        for subject in &subjects {
            interfere(&crowd, subject, 2).await;
        }
    };
    tokio::join!(race(&crowd, tasks), interfering);
    let subjects: Vec<_> = subjects
        .into_iter()
        .map(|s| Arc::into_inner(s).unwrap())
        .collect();
    Arc::into_inner(crowd).unwrap().end(&subjects).await;
}

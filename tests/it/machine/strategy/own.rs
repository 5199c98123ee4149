//! What users do with a token of their own.

use super::{service, token};
use crate::model::{AcquireItem, Modes, Operation, Own, ReleaseItem, SERVICES, TokenRef, Wish};
use proptest::{
    option,
    prelude::{Just, Strategy, any, prop_oneof},
    sample::{select, subsequence},
};

pub fn operation() -> impl Strategy<Value = Operation> {
    let token = option::weighted(0.06, token());
    (token, wish()).prop_map(|(token, wish)| Operation::Own(Own { token, wish }))
}

/// What seldom comes about by itself: each of these makes first what its last step is about.
pub fn scene() -> impl Strategy<Value = Vec<Operation>> {
    let all = Just(SERVICES.map(str::to_owned).to_vec()).prop_shuffle();
    let pinned = option::weighted(0.7, any::<bool>());
    (0..5, service(), all, pinned).prop_map(|(which, service, all, pinned)| {
        let (takes, other) = (acquire(&service), all[0].clone());
        match which {
            0 => vec![
                own(rank(all.clone())),
                takes,
                own(rank(all)),
                own(leave(service)),
            ],
            1 => vec![own(rank(all)), takes, release(&service)],
            2 => vec![takes, release(&service), own(give(service, None))],
            3 => vec![
                own(give(String::new(), None)),
                own(switch(true)),
                own(pin(true)),
            ],
            _ => vec![
                takes,
                own(pin(true)),
                own(give(other, pinned)),
                own(give(service, Some(false))),
            ],
        }
    })
}

fn own(wish: Wish) -> Operation {
    Operation::Own(Own { token: None, wish })
}

const STEPS: &str = "steps";

fn give(service: String, pinned: Option<bool>) -> Wish {
    Wish::SetOwner {
        attribute: STEPS.to_owned(),
        service,
        pinned,
        seen: None,
    }
}

fn switch(active: bool) -> Wish {
    Wish::SetActive {
        attribute: STEPS.to_owned(),
        active,
        seen: None,
    }
}

fn pin(pinned: bool) -> Wish {
    Wish::SetPinned {
        attribute: STEPS.to_owned(),
        pinned,
        seen: None,
    }
}

fn rank(services: Vec<String>) -> Wish {
    Wish::SetSuccession {
        attribute: STEPS.to_owned(),
        services,
        seen: None,
    }
}

fn leave(service: String) -> Wish {
    Wish::Disconnect {
        service,
        validate_only: false,
        seen: None,
    }
}

fn last_token(service: &str) -> TokenRef {
    TokenRef {
        service: Some(service.to_owned()),
        back: 0,
    }
}

fn acquire(service: &str) -> Operation {
    Operation::Acquire {
        token: last_token(service),
        items: vec![AcquireItem {
            template: Some(STEPS.to_owned()),
            manual: Some(false),
            ..AcquireItem::default()
        }],
        modes: Modes::default(),
    }
}

fn release(service: &str) -> Operation {
    Operation::Release {
        token: last_token(service),
        items: vec![ReleaseItem {
            name: Some(STEPS.to_owned()),
            ..ReleaseItem::default()
        }],
        modes: Modes::default(),
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    prop_oneof![
        6 => set_owner(),
        2 => (attribute(), any::<bool>(), seen()).prop_map(|(attribute, active, seen)| {
            Wish::SetActive { attribute, active, seen }
        }),
        4 => (attribute(), proptest::bool::weighted(0.7), seen()).prop_map(|(attribute, pinned, seen)| {
            Wish::SetPinned { attribute, pinned, seen }
        }),
        4 => (attribute(), ranking(), seen()).prop_map(|(attribute, services, seen)| {
            Wish::SetSuccession { attribute, services, seen }
        }),
        2 => disconnect(),
        1 => subsequence(vec!["steps", "mood", "my_tag", "nope", "No name"], 0..=3).prop_map(|names| {
            let attributes = names.into_iter().map(str::to_owned).collect();
            Wish::ListUserAttributes { attributes }
        }),
        1 => Just(Wish::ListConnections {}),
        1 => (option::weighted(0.5, attribute()), 1..=4).prop_map(|(attribute, page_size)| {
            Wish::ListEvents { attribute: attribute.unwrap_or_default(), page_size }
        }),
    ]
}

/// Mostly what there is.
fn attribute() -> impl Strategy<Value = String> {
    prop_oneof![30 => Just("steps"), 8 => Just("mood"), 3 => Just("my_tag"), 1 => Just("nope")]
        .prop_map(str::to_owned)
}

fn set_owner() -> impl Strategy<Value = Wish> {
    let service = prop_oneof![
        16 => service(),
        3 => Just(String::new()),
        1 => Just("nobody".to_owned()),
    ];
    let pinned = option::weighted(0.4, any::<bool>());
    (attribute(), service, pinned, seen()).prop_map(|(attribute, service, pinned, seen)| {
        Wish::SetOwner {
            attribute,
            service,
            pinned,
            seen,
        }
    })
}

/// Some of all services in some order, seldom with one that there is not, or one twice.
fn ranking() -> impl Strategy<Value = Vec<String>> {
    let some = subsequence(SERVICES.to_vec(), 0..=SERVICES.len()).prop_shuffle();
    let more = option::weighted(0.08, select(vec!["nobody", "oura"]));
    let any = (some, more).prop_map(|(some, more)| some.into_iter().chain(more).collect());
    // So the same comes again.
    let texts = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    prop_oneof![2 => any, 1 => Just(vec!["withings", "oura"])].prop_map(texts)
}

fn disconnect() -> impl Strategy<Value = Wish> {
    let flag = proptest::bool::weighted(0.4);
    (service(), flag, seen()).prop_map(|(service, validate_only, seen)| Wish::Disconnect {
        service,
        validate_only,
        seen,
    })
}

/// Mostly whatever it is, else what it is now or was.
fn seen() -> impl Strategy<Value = Option<usize>> {
    prop_oneof![4 => Just(None), 2 => Just(Some(0)), 1 => (1..=3_usize).prop_map(Some)]
}

//! What users do themselves.

use super::{ADA, attribute, service, token};
use crate::{
    machine::script::Step,
    model::{Operation, Sight, TokenRef, Wish},
};
use proptest::{
    collection::vec,
    option,
    prelude::{Just, Strategy, any, prop_oneof},
};

/// A step that gives ada a token of her own.
pub fn token_of_their_own() -> Step {
    Step {
        user: ADA.to_owned(),
        operation: Operation::Issue {
            service: None,
            scopes: None,
        },
    }
}

pub fn operation() -> impl Strategy<Value = Operation> {
    let decide = (own(), attribute(), wish(), seen());
    let decide = decide.prop_map(|(token, attribute, wish, seen)| Operation::Decide {
        token,
        attribute,
        wish,
        seen,
    });
    let leave = (own(), service(), any::<bool>(), seen());
    let leave = leave.prop_map(|(token, service, preview, seen)| Operation::Leave {
        token,
        service,
        preview,
        seen,
    });
    prop_oneof![
        12 => decide,
        2 => leave,
        3 => own().prop_map(|token| Operation::Account { token }),
    ]
}

/// Mostly the user's own, else any.
fn own() -> impl Strategy<Value = TokenRef> {
    let own = TokenRef {
        service: None,
        back: 0,
    };
    prop_oneof![15 => Just(own), 1 => token()]
}

fn seen() -> impl Strategy<Value = Sight> {
    prop_oneof![3 => Just(Sight::None), 3 => Just(Sight::Now), 1 => Just(Sight::Before)]
}

fn wish() -> impl Strategy<Value = Wish> {
    let any_service = || prop_oneof![20 => service(), 1 => Just("nobody".to_owned())];
    let chosen = prop_oneof![9 => any_service(), 1 => Just(String::new())];
    let pinned = option::weighted(0.5, any::<bool>());
    prop_oneof![
        6 => (chosen, pinned).prop_map(|(service, pinned)| Wish::Owner { service, pinned }),
        3 => any::<bool>().prop_map(Wish::Active),
        3 => proptest::bool::weighted(0.6).prop_map(Wish::Pinned),
        4 => vec(any_service(), 0..=3).prop_map(Wish::Succession),
    ]
}

//! What comes from outside authorization servers.

use super::{SCOPES, manual, service};
use crate::model::{Foreign, Operation};
use proptest::{
    prelude::{Just, Strategy, prop_oneof},
    sample::select,
};

pub fn operation() -> impl Strategy<Value = Operation> {
    let acquire = (foreign(), select(vec!["steps", "mood"]), manual());
    prop_oneof![
        3 => foreign().prop_map(Operation::Arrive),
        3 => acquire.prop_map(|(token, name, manual)| Operation::AcquireWith {
            token,
            name: name.to_owned(),
            manual,
        }),
        1 => notice(),
    ]
}

fn notice() -> impl Strategy<Value = Operation> {
    let remaining = prop_oneof![2 => Just(""), 3 => select(SCOPES.to_vec()), 1 => Just("openid")];
    (any_service(), remaining).prop_map(|(service, remaining)| Operation::Notice {
        service,
        remaining: remaining.to_owned(),
    })
}

/// A token, with scopes that may mean nothing here.
fn foreign() -> impl Strategy<Value = Foreign> {
    let scopes = prop_oneof![4 => select(SCOPES.to_vec()), 1 => Just("openid activity_write")];
    let back = prop_oneof![3 => Just(0), 2 => 1..=8_usize];
    (any_service(), scopes, back).prop_map(|(service, scopes, back)| Foreign {
        service,
        scopes: scopes.to_owned(),
        back,
    })
}

/// Seldom one that is not in the catalog.
fn any_service() -> impl Strategy<Value = String> {
    prop_oneof![20 => service(), 1 => Just("nobody".to_owned())]
}

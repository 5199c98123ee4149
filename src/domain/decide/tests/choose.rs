//! Properties of what the user decides, over whatever services have done before. What follows is told here in other words
//! than there.

use super::{
    Step, attribute, catalog, draft, facts_of, heirs, of_three, ranking, service, step, take,
};
use crate::domain::{
    account::UserAttribute,
    change::Change,
    decide::{set_owner, set_pinned, set_succession},
    event::Cause,
    name::ServiceName,
    state::UserState,
    succession::successors,
};
use proptest::{collection::vec, prelude::*};

fn after(steps: &[Step]) -> UserState {
    let (catalog, start) = (catalog(), UserState::default());
    let next = |state, step| take(step, &state, &catalog).1;
    steps.iter().fold(start, next)
}

fn causes(change: &Change) -> Vec<Cause> {
    change.events.iter().map(|event| event.cause).collect()
}

/// Who may change the owner of what is pinned.
fn may_move(step: &Step, owner: &ServiceName) -> bool {
    match step {
        Step::Choose(..) => true,
        Step::Release(by, _) | Step::Connect(by, _) | Step::Disconnect(by) => {
            service(*by) == *owner
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// I8, and that nobody but the user pins, unpins or switches off.
    #[test]
    fn what_is_pinned_stays_where_it_is(steps in vec(step(), 1..25)) {
        let catalog = catalog();
        let mut state = UserState::default();
        for step in &steps {
            let (change, next) = take(step, &state, &catalog);
            for (name, old) in &state.attributes {
                let new = &next.attributes[name];
                let Some(owner) = old.owner.as_ref().filter(|owner| owner.pinned) else { continue };
                if may_move(step, &owner.service) {
                    continue;
                }
                prop_assert_eq!(new.owner_name(), Some(&owner.service));
                prop_assert!(new.is_pinned() || matches!(step, Step::Pin(_, false)));
                let is_switch = matches!(step, Step::Switch(..));
                prop_assert!(is_switch || new.is_active() == old.is_active());
            }
            let is_users = |cause: &Cause| {
                matches!(cause, Cause::Pinned | Cause::Unpinned | Cause::UserChoice | Cause::Deactivated)
            };
            let is_by_user = matches!(step, Step::Choose(..) | Step::Pin(..) | Step::Switch(..));
            prop_assert!(is_by_user || !causes(&change).iter().any(is_users));
            state = next;
        }
    }

    /// A service can be chosen if it owns the attribute or could take it over, and the facts are those of the rule.
    #[test]
    fn who_is_chosen_owns_it(
        steps in vec(step(), 0..25),
        index in 0..3_usize,
        chosen in of_three(),
        pinned in any::<Option<bool>>(),
    ) {
        let (catalog, state) = (catalog(), after(&steps));
        let Some(old) = state.attributes.get(&attribute(index)) else { return Ok(()) };
        let chosen = chosen.map(service);
        let mut draft = draft(&state, &catalog);
        let set = set_owner(&mut draft, old, chosen.as_ref(), pinned, None);
        let (change, next) = draft.finish();
        let new = &next.attributes[&old.name];
        let is_same = old.owner_name() == chosen.as_ref();
        let qualifies = chosen.as_ref().is_none_or(|chosen| heirs(&state, old).contains(chosen));
        prop_assert_eq!(set.is_ok(), is_same || qualifies);
        prop_assert_eq!(&next.connections, &state.connections);
        if set.is_err() {
            prop_assert!(change.is_empty());
        } else if is_same {
            let is_pinned = old.owner.is_some() && pinned.unwrap_or(old.is_pinned());
            prop_assert_eq!(facts_of(new), (old.is_active(), old.manual, is_pinned));
            prop_assert_eq!(new.generation, old.generation);
            prop_assert_eq!(change.events.len(), usize::from(is_pinned != old.is_pinned()));
            prop_assert_eq!(&next.offers, &state.offers);
        } else {
            prop_assert_eq!(causes(&change), [Cause::UserChoice]);
            prop_assert_eq!(new.owner_name(), chosen.as_ref());
            prop_assert_eq!(new.generation, old.generation + 1);
            let expected = chosen.as_ref().map(|chosen| {
                let offer = state.offer(&old.name, chosen).cloned().unwrap_or_default();
                let was_off = old.owner.is_some() && !old.is_active();
                (!was_off, offer.manual == Some(true), pinned.unwrap_or(old.is_pinned()))
            });
            prop_assert_eq!(facts_of(new), expected.unwrap_or((false, old.manual, false)));
            // What services have said stays as it is; that it was the owner is remembered.
            let mut offers = next.offers.clone();
            if let Some(chosen) = chosen {
                let key = (old.name.clone(), chosen);
                prop_assert_eq!(offers[&key].last_owned, Some(next.revision));
                let before = state.offers.get(&key).cloned();
                offers.get_mut(&key).unwrap().last_owned = before.clone().and_then(|o| o.last_owned);
                if before.is_none() {
                    offers.remove(&key);
                }
            }
            prop_assert_eq!(&offers, &state.offers);
        }
    }

    /// I7: the list is that of all who qualify, in order; without the first of them the others follow.
    #[test]
    fn successors_follow_one_after_the_other(steps in vec(step(), 0..25), index in 0..3_usize) {
        let (catalog, state) = (catalog(), after(&steps));
        let Some(of) = state.attributes.get(&attribute(index)) else { return Ok(()) };
        let names = |state: &UserState| -> Vec<_> {
            let all = successors(state, &catalog, of).into_iter();
            all.map(|successor| successor.service).collect()
        };
        let all = names(&state);
        prop_assert_eq!(&all, &heirs(&state, of));
        if let Some((first, others)) = all.split_first() {
            let without = (0..3).find(|index| service(*index) == *first).unwrap();
            let (_, state) = take(&Step::Disconnect(without), &state, &catalog);
            prop_assert_eq!(names(&state), others);
        }
    }

    /// A ranking changes no attribute and has no event; it is what was asked for, and outlives the connections.
    #[test]
    fn a_ranking_is_kept(steps in vec(step(), 0..25), index in 0..3_usize, services in ranking()) {
        let (catalog, state) = (catalog(), after(&steps));
        let Some(of) = state.attributes.get(&attribute(index)) else { return Ok(()) };
        let services: Vec<_> = services.into_iter().map(service).collect();
        let mut draft = draft(&state, &catalog);
        set_succession(&mut draft, &of.name, &services);
        let (change, mut next) = draft.finish();
        prop_assert_eq!(&next.attributes, &state.attributes);
        prop_assert!(change.events.is_empty());
        for index in 0..3 {
            prop_assert_eq!(&UserAttribute::of(of, &next, &catalog).succession, &services);
            next = take(&Step::Disconnect(index), &next, &catalog).1;
        }
    }

    /// Two states of an attribute have one tag if they differ in nothing that the user decides about.
    #[test]
    fn tags_are_equal_if_and_only_if_the_attribute_is(steps in vec(step(), 1..25), index in 0..3_usize) {
        let (catalog, mut state) = (catalog(), UserState::default());
        let mut seen: Vec<UserAttribute> = Vec::new();
        for step in &steps {
            state = take(step, &state, &catalog).1;
            let of = state.attributes.get(&attribute(index));
            seen.extend(of.map(|of| UserAttribute::of(of, &state, &catalog)));
        }
        let facts = |of: &UserAttribute| {
            let attribute = &of.view.attribute;
            let owner = attribute.owner_name().cloned();
            (owner, attribute.generation, facts_of(attribute), of.succession.clone())
        };
        for a in &seen {
            for b in &seen {
                prop_assert_eq!(a.etag == b.etag, facts(a) == facts(b));
            }
        }
    }

    /// Pinning and unpinning is told, and that alone changes.
    #[test]
    fn pinning_is_one_event_or_none(steps in vec(step(), 0..25), index in 0..3_usize, pinned in any::<bool>()) {
        let (catalog, state) = (catalog(), after(&steps));
        let Some(old) = state.attributes.get(&attribute(index)) else { return Ok(()) };
        let mut draft = draft(&state, &catalog);
        set_pinned(&mut draft, &old.name, pinned);
        let (change, next) = draft.finish();
        let mut expected = old.clone();
        let is_new = expected.owner.as_mut().is_some_and(|owner| {
            std::mem::replace(&mut owner.pinned, pinned) != pinned
        });
        prop_assert_eq!(&next.attributes[&old.name], &expected);
        let cause = if pinned { Cause::Pinned } else { Cause::Unpinned };
        prop_assert_eq!(causes(&change), if is_new { vec![cause] } else { vec![] });
    }
}

//! Properties of the rules over random sequences of what services, the user and the operator do to one user. The
//! names are those of the invariants.

mod choose;
mod create;

use super::{
    AcquireItem, Caller, ReleaseItem, acquire, batch, connect, create_custom, disconnect, release,
    set_active, set_owner, set_pinned, set_succession,
};
use crate::domain::{
    Instant,
    attribute::Attribute,
    catalog::{Catalog, CatalogFile},
    change::{Change, Draft},
    event::{Actor, Stamp},
    failure::Failure,
    name::{AttributeName, GroupName, Label, ServiceName},
    scope::Scopes,
    state::{Offer, UserState},
    value_type::ValueType,
};
use proptest::{collection::vec, prelude::*};

const SERVICES: &str = "
    [[service]]\nname = 'a'\nlabel = 'A'\nprovides = ['steps']
    [[service]]\nname = 'b'\nlabel = 'B'
    [[service]]\nname = 'c'\nlabel = 'C'\nprovides = ['steps', 'mood']";

#[derive(Debug, Clone)]
enum Step {
    Acquire(usize, Vec<AcquireItem>),
    Release(usize, Vec<ReleaseItem>),
    Connect(usize, Scopes),
    Disconnect(usize),
    Switch(usize, bool),
    Create(usize),
    Choose(usize, Option<usize>, Option<bool>),
    Pin(usize, bool),
    Rank(usize, Vec<usize>),
}

const NAMES: [&str; 4] = ["steps", "mood", "my_tag", "nope"];

fn service(index: usize) -> ServiceName {
    ServiceName::parse(["a", "b", "c"][index]).unwrap()
}

fn attribute(index: usize) -> AttributeName {
    AttributeName::parse(NAMES[index]).unwrap()
}

fn acquire_item() -> impl Strategy<Value = AcquireItem> {
    let which = (0..NAMES.len(), any::<bool>(), any::<Option<bool>>());
    let condition = (generation(), any::<bool>());
    (which, condition).prop_map(
        |((index, by_template, manual), (generation, if_available))| {
            let name = Some(NAMES[index].to_owned());
            let (name, template) = if by_template {
                (None, name)
            } else {
                (name, None)
            };
            AcquireItem {
                name,
                template,
                manual,
                generation,
                if_available,
                malformed: None,
            }
        },
    )
}

/// Mostly none, and seldom far from what is.
fn generation() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![3 => Just(None), 1 => (0..4_i64).prop_map(Some)]
}

fn release_item() -> impl Strategy<Value = ReleaseItem> {
    (0..NAMES.len(), generation()).prop_map(|(index, generation)| ReleaseItem {
        name: Some(NAMES[index].to_owned()),
        generation,
        malformed: None,
    })
}

fn scopes() -> impl Strategy<Value = Scopes> {
    let all = [
        "activity_write",
        "mood_write",
        "custom_write",
        "manual_write",
        "mood_read",
    ];
    proptest::sample::subsequence(all.to_vec(), 0..=all.len())
        .prop_map(|scopes| Scopes::from(scopes.join(" ")))
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..3_usize, vec(acquire_item(), 0..5)).prop_map(|(s, items)| Step::Acquire(s, items)),
        4 => (0..3_usize, vec(release_item(), 0..4)).prop_map(|(s, items)| Step::Release(s, items)),
        3 => (0..3_usize, scopes()).prop_map(|(s, scopes)| Step::Connect(s, scopes)),
        1 => (0..3_usize).prop_map(Step::Disconnect),
        1 => (0..3_usize, any::<bool>()).prop_map(|(n, active)| Step::Switch(n, active)),
        1 => (0..2_usize).prop_map(Step::Create),
        2 => (0..3_usize, of_three(), any::<Option<bool>>()).prop_map(|(n, s, pinned)| Step::Choose(n, s, pinned)),
        1 => (0..3_usize, any::<bool>()).prop_map(|(n, pinned)| Step::Pin(n, pinned)),
        1 => (0..3_usize, ranking()).prop_map(|(n, services)| Step::Rank(n, services)),
    ]
}

/// A service, or nobody.
fn of_three() -> impl Strategy<Value = Option<usize>> {
    proptest::option::weighted(0.8, 0..3_usize)
}

/// Some of the services, in any order.
fn ranking() -> impl Strategy<Value = Vec<usize>> {
    let all = Just(vec![0, 1, 2]).prop_shuffle();
    (all, 0..=3_usize).prop_map(|(services, count)| services[..count].to_vec())
}

fn catalog() -> Catalog {
    Catalog::new(CatalogFile::parse(SERVICES).unwrap()).unwrap()
}

fn draft<'a>(state: &'a UserState, catalog: &'a Catalog) -> Draft<'a> {
    let at = Instant::UNIX_EPOCH;
    let request_id = "test".to_owned();
    let actor = Actor::Operator;
    Draft::new(
        state,
        catalog,
        Stamp {
            actor,
            request_id,
            at,
        },
    )
}

/// What the service may do, or nothing where it is not connected.
fn caller(state: &UserState, index: usize) -> Option<Caller> {
    let service = service(index);
    let granted = state.connections.get(&service)?.scopes.clone();
    Some(Caller { service, granted })
}

fn take(step: &Step, state: &UserState, catalog: &Catalog) -> (Change, UserState) {
    let mut draft = draft(state, catalog);
    match step {
        Step::Acquire(index, items) => {
            if let Some(caller) = caller(state, *index) {
                batch(&mut draft, &caller, items, acquire);
            }
        }
        Step::Release(index, items) => {
            if let Some(caller) = caller(state, *index) {
                batch(&mut draft, &caller, items, release);
            }
        }
        Step::Connect(index, scopes) => {
            connect(&mut draft, &service(*index), scopes);
        }
        Step::Disconnect(index) => {
            disconnect(&mut draft, &service(*index));
        }
        Step::Switch(index, active) => {
            set_active(&mut draft, &attribute(*index), *active);
        }
        Step::Choose(index, chosen, pinned) => {
            if let Some(attribute) = state.attributes.get(&attribute(*index)) {
                let chosen = chosen.map(service);
                let _ = set_owner(&mut draft, attribute, chosen.as_ref(), *pinned, None);
            }
        }
        Step::Pin(index, pinned) => set_pinned(&mut draft, &attribute(*index), *pinned),
        Step::Rank(index, services) => {
            let services: Vec<_> = services.iter().copied().map(service).collect();
            set_succession(&mut draft, &attribute(*index), &services);
        }
        Step::Create(index) => {
            let label = Label::parse(["My tag", "Mood"][*index]).unwrap();
            let group = GroupName::parse("custom").unwrap();
            let _ = create_custom(&mut draft, &label, &group, ValueType::Integer, false);
        }
    }
    draft.finish()
}

/// I3, I4 and I7: each event follows from the state before it, and the last one of an attribute tells how it stands.
fn check_events(before: &UserState, change: &Change, after: &UserState) {
    for (name, attribute) in &after.attributes {
        let old = before.attributes.get(name);
        let mut generation = old.map_or(0, |a| a.generation);
        let mut owner = old.and_then(|a| a.owner_name().cloned());
        let events: Vec<_> = change
            .events
            .iter()
            .filter(|e| e.attribute == *name)
            .collect();
        for event in &events {
            assert_eq!(event.from, owner, "{event:?}");
            generation += i64::from(event.from != event.to);
            assert_eq!(event.generation, generation, "{event:?}");
            owner.clone_from(&event.to);
        }
        match events.last() {
            None => assert_eq!(old, Some(attribute), "changed without an event"),
            Some(last) => {
                let told = (last.to.as_ref(), last.generation);
                let facts = (last.active, last.manual, last.pinned);
                assert_eq!(told, (attribute.owner_name(), attribute.generation));
                assert_eq!(facts, facts_of(attribute));
            }
        }
    }
}

/// Whether it is active, manual and pinned.
fn facts_of(attribute: &Attribute) -> (bool, bool, bool) {
    let (active, pinned) = (attribute.is_active(), attribute.is_pinned());
    (active, attribute.manual, pinned)
}

/// I2 and I6.
fn check_state(state: &UserState) {
    for attribute in state.attributes.values() {
        let is_in_use = attribute.is_active() || attribute.is_pinned();
        assert!(attribute.owner.is_some() || !is_in_use);
        if let Some(owner) = attribute.owner_name() {
            let connection = state.connections.get(owner).expect("a dead owner");
            assert!(
                connection.scopes.cover(&attribute.group, attribute.manual),
                "{attribute:?}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn invariants_hold_after_every_step(steps in vec(step(), 1..25)) {
        let catalog = catalog();
        let mut state = UserState::default();
        for step in &steps {
            let (change, after) = take(step, &state, &catalog);
            prop_assert_eq!(after.revision, state.revision + i64::from(!change.is_empty()));
            let same = after.attributes == state.attributes
                && after.offers == state.offers
                && after.connections == state.connections;
            // Two items of a batch may undo each other; what happened is told all the same.
            prop_assert_eq!(change.is_empty(), same && change.events.is_empty());
            check_events(&state, &change, &after);
            check_state(&after);
            state = after;
        }
    }

    /// I5: a batch gives the state, the events and the answers of its items one by one.
    #[test]
    fn a_batch_is_its_items_one_after_the_other(
        steps in vec(step(), 0..15),
        index in 0..3_usize,
        acquired in vec(acquire_item(), 0..8),
        released in vec(release_item(), 0..8),
    ) {
        let catalog = catalog();
        let start = UserState::default();
        let state = steps.iter().fold(start, |state, step| take(step, &state, &catalog).1);
        let Some(caller) = caller(&state, index) else { return Ok(()) };
        let state = check_batch(&state, &catalog, &caller, &acquired, acquire);
        check_batch(&state, &catalog, &caller, &released, release);
    }

    /// I7: the releaser is followed by the first that qualifies, or by nobody: told here in other words than there.
    #[test]
    fn a_release_passes_to_the_first_that_qualifies(steps in vec(step(), 0..25)) {
        let catalog = catalog();
        let start = UserState::default();
        let state = steps.iter().fold(start, |state, step| take(step, &state, &catalog).1);
        for attribute in state.attributes.values() {
            let Some(owner) = attribute.owner_name() else { continue };
            let granted = state.connections[owner].scopes.clone();
            let caller = Caller { service: owner.clone(), granted };
            let name = Some(attribute.name.to_string());
            let mut draft = draft(&state, &catalog);
            release(&mut draft, &caller, 0, &ReleaseItem { name, ..ReleaseItem::default() }).unwrap();
            let (_, after) = draft.finish();
            let next = after.attributes[&attribute.name].owner_name().cloned();
            prop_assert_eq!(next, heir(&state, attribute));
        }
    }
}

/// Decides the items together and one by one; the state after them.
fn check_batch<I>(
    before: &UserState,
    catalog: &Catalog,
    caller: &Caller,
    items: &[I],
    decide: impl Fn(&mut Draft<'_>, &Caller, usize, &I) -> Result<AttributeName, Failure>,
) -> UserState {
    let mut whole = draft(before, catalog);
    let answers = batch(&mut whole, caller, items, &decide);
    let (change, after) = whole.finish();
    let (mut events, mut one_by_one, mut state) = (Vec::new(), Vec::new(), before.clone());
    for (index, item) in items.iter().enumerate() {
        let mut one = draft(&state, catalog);
        one_by_one.push(decide(&mut one, caller, index, item));
        let (change, next) = one.finish();
        events.extend(change.events);
        state = next;
    }
    assert_eq!(answers, one_by_one);
    assert_eq!(change.events, events);
    assert_eq!(after.attributes, state.attributes);
    // A batch is one revision, so who owned what last is told by that one.
    let without_revision = |state: &UserState| {
        let mut offers = state.offers.clone();
        for offer in offers.values_mut() {
            offer.last_owned = None;
        }
        offers.retain(|_, offer| *offer != Offer::default());
        offers
    };
    assert_eq!(without_revision(&after), without_revision(&state));
    after
}

/// Whoever of `a`, `b` and `c` comes next.
fn heir(state: &UserState, attribute: &Attribute) -> Option<ServiceName> {
    heirs(state, attribute).into_iter().next()
}

/// Those of `a`, `b` and `c` that qualify: by rank, then by who owned the attribute last; their labels sort as their names
/// do.
fn heirs(state: &UserState, attribute: &Attribute) -> Vec<ServiceName> {
    let mut heirs = Vec::new();
    for heir in (0..3).map(service) {
        let offer = state
            .offer(&attribute.name, &heir)
            .cloned()
            .unwrap_or_default();
        let templates: &[&str] = match heir.as_str() {
            "a" => &["steps"],
            "c" => &["steps", "mood"],
            _ => &[],
        };
        let template = attribute.template.as_ref().map_or("", |t| t.as_str());
        let can = offer.offered || templates.contains(&template);
        let scopes = state.connections.get(&heir).map(|c| c.scopes.to_string());
        let scopes = scopes.unwrap_or_default();
        let may = scopes.contains(&format!("{}_write", attribute.group))
            || (offer.manual == Some(true) && scopes.contains("manual_write"));
        if can && may && !offer.declined && !attribute.is_owned_by(&heir) {
            let rank = offer.rank.unwrap_or(i32::MAX);
            heirs.push((rank, -offer.last_owned.unwrap_or(-1), heir));
        }
    }
    heirs.sort();
    heirs.into_iter().map(|(_, _, heir)| heir).collect()
}

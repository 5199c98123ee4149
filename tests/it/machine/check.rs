//! The invariants of `model.md`, of what the database and its ledger have after each step.

use crate::{
    harness::Event,
    model::{Answer, Outcome, Seen, State, may_write},
};
use std::collections::BTreeMap;
use tenure::domain::Instant;

/// What must hold and does not, with the invariant's name.
pub type Verdict = Result<(), String>;

macro_rules! ensure {
    ($holds:expr, $($text:tt)+) => {
        if !$holds {
            return Err(format!($($text)+));
        }
    };
}

/// One user as it was seen last, and the ledger folded up to there.
#[derive(Default)]
pub struct Witness {
    told: BTreeMap<String, Told>,
    state: State,
    since: BTreeMap<String, Instant>,
}

/// How an attribute stands, as its events tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Told {
    owner: Option<String>,
    generation: i64,
    active: bool,
    manual: bool,
    pinned: bool,
}

impl Witness {
    pub fn revision(&self) -> i64 {
        self.state.revision
    }

    /// Checks what is seen after one call, and keeps it.
    pub fn see(&mut self, seen: Seen, kept: bool) -> Verdict {
        for (event, number) in seen.events.iter().zip(0..) {
            let revision = self.state.revision + 1;
            let place = (event.revision, event.number);
            ensure!(
                place == (revision, number),
                "I5: an event is not the {number}. of revision {revision}: {event:?}"
            );
            lost_or_released(&self.told, event, &seen.state)?;
            self.fold(event)?;
        }
        self.ledger_is_the_state(&seen.state)?;
        owners(&seen.state)?;
        self.one_revision(&seen, kept)?;
        self.since_moves_with_the_owner(&seen)?;
        (self.state, self.since) = (seen.state, seen.since);
        Ok(())
    }

    fn fold(&mut self, event: &Event) -> Verdict {
        let is_new = event.cause == "CREATED";
        ensure!(
            is_new != self.told.contains_key(&event.attribute),
            "I4: created twice, or changed before it was: {event:?}"
        );
        let told = self.told.entry(event.attribute.clone()).or_default();
        ensure!(
            event.from_owner == told.owner,
            "I1: {:?} owned it, which the event does not know: {event:?}",
            told.owner
        );
        let changes_owner = event.from_owner != event.to_owner;
        let generation = told.generation + i64::from(changes_owner);
        ensure!(
            event.generation == generation,
            "I3: the generation must be {generation}: {event:?}"
        );
        let owned = event.to_owner.is_some();
        ensure!(
            owned || !(event.active || event.pinned),
            "I2: active or pinned without an owner: {event:?}"
        );
        ensure!(
            pins_rightly(told, event),
            "I8: only the user pins and unpins, but that a new owner of others' making has it unpinned: {event:?}"
        );
        ensure!(
            !told.pinned || !changes_owner || of_the_user(event) || of_the_owner(event),
            "I8: it was pinned, and somebody else changed its owner: {event:?}"
        );
        let (had, has) = (event.from_owner.is_some(), owned);
        let fits = match event.cause.as_str() {
            "CREATED" => !had && !has,
            "ACQUIRED" => !had && has,
            "TAKEN" | "INHERITED" => had && has && changes_owner,
            "USER_CHOICE" => changes_owner && of_the_user(event),
            "PINNED" | "UNPINNED" => has && !changes_owner && of_the_user(event),
            "RELEASED" | "DISCONNECTED" | "SCOPE_NARROWED" => had && !has,
            "ACTIVATED" => has && !changes_owner && event.active && !told.active,
            "DEACTIVATED" => has && !changes_owner && !event.active && told.active,
            "MANUAL_CHANGED" => has && !changes_owner && event.manual != told.manual,
            _ => false,
        };
        ensure!(fits, "I4: the cause does not tell what happened: {event:?}");
        *told = Told {
            owner: event.to_owner.clone(),
            generation: event.generation,
            active: event.active,
            manual: event.manual,
            pinned: event.pinned,
        };
        Ok(())
    }

    fn ledger_is_the_state(&self, state: &State) -> Verdict {
        let stands = state.attributes.iter().map(|(name, attribute)| {
            let told = Told {
                owner: attribute.owner.clone(),
                generation: attribute.generation,
                active: attribute.active,
                manual: attribute.manual,
                pinned: attribute.pinned,
            };
            (name.clone(), told)
        });
        let stands: BTreeMap<_, _> = stands.collect();
        ensure!(
            self.told == stands,
            "I4: the ledger tells {:?}, the state is {stands:?}",
            self.told
        );
        Ok(())
    }

    /// The revision rises by one if anything changed or a token or an answer was kept, and else stays.
    fn one_revision(&self, seen: &Seen, kept: bool) -> Verdict {
        let revision = self.state.revision;
        let unchanged = self.state.is_but_for_the_revision(&seen.state);
        let changed = kept || !seen.events.is_empty() || !unchanged;
        let expected = revision + i64::from(changed);
        ensure!(
            seen.state.revision == expected,
            "I5: the revision must be {expected} and is {}",
            seen.state.revision
        );
        Ok(())
    }

    fn since_moves_with_the_owner(&self, seen: &Seen) -> Verdict {
        for (name, attribute) in &seen.state.attributes {
            let before = self.state.attributes.get(name);
            let same = before.is_some_and(|b| b.generation == attribute.generation);
            ensure!(
                !same || seen.since.get(name) == self.since.get(name),
                "I4: {name} has the owner that it had, since another moment"
            );
        }
        Ok(())
    }
}

/// I2, I6 and I8 of a state.
fn owners(state: &State) -> Verdict {
    for (name, attribute) in &state.attributes {
        let Some(owner) = &attribute.owner else {
            ensure!(!attribute.active, "I2: {name} is active without an owner");
            ensure!(!attribute.pinned, "I2: {name} is pinned without an owner");
            continue;
        };
        let connection = state.connections.get(owner);
        let covers = |scopes| may_write(scopes, &attribute.group, attribute.manual);
        ensure!(
            connection.is_some_and(covers),
            "I6: {owner} owns {name} with the scopes {connection:?}"
        );
    }
    Ok(())
}

/// What was pinned passes on only if its owner released it, or may write it no more after the step.
fn lost_or_released(told: &BTreeMap<String, Told>, event: &Event, after: &State) -> Verdict {
    let Some((told, owner)) = told.get(&event.attribute).zip(event.from_owner.as_ref()) else {
        return Ok(());
    };
    let passes_on = ["INHERITED", "DISCONNECTED", "SCOPE_NARROWED"].contains(&event.cause.as_str());
    if !(told.pinned && passes_on) {
        return Ok(());
    }
    let group = &after.attributes[&event.attribute].group;
    let connection = after.connections.get(owner);
    let may_write = connection.is_some_and(|scopes| may_write(scopes, group, told.manual));
    ensure!(
        event.actor == format!("service:{owner}") || !may_write,
        "I8: it was pinned to {owner}, which neither released nor lost it: {event:?}"
    );
    Ok(())
}

fn of_the_user(event: &Event) -> bool {
    event.actor == "user"
}

/// The owner releases it, or has lost it: see [`lost_or_released`].
fn of_the_owner(event: &Event) -> bool {
    let owner = event.from_owner.as_deref().unwrap_or_default();
    match event.cause.as_str() {
        "RELEASED" => event.actor == format!("service:{owner}"),
        "INHERITED" | "DISCONNECTED" | "SCOPE_NARROWED" => true,
        _ => false,
    }
}

fn pins_rightly(told: &Told, event: &Event) -> bool {
    match event.cause.as_str() {
        "PINNED" => event.pinned && !told.pinned,
        "UNPINNED" => !event.pinned && told.pinned,
        "USER_CHOICE" => event.to_owner.is_some() || !event.pinned,
        _ if event.from_owner != event.to_owner => !event.pinned,
        _ => event.pinned == told.pinned,
    }
}

/// What became of the call is what the model says.
pub fn agree(outcome: &Outcome, model: &State, answer: &Answer, seen: &Seen) -> Verdict {
    let heirs = |events: &[Event]| -> Vec<_> {
        let passed = |event: &&Event| {
            event.from_owner.is_some() && !["TAKEN", "USER_CHOICE"].contains(&event.cause.as_str())
        };
        let passed = events.iter().filter(passed);
        passed
            .map(|event| (event.attribute.clone(), event.to_owner.clone()))
            .collect()
    };
    let (expected, found) = (heirs(&outcome.events), heirs(&seen.events));
    ensure!(
        expected == found,
        "I7: the successors must be {expected:?} and are {found:?}"
    );
    let (expected, found) = (&outcome.events, &seen.events);
    ensure!(
        expected == found,
        "I5: the events must be\n{expected:#?}\nand are\n{found:#?}"
    );
    let expected = &outcome.answer;
    ensure!(
        expected == answer,
        "I5: the answer must be\n{expected:#?}\nand is\n{answer:#?}"
    );
    let found = &seen.state;
    ensure!(
        model == found,
        "I5: the state must be\n{model:#?}\nand is\n{found:#?}"
    );
    Ok(())
}

use super::*;
use crate::domain::{
    event::{Actor, Cause, Event, Stamp},
    ledger::Position,
};
use time::OffsetDateTime;

const CAPACITY: u64 = 160;

fn standings() -> Standings {
    Standings::new(CAPACITY, &mut Registry::default())
}

fn id(user: &str) -> UserId {
    UserId::parse(user).unwrap()
}

fn weight(standings: &Standings) -> u64 {
    standings
        .shards
        .iter()
        .map(|shard| lock(shard).weight())
        .sum()
}

fn reading(standings: &Standings, user: &str) -> Reading {
    standings.announce(&id(user), "steps").unwrap()
}

fn remember(standings: &Standings, reading: Reading) {
    standings.remember(reading, Seen::default(), Instant::now());
}

fn knows(standings: &Standings, user: &str) -> bool {
    standings.get(&id(user), "steps").is_some()
}

/// Has others take the place of whoever nobody asks about.
fn crowd(standings: &Standings, mut each: impl FnMut()) {
    for number in 0..10 * CAPACITY {
        let reading = reading(standings, &format!("user-{number}"));
        remember(standings, reading);
        each();
    }
}

/// One change in which that many of the user's attributes came to be.
fn created(user: &str, attributes: usize) -> Vec<Entry> {
    let entry = |number: usize| Entry {
        position: Position {
            transaction: 1,
            user: user.to_owned(),
            revision: 1,
            number: i32::try_from(number).unwrap(),
        },
        event: Event {
            attribute: AttributeName::parse(format!("steps_{number}")).unwrap(),
            from: None,
            to: None,
            generation: 0,
            active: false,
            manual: false,
            pinned: false,
            cause: Cause::Created,
        },
        stamp: Stamp {
            actor: Actor::Operator,
            request_id: "test".to_owned(),
            at: OffsetDateTime::UNIX_EPOCH,
        },
    };
    (0..attributes).map(entry).collect()
}

#[test]
fn what_the_feed_tells_needs_room_as_what_is_read_does() {
    let standings = standings();
    for user in 0..100 {
        let user = format!("user-{user}");
        let _reading = reading(&standings, &user);
        standings.apply(&created(&user, 5));
        assert!(weight(&standings) <= 160);
    }
    assert!(weight(&standings) > 80, "the room is made use of");
    let _reading = reading(&standings, "ada");
    standings.apply(&created("ada", 200));
    assert!(weight(&standings) <= 160);
}

#[test]
fn a_name_that_no_attribute_can_have_takes_no_room() {
    let standings = standings();
    for name in ["", "Steps", "a b", "a\0", &"x".repeat(129)] {
        assert!(standings.announce(&id("ada"), name).is_none(), "{name:?}");
    }
    assert_eq!(weight(&standings), 0);
}

#[test]
fn what_was_being_read_when_everything_was_forgotten_is_not_kept() {
    let standings = standings();
    let before = reading(&standings, "ada");
    standings.clear();
    let after = reading(&standings, "ada");
    remember(&standings, before);
    assert!(!knows(&standings, "ada"));
    remember(&standings, after);
    assert!(knows(&standings, "ada"));
}

#[test]
fn what_was_being_read_when_its_user_was_evicted_is_not_kept() {
    let standings = standings();
    let before = reading(&standings, "ada");
    // More than there is room for.
    standings.apply(&created("ada", 200));
    let after = reading(&standings, "ada");
    remember(&standings, before);
    assert!(!knows(&standings, "ada"));
    remember(&standings, after);
    assert!(knows(&standings, "ada"));
}

#[test]
fn users_who_are_asked_about_stay() {
    let standings = standings();
    let reading = reading(&standings, "ada");
    remember(&standings, reading);
    crowd(&standings, || assert!(knows(&standings, "ada")));
    assert!(weight(&standings) <= 160);
}

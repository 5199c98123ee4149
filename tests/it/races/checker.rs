//! Is there one order, one after the other, that explains a history? The revisions give it: each is made by one call
//! or one deed, and every other answer shows the state at the revision that it names.

use super::history::{Call, Deed, History, Span};
use crate::{
    harness::Event,
    model::{Answer, Catalog, Operation, Outcome, User},
};
use std::collections::BTreeMap;

/// What no order explains.
pub type Verdict<T = ()> = Result<T, String>;

/// Refusals that are documented for a caller who did nothing wrong. They have changed nothing.
const PASSING: [&str; 2] = [
    "Aborted TOO_MUCH_CONTENTION",
    "Unavailable STORE_UNAVAILABLE",
];
const TOKEN_ENDED: &str = "Unauthenticated TOKEN_INVALID";

/// # Errors
/// With the first call, deed or event that is not explained.
pub fn explain(catalog: &Catalog, history: &History) -> Verdict {
    for call in &history.calls {
        refused_rightly(history, call)?;
        token_was_good(history, call)?;
    }
    let mut replay = Replay::new(catalog, history);
    replay.run()?;
    in_real_time(&replay.placed)?;
    let mut calls = history.calls.iter();
    calls.try_for_each(|call| replay.decided_nothing(call))
}

fn refused_rightly(history: &History, call: &Call) -> Verdict {
    let Answer::Refused(why) = &call.answer else {
        return Ok(());
    };
    if history
        .events
        .iter()
        .any(|event| event.request_id == call.id)
    {
        return Err(format!("refused, and left an event: {call:?}"));
    }
    // What a user decides is refused in whole: see `decided_nothing`.
    let is_decision = matches!(call.operation, Operation::Own(_));
    if is_decision || PASSING.contains(&why.as_str()) || why == TOKEN_ENDED {
        return Ok(());
    }
    Err(format!("an undocumented refusal: {call:?}"))
}

/// A token is good until its service is disconnected: a call that began after that is refused, and one that ended
/// before it is not, for that reason.
fn token_was_good(history: &History, call: &Call) -> Verdict {
    let issues = history.deeds.iter().enumerate();
    let mut issues = issues.filter(|(_, deed)| matches!(deed.operation, Operation::Issue { .. }));
    let (place, _) = issues
        .nth(call.token)
        .ok_or("a token that was not issued")?;
    let mut later = history.deeds[place..].iter();
    let ended = later.find(|deed| match &deed.operation {
        Operation::Disconnect { service } => *service == call.service,
        _ => false,
    });
    let is_refused = call.answer == Answer::Refused(TOKEN_ENDED.to_owned());
    match ended {
        Some(deed) if is_refused && deed.span.start > call.span.end => {
            Err(format!("refused before its token ended: {call:?}"))
        }
        Some(deed) if !is_refused && deed.span.end < call.span.start => {
            Err(format!("its token had ended: {call:?}"))
        }
        None if is_refused => Err(format!("its token never ended: {call:?}")),
        _ => Ok(()),
    }
}

fn is(maker: Option<&Call>, call: &Call) -> bool {
    maker.is_some_and(|maker| maker.id == call.id)
}

/// Where a call or a deed stands in the order.
struct Placed {
    what: String,
    span: Span,
    revision: i64,
    committed: bool,
}

/// What ended before something else began is not after it.
fn in_real_time(placed: &[Placed]) -> Verdict {
    for first in placed {
        for second in placed {
            let before = first.span.end < second.span.start;
            let least = first.revision + i64::from(second.committed);
            if before && second.revision < least {
                let (a, b) = (&first.what, &second.what);
                let (of_a, of_b) = (first.revision, second.revision);
                return Err(format!(
                    "{a} ended at revision {of_a} before {b} began, which is at {of_b}"
                ));
            }
        }
    }
    Ok(())
}

/// The history on the model, revision by revision.
struct Replay<'h> {
    catalog: &'h Catalog,
    history: &'h History,
    /// The user at each revision so far.
    users: Vec<User>,
    events: BTreeMap<i64, Vec<Event>>,
    answered: BTreeMap<i64, Vec<&'h Call>>,
    next_deed: usize,
    /// The revision of the deed before that.
    deeds_are_at: i64,
    placed: Vec<Placed>,
}

impl<'h> Replay<'h> {
    fn new(catalog: &'h Catalog, history: &'h History) -> Self {
        let mut events: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for event in &history.events {
            events
                .entry(event.revision)
                .or_default()
                .push(event.clone());
        }
        let mut answered: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for call in &history.calls {
            if let Some(revision) = call.revision() {
                answered.entry(revision).or_default().push(call);
            }
        }
        // Of several that may have made a revision, the first to begin has not begun too late for any other.
        let calls = answered.values_mut();
        calls.for_each(|calls| calls.sort_by_key(|call| call.span.start));
        Self {
            catalog,
            history,
            users: vec![User::default()],
            events,
            answered,
            next_deed: 0,
            deeds_are_at: 0,
            placed: Vec::new(),
        }
    }

    fn run(&mut self) -> Verdict {
        let last = self.history.state.revision;
        for revision in 1..=last {
            let after = self.made(revision)?;
            self.users.push(after);
        }
        while self.next_deed < self.history.deeds.len() {
            self.pass_over(last)?;
        }
        let beyond = |revision: &&i64| !(1..=last).contains(*revision);
        if let Some(revision) = self.answered.keys().chain(self.events.keys()).find(beyond) {
            return Err(format!("revision {revision}, and the last one is {last}"));
        }
        let (model, found) = (&self.at(last).state, &self.history.state);
        if model != found {
            return Err(format!("the state must be\n{model:#?}\nand is\n{found:#?}"));
        }
        Ok(())
    }

    fn at(&self, revision: i64) -> &User {
        &self.users[usize::try_from(revision).unwrap()]
    }

    /// Finds who made the revision, and explains every answer that shows it. The user after it.
    fn made(&mut self, revision: i64) -> Verdict<User> {
        let calls = self.answered.get(&revision).cloned().unwrap_or_default();
        let events = self.events.get(&revision).cloned().unwrap_or_default();
        let mut unexplained = None;
        for maker in &calls {
            let Some(after) = self.makes(maker, revision, &events) else {
                continue;
            };
            if let Err(why) = self.shown(&calls, Some(maker), &after) {
                unexplained = Some(why);
                continue;
            }
            self.place_calls(&calls, Some(maker), revision);
            return Ok(after);
        }
        let after = self.deed(revision, &events);
        let after = after.map_err(|nobody| unexplained.unwrap_or(nobody))?;
        self.shown(&calls, None, &after)?;
        self.place_calls(&calls, None, revision);
        Ok(after)
    }

    /// The user at this revision, if the call makes it of the one before, with these events and its answer.
    fn makes(&self, call: &Call, revision: i64, events: &[Event]) -> Option<User> {
        let (user, outcome) = self.call(call, self.at(revision - 1)).ok()?;
        let is_so = user.state.revision == revision
            && outcome.answer == call.answer
            && outcome.events == events;
        is_so.then_some(user)
    }

    /// All but the maker change nothing of what it made, and have the answers that follow.
    fn shown(&self, calls: &[&Call], maker: Option<&Call>, user: &User) -> Verdict {
        let others = calls.iter().filter(|call| !is(maker, call));
        for call in others {
            let (after, outcome) = self.call(call, user)?;
            if after.state != user.state || outcome.answer != call.answer {
                let (revision, expected) = (user.state.revision, outcome.answer);
                return Err(format!(
                    "at revision {revision} the answer must be {expected:?}: {call:?}"
                ));
            }
        }
        Ok(())
    }

    fn place_calls(&mut self, calls: &[&Call], maker: Option<&Call>, revision: i64) {
        let placed = calls.iter().map(|call| Placed {
            what: call.id.clone(),
            span: call.span,
            revision,
            committed: is(maker, call),
        });
        self.placed.extend(placed);
    }

    /// What the call does to that user.
    fn call(&self, call: &Call, user: &User) -> Verdict<(User, Outcome)> {
        let mut user = user.clone();
        let scopes = user.scopes_of(call.token).cloned();
        let scopes = scopes.ok_or_else(|| format!("before its token was issued: {call:?}"))?;
        let (catalog, asked) = (self.catalog, &call.operation);
        let outcome = match asked {
            Operation::Own(own) => user.decide(catalog, &own.wish, &call.id),
            _ => user.call(catalog, &call.service, &scopes, asked, &call.id),
        };
        Ok((user, outcome))
    }

    /// A decision of the user that was refused: at a revision between what ended before and what began after it, that is
    /// what becomes of it.
    fn decided_nothing(&self, call: &Call) -> Verdict {
        let Answer::Refused(why) = &call.answer else {
            return Ok(());
        };
        if !matches!(call.operation, Operation::Own(_)) || PASSING.contains(&why.as_str()) {
            return Ok(());
        }
        let before = self.placed.iter().filter(|p| p.span.end < call.span.start);
        let first = before.map(|p| p.revision).max().unwrap_or_default();
        let after = self.placed.iter().filter(|p| p.span.start > call.span.end);
        let after = after.map(|p| p.revision - i64::from(p.committed));
        let last = after.min().unwrap_or(self.history.state.revision);
        let refuses = |revision| {
            let (_, outcome) = self.call(call, self.at(revision)).ok()?;
            (outcome.answer == call.answer).then_some(())
        };
        (first..=last).find_map(refuses).ok_or_else(|| {
            format!("at no revision from {first} to {last} is it refused so: {call:?}")
        })
    }

    /// The user after the deed that made the revision: the next that does not change nothing.
    fn deed(&mut self, revision: i64, events: &[Event]) -> Verdict<User> {
        loop {
            let Some(deed) = self.history.deeds.get(self.next_deed) else {
                return Err(format!("nobody made revision {revision}, with {events:#?}"));
            };
            let mut user = self.at(revision - 1).clone();
            let outcome = user.operate(self.catalog, &deed.operation);
            if user.state.revision == revision
                && outcome.answer == deed.answer
                && outcome.events == events
            {
                self.place(deed, revision, true);
                return Ok(user);
            }
            self.pass_over(revision - 1).map_err(|why| {
                format!("nobody made revision {revision}, with {events:#?}; {why}")
            })?;
        }
    }

    /// The next deed changed nothing: there must be a revision up to `last` at which that is what it does.
    fn pass_over(&mut self, last: i64) -> Verdict {
        let deed = &self.history.deeds[self.next_deed];
        let ended_before = |call: &&Call| call.span.end < deed.span.start;
        let calls = self.history.calls.iter().filter(ended_before);
        let known = calls.filter_map(Call::revision).max().unwrap_or_default();
        let mut revisions = known.max(self.deeds_are_at)..=last;
        let found = revisions.find(|revision| {
            let mut user = self.at(*revision).clone();
            let outcome = user.operate(self.catalog, &deed.operation);
            user.state.revision == *revision && outcome.answer == deed.answer
        });
        let Some(revision) = found else {
            return Err(format!("at no revision up to {last}: {deed:?}"));
        };
        self.place(deed, revision, false);
        Ok(())
    }

    fn place(&mut self, deed: &Deed, revision: i64, committed: bool) {
        self.placed.push(Placed {
            what: format!("{:?}", deed.operation),
            span: deed.span,
            revision,
            committed,
        });
        self.next_deed += 1;
        self.deeds_are_at = revision;
    }
}

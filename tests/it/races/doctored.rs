//! The checker accepts what a correct service does, and refuses it once one thing of it is changed.

use super::{
    acquire,
    checker::explain,
    history::{Call, Deed, History, Span},
    list, release,
};
use crate::model::{Answer, Catalog, Operation, User};
use std::time::{Duration, Instant};

/// Writes a history down by the model, one after the other.
struct Writer {
    catalog: Catalog,
    user: User,
    history: History,
    now: Instant,
}

impl Writer {
    /// Two services that are connected, `beta` with token 0 and `oura` with token 1.
    fn new() -> Self {
        let mut writer = Self {
            catalog: Catalog::new(),
            user: User::default(),
            history: History::default(),
            now: Instant::now(),
        };
        for service in ["beta", "oura"] {
            writer.operate(connect(service));
            writer.operate(Operation::Issue {
                service: Some(service.to_owned()),
                scopes: None,
            });
        }
        writer
    }

    fn span(&mut self) -> Span {
        let start = self.now + Duration::from_secs(1);
        let end = start + Duration::from_secs(1);
        self.now = end;
        Span { start, end }
    }

    fn operate(&mut self, operation: Operation) {
        let outcome = self.user.operate(&self.catalog, &operation);
        self.history.events.extend(outcome.events);
        let span = self.span();
        self.history.deeds.push(Deed {
            operation,
            span,
            answer: outcome.answer,
        });
    }

    fn call(&mut self, service: &str, operation: Operation) {
        let id = format!("call-{}", self.history.calls.len());
        let token = usize::from(service == "oura");
        let scopes = self.user.scopes_of(token).unwrap().clone();
        let user = &mut self.user;
        let outcome = user.call(&self.catalog, service, &scopes, &operation, &id);
        self.history.events.extend(outcome.events);
        let span = self.span();
        self.history.calls.push(Call {
            id,
            service: service.to_owned(),
            token,
            operation,
            span,
            answer: outcome.answer,
        });
    }

    fn take(&mut self, service: &str) {
        let steps = vec![("steps".to_owned(), None)];
        self.call(service, acquire(service, steps));
    }

    /// Beta takes it, oura takes it, beta takes it back; then beta asks for it again.
    fn taken() -> Self {
        let mut writer = Self::new();
        for service in ["beta", "oura", "beta", "beta"] {
            writer.take(service);
        }
        writer
    }

    fn verdict(mut self) -> Result<(), String> {
        self.history.state = self.user.state;
        explain(&self.catalog, &self.history)
    }

    #[track_caller]
    fn fails(self, why: &str) {
        let refused = self.verdict().unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
}

fn connect(service: &str) -> Operation {
    Operation::Connect {
        service: service.to_owned(),
        scopes: Some("activity_write".to_owned()),
    }
}

fn disconnect(service: &str) -> Operation {
    let service = service.to_owned();
    Operation::Disconnect { service }
}

fn refused(why: &str) -> Answer {
    Answer::Refused(why.to_owned())
}

#[test]
fn what_happened_one_after_the_other_is_explained_in_whatever_order_it_is_told() {
    let mut writer = Writer::taken();
    writer.call("oura", list("oura"));
    for on in [true, false, false] {
        let attribute = "steps".to_owned();
        writer.operate(Operation::Switch { attribute, on });
    }
    writer.call("beta", release("beta", vec!["steps".to_owned()]));
    writer.operate(disconnect("oura"));
    writer.history.calls.reverse();
    assert_eq!(writer.verdict(), Ok(()));
}

#[test]
fn either_of_two_like_calls_at_once_may_have_made_the_change() {
    let mut writer = Writer::taken();
    let (first, second) = (2, 3);
    let later = writer.history.calls[second].span;
    writer.history.calls[first].span.end = later.end;
    writer.history.calls[second].span.start = writer.history.calls[first].span.start;
    assert_eq!(writer.verdict(), Ok(()));
}

#[test]
fn a_lost_update_is_refused() {
    let mut writer = Writer::new();
    let before = writer.user.clone();
    writer.take("beta");
    // Oura decides on the state that beta found, and overwrites what beta wrote.
    writer.user = before;
    writer.history.events.clear();
    writer.take("oura");
    writer.fails("call-0");
}

#[test]
fn a_gap_in_the_generations_is_refused() {
    let mut writer = Writer::taken();
    let last = writer.history.events.last_mut().unwrap();
    last.generation += 1;
    let steps = writer.user.state.attributes.get_mut("steps");
    steps.unwrap().generation += 1;
    for call in &mut writer.history.calls[2..] {
        let Answer::Batch { results, .. } = &mut call.answer else {
            unreachable!("it was answered");
        };
        results[0].as_mut().unwrap().generation += 1;
    }
    writer.fails("nobody made revision 7");
}

#[test]
fn two_owners_at_once_are_refused() {
    let mut writer = Writer::taken();
    let event = &mut writer.history.events[2];
    assert_eq!(event.cause, "TAKEN");
    event.from_owner = None;
    "ACQUIRED".clone_into(&mut event.cause);
    writer.fails("nobody made revision 6");
}

#[test]
fn an_answer_that_no_order_explains_is_refused() {
    let mut writer = Writer::taken();
    let other = writer.history.calls[1].answer.clone();
    let Answer::Batch { results, .. } = &mut writer.history.calls[3].answer else {
        unreachable!("it was answered");
    };
    let Answer::Batch { results: stale, .. } = other else {
        unreachable!("it was answered");
    };
    *results = stale;
    writer.fails("the answer must be");
}

#[test]
fn a_change_that_nobody_answers_for_is_refused() {
    let mut writer = Writer::taken();
    writer.history.calls.remove(1);
    writer.fails("nobody made revision 6");
}

#[test]
fn an_order_against_real_time_is_refused() {
    let mut writer = Writer::taken();
    let calls = &mut writer.history.calls;
    (calls[0].span, calls[1].span) = (calls[1].span, calls[0].span);
    writer.fails("call-1 ended at revision 6 before call-0 began, which is at 5");
}

#[test]
fn what_was_refused_has_changed_nothing() {
    let mut writer = Writer::taken();
    writer.history.calls[2].answer = refused("Aborted TOO_MUCH_CONTENTION");
    writer.fails("refused, and left an event");
}

#[test]
fn only_documented_refusals_are_accepted() {
    for (why, accepted) in [
        ("Aborted TOO_MUCH_CONTENTION", true),
        ("Unavailable STORE_UNAVAILABLE", true),
        ("Internal INTERNAL", false),
        ("DeadlineExceeded DEADLINE_EXCEEDED", false),
        ("Unauthenticated TOKEN_INVALID", false),
    ] {
        let mut writer = Writer::taken();
        writer.history.calls[3].answer = refused(why);
        assert_eq!(writer.verdict().is_ok(), accepted, "{why}");
    }
}

#[test]
fn a_token_ends_with_its_connection() {
    let mut writer = Writer::new();
    writer.operate(disconnect("beta"));
    writer.operate(connect("beta"));
    writer.take("beta");
    writer.fails("its token had ended");

    let mut writer = Writer::taken();
    writer.operate(disconnect("beta"));
    writer.history.calls[3].answer = refused("Unauthenticated TOKEN_INVALID");
    writer.fails("refused before its token ended");
}

#[test]
fn what_an_operator_did_has_its_place() {
    let mut writer = Writer::taken();
    let attribute = "steps".to_owned();
    writer.operate(Operation::Switch {
        attribute,
        on: true,
    });
    let deed = writer.history.deeds.last_mut().unwrap();
    deed.answer = refused("not_owned");
    writer.fails("at no revision up to 7");
}

#[test]
fn the_state_in_the_end_is_the_one_that_all_of_it_gives() {
    let mut writer = Writer::taken();
    writer.user.state.offers.clear();
    writer.fails("the state must be");
}

//! Ending all connections of a service that has left the catalog: user by user, in passes over all users.

use super::{
    Instant,
    name::{ServiceName, UserId},
};
use std::time::Duration;

/// A connection that was decided upon before the service left the catalog may be committed so much later, and behind
/// the place that a pass has come to. So the last pass begins this long after.
pub const GRACE: Duration = Duration::from_mins(1);

/// How far the work for one service has come. It is kept, so that any instance can go on with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The service.
    pub service: ServiceName,
    /// When it left the catalog.
    pub requested_at: Instant,
    /// When the pass that is under way began.
    pub pass_began_at: Instant,
    /// The pass has come so far; empty at its beginning.
    pub after_user: String,
    /// Whether this pass has found anybody who has the service connected.
    pub found: bool,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// These users are to be disconnected; the place after them is to be kept first, so that no other instance takes
    /// them too. The last pass finds whom an instance took and did not get to.
    Disconnect(Removal),
    /// A new pass is to begin.
    Again(Removal),
    /// Nobody has the service connected any more.
    Done,
}

impl Removal {
    /// The work at its beginning.
    #[must_use]
    pub fn begin(service: ServiceName, now: Instant) -> Self {
        Self {
            service,
            requested_at: now,
            pass_began_at: now,
            after_user: String::new(),
            found: false,
        }
    }

    /// What follows from the next users, in order, who have the service connected: nobody at the end of a pass.
    #[must_use]
    pub fn next(&self, users: &[UserId], now: Instant) -> Next {
        match users.last() {
            Some(last) => Next::Disconnect(Self {
                after_user: last.as_str().to_owned(),
                found: true,
                ..self.clone()
            }),
            None if !self.found && self.pass_began_at >= self.requested_at + GRACE => Next::Done,
            None => Next::Again(Self {
                pass_began_at: now,
                after_user: String::new(),
                found: false,
                ..self.clone()
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_done_when_a_pass_after_the_grace_has_found_nobody() {
        let user = [UserId::parse("ada").unwrap()];
        let late = Instant::UNIX_EPOCH + GRACE;
        let begun = Removal::begin(ServiceName::parse("oura").unwrap(), Instant::UNIX_EPOCH);

        let Next::Disconnect(on) = begun.next(&user, late) else {
            panic!()
        };
        assert_eq!((on.after_user.as_str(), on.found), ("ada", true));
        // That pass has found somebody, so it was not the last.
        let Next::Again(again) = on.next(&[], late) else {
            panic!()
        };
        assert_eq!((again.after_user.as_str(), again.found), ("", false));
        assert_eq!(again.next(&[], late), Next::Done);
        // One that began too early was not the last either.
        assert!(matches!(begun.next(&[], late), Next::Again(_)));
    }
}

//! What was asked of one user's data, by many at once, and what came of it.

use crate::{
    harness::Event,
    model::{Answer, Operation, State},
};
use std::time::Instant;

/// All that is known from outside.
#[derive(Debug, Clone, Default)]
pub struct History {
    pub calls: Vec<Call>,
    /// One operator's, one after the other.
    pub deeds: Vec<Deed>,
    /// The ledger, in order.
    pub events: Vec<Event>,
    /// What the database has in the end.
    pub state: State,
}

/// A call of a service, or of [`super::crowd::USER`]. Its id is in the events that it caused.
#[derive(Debug, Clone)]
pub struct Call {
    pub id: String,
    pub service: String,
    /// Which of the user's tokens, from 0 in the order of their issue.
    pub token: usize,
    pub operation: Operation,
    pub span: Span,
    pub answer: Answer,
}

/// What an operator did. It has no id, and its answer tells no revision.
#[derive(Debug, Clone)]
pub struct Deed {
    pub operation: Operation,
    pub span: Span,
    pub answer: Answer,
}

/// From before it was sent until after it was answered.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub start: Instant,
    pub end: Instant,
}

impl Call {
    /// The revision that its answer shows; none where it was refused.
    pub fn revision(&self) -> Option<i64> {
        match &self.answer {
            Answer::Batch { revision, .. }
            | Answer::Pages { revision, .. }
            | Answer::Own { revision, .. }
            | Answer::Groups { revision, .. }
            | Answer::Connections { revision, .. }
            | Answer::Passing { revision, .. }
            | Answer::Told { revision, .. } => Some(*revision),
            Answer::Done(_) | Answer::Refused(_) => None,
        }
    }
}

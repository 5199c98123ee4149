//! What is measured, and who sends it.

use serde::Serialize;
use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// The largest batch.
pub(crate) const BATCH: usize = 35;

/// How many attributes the page has that is asked for.
pub(crate) const PAGE: usize = 20;

/// A prime: a walk in such steps meets every user in no order.
pub(crate) const LEAP: u64 = 1_000_003;

/// A kind of call, and the state that it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
#[value(rename_all = "snake_case")]
pub(crate) enum Operation {
    Acquire1Fresh,
    Acquire35Fresh,
    Acquire1Owned,
    Acquire35Owned,
    Release1,
    OwnedPage20,
}

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The first so many templates.
    Acquire(usize),
    /// The first template's attribute.
    Release,
    /// The first page of [`PAGE`].
    Page,
}

impl Operation {
    pub(crate) const ALL: [Self; 6] = [
        Self::Acquire1Fresh,
        Self::Acquire35Fresh,
        Self::Acquire1Owned,
        Self::Acquire35Owned,
        Self::Release1,
        Self::OwnedPage20,
    ];

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Acquire1Fresh => "acquire 1, fresh",
            Self::Acquire35Fresh => "acquire 35, fresh",
            Self::Acquire1Owned => "acquire 1, owned",
            Self::Acquire35Owned => "acquire 35, owned",
            Self::Release1 => "release 1",
            Self::OwnedPage20 => "owned page of 20",
        }
    }

    pub(crate) const fn wanted(self) -> Wanted {
        match self {
            Self::Acquire1Fresh | Self::Acquire1Owned => Wanted::Acquire(1),
            Self::Acquire35Fresh | Self::Acquire35Owned => Wanted::Acquire(BATCH),
            Self::Release1 => Wanted::Release,
            Self::OwnedPage20 => Wanted::Page,
        }
    }

    /// How many attributes the calling service owns before.
    pub(crate) const fn owned_before(self) -> usize {
        match self {
            Self::Acquire1Fresh | Self::Acquire35Fresh => 0,
            Self::Release1 => 1,
            Self::Acquire1Owned | Self::Acquire35Owned | Self::OwnedPage20 => BATCH,
        }
    }

    /// Whether a call changes its user, who can then serve no other.
    pub(crate) const fn writes(self) -> bool {
        matches!(
            self,
            Self::Acquire1Fresh | Self::Acquire35Fresh | Self::Release1
        )
    }

    /// How many statements it is on PostgreSQL: token and load, and a commit if it writes.
    pub(crate) const fn statements(self) -> usize {
        if self.writes() { 3 } else { 2 }
    }

    /// The figure that is to be reached over gRPC on PostgreSQL, as a part of the floor.
    pub(crate) const fn target(self) -> Option<f64> {
        match self {
            Self::Acquire1Fresh | Self::Acquire35Fresh => Some(0.6),
            Self::Acquire1Owned | Self::Acquire35Owned | Self::OwnedPage20 => Some(0.5),
            Self::Release1 => None,
        }
    }

    /// More users than so many callers use up in a second. Where they do, the measurement ends early.
    pub(crate) const fn users_a_second(self, callers: u64) -> u64 {
        let (each, most) = match self {
            Self::Acquire35Fresh => (500, 2_500),
            _ => (4_000, 16_000),
        };
        let all = each * callers;
        if all < most { all } else { most }
    }
}

/// A service of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) user: u64,
    pub(crate) service: usize,
}

/// For whom the callers call.
#[derive(Debug)]
pub(crate) enum Users {
    /// Each user once: every caller has so many of its own.
    Once { first: u64, each: u64 },
    /// So many, each that far from the one before, over and over; in their order if `factor` is 1, else scattered.
    Again {
        first: u64,
        step: u64,
        count: u64,
        factor: u64,
        callers: u64,
    },
    /// As [`Users::Again`], by the service of the two which does not own what is wanted.
    Turns {
        whom: Box<Users>,
        owners: Arc<Owners>,
    },
    /// One user, by one service after the other.
    One { user: u64, services: usize },
}

/// Which of two services owns the attribute, by user.
#[derive(Debug)]
pub(crate) struct Owners {
    first: u64,
    second_owns: Vec<AtomicBool>,
}

impl Owners {
    /// The first service owns it.
    pub(crate) fn of(users: &Range<u64>) -> Self {
        let length = usize::try_from(users.end - users.start).unwrap_or_default();
        Self {
            first: users.start,
            second_owns: (0..length).map(|_| AtomicBool::new(false)).collect(),
        }
    }

    /// The service that does not, and will after its call.
    fn next(&self, user: u64) -> usize {
        let index = usize::try_from(user - self.first).unwrap_or_default();
        let second_owned = self.second_owns[index].fetch_xor(true, Ordering::Relaxed);
        usize::from(!second_owned)
    }
}

impl Users {
    /// Who sends a caller's call of this number, or none if the caller has no user left.
    pub(crate) fn next(&self, caller: u64, number: u64) -> Option<Client> {
        match self {
            Self::Once { first, each } => (number < *each).then(|| Client {
                user: first + caller * each + number,
                service: 0,
            }),
            Self::Again {
                first,
                step,
                count,
                factor,
                callers,
            } => {
                // Each has a part of its own, so that no two are at the same user.
                let part = (count / callers).max(1);
                let index = (caller * part + number % part) * factor % count;
                Some(Client {
                    user: first + step * index,
                    service: 0,
                })
            }
            Self::Turns { whom, owners } => {
                let Client { user, .. } = whom.next(caller, number)?;
                let service = owners.next(user);
                Some(Client { user, service })
            }
            Self::One { user, services } => {
                let number = usize::try_from(caller + number).unwrap_or_default();
                Some(Client {
                    user: *user,
                    service: number % services,
                })
            }
        }
    }
}

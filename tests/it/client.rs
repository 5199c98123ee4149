//! The client library, against a Tenure that runs, with a table of values of its own. The statements are those of
//! `docs/writing-safely.md`.

mod fence;
mod guard;
mod together;
mod values;

use crate::{
    grpc::channel,
    harness::{SCOPES, Tenure},
};
use std::{convert::Infallible, time::Duration};
use tenure::{
    client::{Client, Fence, GuardOptions, Refusal, Target, WriteError, WriteGuard, Written},
    domain::internal::Role,
};
use values::Values;

/// What a guarded write comes to; the table of values fails no test but by panicking.
type Outcome = Result<Fence, WriteError<Infallible>>;

/// Ada's steps, which both services can handle, and a table for them.
struct Case {
    t: Tenure,
    values: Values,
}

impl Case {
    async fn new(t: Tenure) -> Self {
        for service in ["oura", "withings"] {
            t.connect("ada", service, SCOPES).await;
        }
        let values = Values::new(&t.database).await;
        Self { t, values }
    }

    async fn acquire(&self, service: &str) {
        let token = self.t.issue("ada", service, None).await;
        let items = serde_json::json!([{"template": "steps", "manual": false}]);
        self.t.with_token(&token).acquire(items).await.succeeded();
    }

    async fn client(&self) -> Client {
        let token = self.t.internal(Role::Reader).await;
        Client::new(channel(&self.t).await, &token).unwrap()
    }

    async fn guard(&self, options: GuardOptions) -> WriteGuard {
        WriteGuard::new(self.client().await, options)
    }

    async fn write(&self, guard: &WriteGuard, service: &str, value: i64) -> Outcome {
        write(&self.values, guard, service, value).await
    }

    /// Who the steps belong to.
    async fn owner(&self) -> Option<String> {
        self.t.owner("ada", "steps").await.0
    }
}

/// Writes a value of the service through the guard.
async fn write(values: &Values, guard: &WriteGuard, service: &str, value: i64) -> Outcome {
    let write = |fence| async move { Ok(values.write(fence, value).await) };
    guard.write(&steps(service), write).await
}

/// Ada's steps, to be written by the service.
fn steps(service: &str) -> Target {
    Target {
        user: "ada".into(),
        attribute: "steps".into(),
        service: service.into(),
    }
}

/// The database is asked each time.
fn always_asking() -> GuardOptions {
    GuardOptions {
        max_age: Duration::ZERO,
        ..GuardOptions::default()
    }
}

#[track_caller]
fn refusal(outcome: Outcome) -> Refusal {
    match outcome {
        Err(WriteError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// That of a service which owns nothing, while this one does, and nothing was tried to acquire it.
fn not_owner(owner: Option<&str>) -> Refusal {
    Refusal::NotOwner {
        owner: owner.map(str::to_owned),
        not_acquired: None,
    }
}

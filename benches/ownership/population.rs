//! Users as they stand before a measurement: the rows that the service itself would have written.

use crate::{
    operation::Client,
    rows::{Rows, Table, Value},
};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;
use tenure::domain::catalog::{CatalogFile, Template};

/// The services; those of a user are the first so many.
pub(crate) const SERVICES: [&str; 4] = ["bench-a", "bench-b", "bench-c", "bench-d"];

/// They cover all of [`TEMPLATES`].
const SCOPES: &str = "activity_write finance_write food_write productivity_write workouts_write";

/// What is acquired, from the first on.
pub(crate) static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let mut templates = CatalogFile::builtin().template;
    templates.truncate(crate::operation::BATCH);
    templates
});

/// Any moment before the run, and one after it.
const BEFORE: Value<'static> = Value::Moment("2026-01-01 00:00:00+00", 1_767_225_600_000_000);
const AFTER: Value<'static> = Value::Moment("2100-01-01 00:00:00+00", 4_102_444_800_000_000);

/// Users who follow each other by number, all alike.
#[derive(Debug, Clone)]
pub(crate) struct Population {
    pub(crate) first: u64,
    pub(crate) users: u64,
    /// How many services each has connected; each has a token.
    pub(crate) services: usize,
    /// How many attributes the first of them has acquired, in one batch.
    pub(crate) owned: usize,
}

/// Gives out users that nobody has had yet. All ids have as many digits.
#[derive(Debug)]
pub(crate) struct Unused(u64);

impl Default for Unused {
    fn default() -> Self {
        Self(1_000_000_000)
    }
}

impl Unused {
    pub(crate) fn take(&mut self, users: u64) -> u64 {
        let first = self.0;
        self.0 += users;
        first
    }
}

/// The token of a user's service: as long as those that are issued, and known without being kept.
pub(crate) fn token(client: Client) -> String {
    let number = client.user * 10 + client.service as u64;
    format!("tnr_{number:043}")
}

/// The bytes, as text, of the hash of a token that nobody can present. `pgbench`, which can calculate and cannot hash,
/// finds the user's token by it. The numbers are scattered over the index as hashes are.
pub(crate) fn unhashed(user: u64) -> String {
    (user * SCATTER.0 % SCATTER.1 + SCATTER.2).to_string()
}

/// Factor, modulus (a prime) and summand of [`unhashed`].
pub(crate) const SCATTER: (u64, u64, u64) = (1_103_515_245, 2_147_483_647, 1 << 60);

impl Population {
    /// The revision that they are at: one for each connection, token and batch.
    pub(crate) fn revision(&self) -> i64 {
        2 * self.services as i64 + i64::from(self.owned > 0)
    }

    /// The rows of one of the users.
    pub(crate) fn write(&self, user: u64, rows: &mut impl Rows) {
        let id = user.to_string();
        let (id, revision) = (Value::Text(&id), Value::Number(self.revision()));
        rows.row(Table::UserRevision, &[id, revision]);
        let scopes = Value::Text(SCOPES);
        for (service, name) in SERVICES.iter().enumerate().take(self.services) {
            let name = Value::Text(name);
            rows.row(Table::Connection, &[id, name, scopes, BEFORE]);
            let hash = Sha256::digest(token(Client { user, service }));
            let hash = Value::Bytes(&hash);
            rows.row(Table::Token, &[hash, id, name, scopes, BEFORE, AFTER]);
        }
        let hash = unhashed(user);
        let (hash, name) = (Value::Bytes(hash.as_bytes()), Value::Text(SERVICES[0]));
        rows.row(Table::Token, &[hash, id, name, scopes, BEFORE, AFTER]);
        for (number, template) in TEMPLATES.iter().enumerate().take(self.owned) {
            acquired(id, revision, number, template, rows);
        }
    }
}

/// What the first service's acquire of a template writes, as the item of that number in its batch.
fn acquired(
    user: Value<'_>,
    revision: Value<'_>,
    number: usize,
    template: &Template,
    rows: &mut impl Rows,
) {
    use Value::{Bool, Null, Number, Text};
    let (name, owner) = (Text(template.name.as_str()), Text(SERVICES[0]));
    let (label, group) = (Text(template.label.as_str()), Text(template.group.as_str()));
    let value_type = Number(i32::from(template.value_type).into());
    let priority = Number(template.priority.into());
    let (yes, no) = (Bool(true), Bool(false));
    rows.row(
        Table::Attribute,
        &[
            user,
            name,
            name,
            label,
            group,
            value_type,
            priority,
            yes,
            owner,
            BEFORE,
            yes,
            no,
            Number(1),
        ],
    );
    rows.row(
        Table::Offer,
        &[user, name, owner, yes, no, Null, revision, Null],
    );
    let (actor, request) = (Text("service:bench-a"), Text("loaded"));
    for (place, to, generation, active, cause) in
        [(0, Null, 0, no, "CREATED"), (1, owner, 1, yes, "ACQUIRED")]
    {
        rows.row(
            Table::Event,
            &[
                user,
                revision,
                Number(2 * number as i64 + place),
                name,
                Null,
                to,
                Number(generation),
                active,
                yes,
                no,
                Text(cause),
                actor,
                request,
                BEFORE,
            ],
        );
    }
}

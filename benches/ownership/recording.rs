//! What each operation sends to PostgreSQL, recorded from the service.

use crate::{
    database::Database,
    grpc::{self, Grpc},
    internal::{Asked, Internal},
    load::{Called, Caller as _},
    loader,
    operation::{Client, Operation, Users, Wanted},
    population::{self, Population, TEMPLATES, Unused},
    service::Service,
    tap::{self, Parameter, Statement, Tap},
};
use anyhow::{bail, ensure};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The statements of one call.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    /// Whose call it was.
    pub(crate) user: u64,
    /// As PostgreSQL reads it; none where no token is looked up.
    pub(crate) token_hash: Option<String>,
    /// Whether it ends with a commit.
    pub(crate) writes: bool,
    pub(crate) statements: Vec<Statement>,
}

/// Records one call of each operation.
pub(crate) async fn all(
    database: &Database,
    operations: &[Operation],
    unused: &mut Unused,
) -> anyhow::Result<Vec<(Operation, Recording)>> {
    let tap = Tap::before(database.address()?)?;
    let service = Service::start(&database.through(tap.address)?, 1, 1)?;
    let channels = grpc::connect(service.grpc, 1).await?;
    let call = async |operation: Operation, wanted: Wanted, unused: &mut Unused| {
        let population = population(operation, unused, 1);
        loader::add(database, std::slice::from_ref(&population)).await?;
        let first = population.first;
        let users = Arc::new(Users::Once { first, each: 1 });
        tap.take()?;
        for caller in &mut Grpc::callers(&channels, 1, wanted, &users) {
            if matches!(caller.call().await?, Called::NoUserLeft) {
                bail!("nobody called");
            }
        }
        anyhow::Ok((first, tap.take()?))
    };
    // The first call reads the catalog too.
    call(Operation::OwnedPage20, Wanted::Page, unused).await?;
    let mut recordings = Vec::new();
    for operation in operations.iter().copied() {
        let (user, mut statements) = call(operation, operation.wanted(), unused).await?;
        let token = population::token(Client { user, service: 0 });
        let token_hash = tap::bytes(&Sha256::digest(token));
        // What the housekeeping does meanwhile, and a ping, are about nobody.
        statements.retain(|statement| names(statement, &[&user.to_string(), &token_hash]));
        ensure!(
            statements.len() == operation.statements(),
            "{} is {} statements, and should be {}: {statements:#?}",
            operation.label(),
            statements.len(),
            operation.statements(),
        );
        let recording = Recording {
            user,
            token_hash: Some(token_hash),
            writes: operation.writes(),
            statements,
        };
        recordings.push((operation, recording));
    }
    Ok(recordings)
}

/// Records a check of one item of one user, of whom it may be asked for as often as one likes.
pub(crate) async fn check(
    database: &Database,
    token: &str,
    whom: &Arc<Users>,
) -> anyhow::Result<Recording> {
    let tap = Tap::before(database.address()?)?;
    let service = Service::start(&database.through(tap.address)?, 1, 1)?;
    let channels = grpc::connect(service.grpc, 1).await?;
    let Some(Client { user, .. }) = whom.next(0, 0) else {
        bail!("nobody to ask about");
    };
    for caller in &mut Internal::callers(&channels, 1, token, &Asked::latest(1), whom) {
        caller.call().await?;
    }
    let mut statements = tap.take()?;
    // The token is looked up too, but not for each call.
    statements.retain(|statement| names(statement, &[&user.to_string()]));
    ensure!(
        statements.len() == 1,
        "a check is {} statements, and should be one: {statements:#?}",
        statements.len()
    );
    Ok(Recording {
        user,
        token_hash: None,
        writes: false,
        statements,
    })
}

/// Whether a parameter of the statement is one of these.
fn names(statement: &Statement, these: &[&str]) -> bool {
    let values = statement
        .parameters
        .iter()
        .filter_map(|p| p.value.as_deref());
    values.into_iter().any(|value| these.contains(&value))
}

/// What pgbench is asked beside it: a row by its key, as anybody would who wants no more.
pub(crate) fn row(user: u64) -> Recording {
    let text = "select owner, generation, active from attribute where user_id = $1 and name = $2";
    let parameter = |value: String| Parameter {
        array_of: None,
        is_bigint: false,
        value: Some(value),
    };
    let parameters = [user.to_string(), TEMPLATES[0].name.to_string()];
    Recording {
        user,
        token_hash: None,
        writes: false,
        statements: vec![Statement {
            text: text.to_owned(),
            parameters: parameters.map(parameter).into(),
        }],
    }
}

/// Users of whom each can be called for once.
pub(crate) fn population(operation: Operation, unused: &mut Unused, users: u64) -> Population {
    Population {
        first: unused.take(users),
        users,
        services: 1,
        owned: operation.owned_before(),
    }
}

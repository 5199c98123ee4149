//! What each operation sends to PostgreSQL, recorded from the service.

use crate::{
    database::Database,
    grpc::{self, Grpc},
    load::{Called, Caller as _},
    loader,
    operation::{Client, Operation, Users, Wanted},
    population::{self, Population, Unused},
    service::Service,
    tap::{self, Statement, Tap},
};
use anyhow::{bail, ensure};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The statements of one call.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) operation: Operation,
    /// Whose call it was.
    pub(crate) user: u64,
    /// As PostgreSQL reads it.
    pub(crate) token_hash: String,
    pub(crate) statements: Vec<Statement>,
}

/// Records one call of each operation.
pub(crate) async fn all(
    database: &Database,
    operations: &[Operation],
    unused: &mut Unused,
) -> anyhow::Result<Vec<Recording>> {
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
        statements.retain(|statement| !statement.text.contains("SQLx ping"));
        ensure!(
            statements.len() == operation.statements(),
            "{} is {} statements, and should be {}: {statements:#?}",
            operation.label(),
            statements.len(),
            operation.statements(),
        );
        let token = population::token(Client { user, service: 0 });
        recordings.push(Recording {
            operation,
            user,
            token_hash: tap::bytes(&Sha256::digest(token)),
            statements,
        });
    }
    Ok(recordings)
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

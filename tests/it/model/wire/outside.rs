//! Tokens of outside authorization servers, as they are once they have been verified.

use crate::{
    harness::{Side, id, name},
    model::{Answer, Operation, operation::Foreign},
};
use tenure::{
    auth::{Client, Issuer, TokenSecret},
    domain::{Instant, decide::AcquireItem, name::UserId, scope::Scopes},
    service::{Answered, BatchOptions, Error, Notice, Registry},
};

/// What becomes of such a token that was issued at this moment.
pub async fn bring(
    side: &Side,
    user: &str,
    issued_at: Instant,
    operation: &Operation,
    request_id: &str,
) -> Answer {
    match operation {
        Operation::Arrive(token) => {
            let followed = side.admission.follow(&client(user, token, issued_at)).await;
            followed.map_or_else(|error| refused(&error), |()| Answer::Done(None))
        }
        Operation::AcquireWith {
            token,
            name,
            manual,
        } => {
            let client = client(user, token, issued_at);
            let item = AcquireItem {
                template: Some(name.clone()),
                manual: *manual,
                ..AcquireItem::default()
            };
            let (items, options) = ([item], BatchOptions::default());
            let acquired = side
                .ownership
                .acquire(&client, request_id, &items, &options);
            match acquired.await {
                Ok(Answered::Now(answer)) => match &answer.results[0] {
                    Ok(view) => Answer::Done(Some(view.attribute.name.to_string())),
                    Err(failure) => Answer::Refused(failure.to_string()),
                },
                Ok(Answered::Before(_)) => unreachable!("it has no key"),
                Err(error) => refused(&error),
            }
        }
        _ => unreachable!("brings no token: {operation:?}"),
    }
}

/// The server tells that a grant is withdrawn but for these scopes.
pub async fn notice(
    registry: &Registry,
    user: UserId,
    service: &str,
    remaining: &str,
) -> Result<(), Error> {
    let notice = Notice::Grant {
        user,
        service: name(service),
        remaining: Scopes::parse(remaining).unwrap(),
    };
    registry.take_notice(&notice).await
}

fn refused(error: &Error) -> Answer {
    Answer::Refused(error.to_string())
}

fn client(user: &str, token: &Foreign, issued_at: Instant) -> Client {
    Client {
        user: id(user),
        service: name(&token.service),
        scopes: Scopes::parse(&token.scopes).unwrap(),
        issued_at,
        expires_at: issued_at + time::Duration::hours(1),
        token: TokenSecret::hash_of("a token of others"),
        issuer: Issuer::Outside,
    }
}

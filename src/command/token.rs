//! `tenure token`.

use super::{Output, output::moment};
use crate::{
    config::{IssueToken, TokenCommand},
    domain::{
        Instant,
        internal::InternalToken,
        token::{TokenHash, TokenRecord},
    },
    service::{NewInternalToken, NewToken, Registry},
};
use anyhow::Context as _;
use serde_json::{Value, json};

pub(super) async fn run(
    registry: &Registry,
    command: &TokenCommand,
    output: &mut Output,
) -> anyhow::Result<()> {
    match command {
        TokenCommand::Issue(issue) => issue_token(registry, issue, output).await,
        TokenCommand::List {
            user: Some(user), ..
        } => {
            let columns = ["id", "service", "scopes", "issued", "expires", "revoked"];
            let tokens = registry.tokens(user).await?;
            output.table(columns, tokens.iter().map(row))
        }
        TokenCommand::List { user: None, .. } => {
            let columns = ["id", "internal", "role", "issued", "expires", "revoked"];
            let tokens = registry.internal_tokens().await?;
            output.table(columns, tokens.iter().map(internal_row))
        }
        TokenCommand::Revoke { token } => {
            registry.revoke_token(token).await?;
            output.record("revoked", &json!({"revoked": true}))
        }
    }
}

async fn issue_token(
    registry: &Registry,
    issue: &IssueToken,
    output: &mut Output,
) -> anyhow::Result<()> {
    let expires_in = time::Duration::try_from(issue.expires_in);
    let expires_in = expires_in.context("--expires-in is too long")?;
    let (secret, hash, expires_at) = match (&issue.internal, issue.role, &issue.user) {
        (Some(name), Some(role), _) => {
            let new = NewInternalToken {
                name: name.clone(),
                role,
                expires_in,
            };
            let (secret, token) = registry.issue_internal_token(&new).await?;
            (secret, token.hash, token.expires_at)
        }
        (_, _, user) => {
            let new = NewToken {
                user: user.clone().context("--user is missing")?,
                service: issue.service.clone(),
                scopes: issue.scope.clone(),
                expires_in,
            };
            let (secret, token) = registry.issue_token(&new).await?;
            (secret, token.hash, token.expires_at)
        }
    };
    show(secret.reveal(), &hash, expires_at, output)
}

fn show(
    secret: &str,
    hash: &TokenHash,
    expires_at: Instant,
    output: &mut Output,
) -> anyhow::Result<()> {
    if output.is_json() {
        let object = json!({"token": secret, "id": hash.id(), "expires": moment(expires_at)});
        return output.line(&object.to_string());
    }
    output.line(secret)
}

fn row(token: &TokenRecord) -> [Value; 6] {
    [
        json!(token.hash.id()),
        json!(token.service),
        json!(token.scopes),
        json!(moment(token.issued_at)),
        json!(moment(token.expires_at)),
        json!(token.revoked_at.map(moment)),
    ]
}

fn internal_row(token: &InternalToken) -> [Value; 6] {
    [
        json!(token.hash.id()),
        json!(token.name),
        json!(token.role.as_str()),
        json!(moment(token.issued_at)),
        json!(moment(token.expires_at)),
        json!(token.revoked_at.map(moment)),
    ]
}

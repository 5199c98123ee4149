//! `tenure token`.

use super::{Output, output::moment};
use crate::{
    config::{IssueToken, TokenCommand},
    domain::token::TokenRecord,
    service::{NewToken, Registry},
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
        TokenCommand::List { user } => {
            let columns = ["id", "service", "scopes", "issued", "expires", "revoked"];
            let tokens = registry.tokens(user).await?;
            output.table(columns, tokens.iter().map(row))
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
    let new = NewToken {
        user: issue.user.clone(),
        service: issue.service.clone(),
        scopes: issue.scope.clone(),
        expires_in: expires_in.context("--expires-in is too long")?,
    };
    let (secret, record) = registry.issue_token(&new).await?;
    if output.is_json() {
        let (id, expires) = (record.hash.id(), moment(record.expires_at));
        let object = json!({"token": secret.reveal(), "id": id, "expires": expires});
        return output.line(&object.to_string());
    }
    output.line(secret.reveal())
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

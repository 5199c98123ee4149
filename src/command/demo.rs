//! `tenure demo`: a whole Tenure on a throwaway database, and lines to try it with.

use super::{Output, serve};
use crate::{
    app::{Addresses, App},
    config::{Common, DemoArguments, ServeArguments},
    domain::{
        catalog::CatalogFile,
        name::{GroupName, Label, ServiceName, UserId},
        scope::Scopes,
        value_type::ValueType,
    },
    service::{NewToken, Registry},
};
use anyhow::Context as _;
use serde_json::json;
use time::Duration;

const SERVICES: &str = include_str!("demo/services.toml");

/// What every service of the demo may do: enough for all that is printed.
const SCOPES: &str = "activity_read activity_write mood_read mood_write sleep_write custom_write \
                      media_write manual_read manual_write";

/// Custom attributes of each user: label, group, value type.
const CUSTOM: [(&str, &str, ValueType); 3] = [
    ("Time reading", "media", ValueType::Period),
    ("Saw a friend", "custom", ValueType::Boolean),
    ("Rode the bike", "custom", ValueType::Boolean),
];

/// A token of the demo.
struct Issued {
    user: &'static str,
    service: &'static str,
    token: String,
}

/// A line to try.
struct Line {
    does: &'static str,
    command: String,
}

pub(super) async fn run(
    common: &Common,
    arguments: &DemoArguments,
    output: &mut Output,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut config = ServeArguments::from(arguments).app(common);
    config.storage.url = format!("sqlite://{}", folder.path().join("demo.db").display());
    let app = App::build(config).await?;
    let tokens = seed(app.registry()).await?;
    show(&tokens, &lines(&tokens, app.addresses()), output)?;
    serve::until_signalled(app).await
}

async fn seed(registry: &Registry) -> anyhow::Result<Vec<Issued>> {
    let services = CatalogFile::parse(SERVICES)?;
    registry.apply_catalog(&services).await?;
    let mut tokens = Vec::new();
    for user in ["ada", "grace"] {
        let id = UserId::parse(user)?;
        for service in ["test500", "oura", "withings"] {
            let token = connect(registry, &id, service).await?;
            tokens.push(Issued {
                user,
                service,
                token,
            });
        }
        for (label, group, value_type) in CUSTOM {
            let (label, group) = (Label::parse(label)?, GroupName::parse(group)?);
            let created = registry.create_attribute(&id, &label, &group, value_type, true);
            created.await?;
        }
    }
    Ok(tokens)
}

/// Connects the service, and issues a token that may do all that the connection may.
async fn connect(registry: &Registry, user: &UserId, service: &str) -> anyhow::Result<String> {
    let (service, scopes) = (ServiceName::parse(service)?, Scopes::parse(SCOPES)?);
    registry.connect(user, &service, Some(&scopes)).await?;
    let new = NewToken {
        user: user.clone(),
        service: Some(service),
        scopes: None,
        expires_in: Duration::days(1),
    };
    let (secret, _) = registry.issue_token(&new).await?;
    Ok(secret.reveal().to_owned())
}

fn lines(tokens: &[Issued], addresses: Addresses) -> Vec<Line> {
    let token = |service| {
        let mine = |t: &&Issued| t.user == "ada" && t.service == service;
        tokens.iter().find(mine).map_or("", |t| t.token.as_str())
    };
    let curl = |service, method, path, body: &str| {
        let body = match body {
            "" => String::new(),
            body => format!(" -H 'Content-Type: application/json' -d '{body}'"),
        };
        let url = format!("http://{}/api/2/attributes/{path}", addresses.http);
        let token = token(service);
        format!("curl -sS -X {method} '{url}' -H 'Authorization: Bearer {token}'{body}")
    };
    let grpc = |service, method, body| {
        let (address, token) = (addresses.grpc, token(service));
        let rpc = format!("attributeownership.v1.AttributeOwnership/{method}");
        format!("grpcurl -plaintext -H 'authorization: Bearer {token}' -d '{body}' {address} {rpc}")
    };
    let line = |does, command| Line { does, command };
    let steps_and_mood = r#"[{"template":"steps","manual":false},{"template":"mood"}]"#;
    vec![
        line(
            "My Test Client acquires two attributes for ada, which creates them",
            curl(
                "test500",
                "POST",
                "acquire/?success_objects=1",
                steps_and_mood,
            ),
        ),
        line(
            "it acquires one of her own",
            curl(
                "test500",
                "POST",
                "acquire/",
                r#"[{"name":"time_reading"}]"#,
            ),
        ),
        line(
            "it lists what it owns",
            curl("test500", "GET", "owned/", ""),
        ),
        line(
            "Oura takes the steps over: the last to ask is the owner",
            curl("oura", "POST", "acquire/", r#"[{"name":"steps"}]"#),
        ),
        line(
            "Oura releases them again, and My Test Client inherits",
            curl("oura", "POST", "release/", r#"[{"name":"steps"}]"#),
        ),
        line(
            "the same over gRPC: Withings acquires",
            grpc(
                "withings",
                "AcquireAttributes",
                r#"{"items":[{"template":"steps"}]}"#,
            ),
        ),
        line(
            "Withings lists what it owns",
            grpc("withings", "ListOwnedAttributes", "{}"),
        ),
        line(
            "and releases",
            grpc(
                "withings",
                "ReleaseAttributes",
                r#"{"items":[{"name":"steps"}]}"#,
            ),
        ),
    ]
}

fn show(tokens: &[Issued], lines: &[Line], output: &mut Output) -> anyhow::Result<()> {
    if output.is_json() {
        let token = |t: &Issued| json!({"user": t.user, "service": t.service, "token": t.token});
        let line = |l: &Line| json!({"does": l.does, "command": l.command});
        let tokens: Vec<_> = tokens.iter().map(token).collect();
        let commands: Vec<_> = lines.iter().map(line).collect();
        return output.line(&json!({"tokens": tokens, "commands": commands}).to_string());
    }
    output.line("Tenure runs on a throwaway database, which goes when you press Ctrl-C.\n")?;
    output.line("Tokens, good for a day:")?;
    output.table(
        ["user", "service", "token"],
        tokens
            .iter()
            .map(|t| [json!(t.user), json!(t.service), json!(t.token)]),
    )?;
    output.line("\nTry these in another terminal, one after the other.")?;
    for Line { does, command } in lines {
        output.line(&format!("\n# {does}\n{command}"))?;
    }
    output.line("")
}

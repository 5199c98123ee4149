//! `tenure demo`: a whole platform on throwaway databases, and lines to try it with.

mod story;
mod values;

use super::{Output, serve};
use crate::{
    app::{Addresses, App},
    auth::{Client, Issuer},
    config::{Common, DemoArguments, ServeArguments},
    domain::{
        catalog::CatalogFile,
        decide::AcquireItem,
        internal::Role,
        name::{GroupName, Label, ServiceName, UserId},
        scope::Scopes,
        value_type::ValueType,
    },
    service::{BatchOptions, NewInternalToken, NewToken, Registry},
    storage::DatabaseUrl,
};
use anyhow::Context as _;
use serde_json::json;
use story::STEPS;
use tenure_gateway::{Page, SignIn};
use time::Duration;
use values::Values;

/// Who uses the demo.
const USERS: [&str; 2] = ["ada", "grace"];

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

/// What services of the demo own from the start: service, template.
const OWNED: [(&str, &str); 2] = [("oura", "sleep"), ("withings", "floors")];

/// The internal service of the demo, which stores values.
const INTERNAL: &str = "values";

/// A token of the demo; of no user for an internal service, and of no service for the user's own.
struct Issued {
    user: &'static str,
    service: &'static str,
    token: String,
}

pub(super) async fn run(
    common: &Common,
    arguments: &DemoArguments,
    output: &mut Output,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let database = |name| format!("sqlite://{}", folder.path().join(name).display());
    let mut config = ServeArguments::from(arguments).app(common)?;
    config.storage.url = DatabaseUrl::new(database("demo.db"));
    let values = Values::bind().await?;
    config.gateway.upstream = Some(values.upstream()?);
    config.gateway.page = Some(Page::new(SignIn::Links));
    let app = App::build(config).await?;
    let (addresses, mut tokens) = (app.addresses(), seed(&app).await?);
    let internal = internal(app.registry()).await?;
    let (token, file) = (&internal.token, database("values.db"));
    let values = values.serve(addresses.grpc, token, &file).await?;
    tokens.push(internal);
    let pages = pages(&app).await?;
    show(&tokens, &pages, addresses, output)?;
    serve::until_signalled(app).await?;
    // Last, because the gateway may be waiting for it.
    values.stop().await
}

async fn seed(app: &App) -> anyhow::Result<Vec<Issued>> {
    let registry = app.registry();
    let services = CatalogFile::parse(SERVICES)?;
    registry.apply_catalog(&services).await?;
    let mut tokens = Vec::new();
    for user in USERS {
        let id = UserId::parse(user)?;
        for (label, group, value_type) in CUSTOM {
            let (label, group) = (Label::parse(label)?, GroupName::parse(group)?);
            let created = registry.create_attribute(&id, &label, &group, value_type, true);
            created.await?;
        }
        for service in ["test500", "oura", "withings"] {
            let (client, token) = connect(registry, &id, service).await?;
            let owned = OWNED.iter().filter(|(owner, _)| *owner == service);
            let items: Vec<_> = owned.map(|(_, template)| acquire(template)).collect();
            let options = BatchOptions::default();
            let acquired = app.ownership().acquire(&client, "demo", &items, &options);
            acquired.await?;
            tokens.push(Issued {
                user,
                service,
                token,
            });
        }
    }
    Ok(tokens)
}

/// A token of each user's own, to sign in with.
async fn pages(app: &App) -> anyhow::Result<Vec<Issued>> {
    let mut tokens = Vec::new();
    for user in USERS {
        let new = NewToken {
            user: UserId::parse(user)?,
            service: None,
            scopes: None,
            expires_in: Duration::days(1),
        };
        let (secret, _) = app.registry().issue_token(&new).await?;
        tokens.push(Issued {
            user,
            service: "",
            token: secret.reveal().to_owned(),
        });
    }
    Ok(tokens)
}

async fn internal(registry: &Registry) -> anyhow::Result<Issued> {
    let new = NewInternalToken {
        name: ServiceName::parse(INTERNAL)?,
        role: Role::Reader,
        expires_in: Duration::days(1),
    };
    let (secret, _) = registry.issue_internal_token(&new).await?;
    Ok(Issued {
        user: "",
        service: INTERNAL,
        token: secret.reveal().to_owned(),
    })
}

fn acquire(template: &str) -> AcquireItem {
    AcquireItem {
        template: Some(template.to_owned()),
        manual: Some(false),
        ..AcquireItem::default()
    }
}

/// Connects the service, and issues a token that may do all that the connection may.
async fn connect(
    registry: &Registry,
    user: &UserId,
    service: &str,
) -> anyhow::Result<(Client, String)> {
    let (service, scopes) = (ServiceName::parse(service)?, Scopes::parse(SCOPES)?);
    registry.connect(user, &service, Some(&scopes)).await?;
    let new = NewToken {
        user: user.clone(),
        service: Some(service.clone()),
        scopes: None,
        expires_in: Duration::days(1),
    };
    let (secret, record) = registry.issue_token(&new).await?;
    let client = Client {
        user: record.user,
        service,
        scopes: record.scopes,
        issued_at: record.issued_at,
        expires_at: record.expires_at,
        token: record.hash,
        issuer: Issuer::Tenure,
    };
    Ok((client, secret.reveal().to_owned()))
}

fn show(
    tokens: &[Issued],
    pages: &[Issued],
    addresses: Addresses,
    output: &mut Output,
) -> anyhow::Result<()> {
    let token = |service: &str| {
        let hers = |issued: &&Issued| issued.user != "grace" && issued.service == service;
        tokens.iter().find(hers).map_or("", |issued| &issued.token)
    };
    let lines = STEPS
        .iter()
        .map(|step| (step.does, step.line(token(step.service), addresses)));
    let page = |of: &Issued| {
        let (http, token) = (addresses.http, &of.token);
        format!("http://{http}/account/sign-in/?token={token}")
    };
    if output.is_json() {
        let token = |t: &Issued| json!({"user": t.user, "service": t.service, "token": t.token});
        let tokens: Vec<_> = tokens.iter().map(token).collect();
        let pages: Vec<_> = pages
            .iter()
            .map(|of| json!({"user": of.user, "url": page(of)}))
            .collect();
        let commands: Vec<_> = lines
            .map(|(does, command)| json!({"does": does, "command": command}))
            .collect();
        let all = json!({"tokens": tokens, "pages": pages, "commands": commands});
        return output.line(&all.to_string());
    }
    output.line(
        "Tenure and a service that stores values run on throwaway databases, which go when you press Ctrl-C.\n",
    )?;
    output.line("The users' own pages, each good until somebody signs out there:")?;
    for of in pages {
        output.line(&format!("  {:5} {}", of.user, page(of)))?;
    }
    output.line("\nTokens, good for a day:")?;
    output.table(
        ["user", "service", "token"],
        tokens
            .iter()
            .map(|t| [json!(t.user), json!(t.service), json!(t.token)]),
    )?;
    output.line("\nTry these in another terminal, one after the other.")?;
    for (does, command) in lines {
        output.line(&format!("\n# {does}\n{command}"))?;
    }
    output.line("")
}

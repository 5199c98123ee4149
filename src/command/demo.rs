//! `tenure demo`: a whole Tenure on a throwaway database, and lines to try it with.

use super::{Output, serve};
use crate::{
    app::{Addresses, App},
    auth::Client,
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

/// What services of the demo own from the start: service, template.
const OWNED: [(&str, &str); 2] = [("oura", "sleep"), ("withings", "floors")];

/// The internal service of the demo, which stores values.
const INTERNAL: &str = "values";

/// A token of the demo; of no user for an internal service.
struct Issued {
    user: &'static str,
    service: &'static str,
    token: String,
}

/// A step of the story: what it does, who does it (for ada, unless it is the internal service), and how.
struct Step(&'static str, &'static str, Call);

/// How a step is done.
enum Call {
    /// A request to this path, with this body.
    Post(&'static str, &'static str),
    /// A request to this path.
    Get(&'static str),
    /// A call of this method, with this message.
    Rpc(&'static str, &'static str),
}

const STEPS: [Step; 10] = [
    Step(
        "My Test Client acquires two attributes for ada, which creates them",
        "test500",
        Call::Post(
            "acquire/?success_objects=1",
            r#"[{"template":"steps","manual":false},{"template":"mood"}]"#,
        ),
    ),
    Step(
        "it acquires one of her own",
        "test500",
        Call::Post("acquire/", r#"[{"name":"time_reading"}]"#),
    ),
    Step("it lists what it owns", "test500", Call::Get("owned/")),
    Step(
        "Oura takes the steps over: the last to ask is the owner",
        "oura",
        Call::Post("acquire/", r#"[{"name":"steps"}]"#),
    ),
    Step(
        "Oura releases them again, and My Test Client inherits",
        "oura",
        Call::Post("release/", r#"[{"name":"steps"}]"#),
    ),
    Step(
        "an internal service reads who owned the steps, and why that changed",
        INTERNAL,
        Call::Get("ownership/events/?user=ada&attribute=steps"),
    ),
    Step(
        "the same over gRPC: Withings acquires",
        "withings",
        Call::Rpc("AcquireAttributes", r#"{"items":[{"template":"steps"}]}"#),
    ),
    Step(
        "Withings lists what it owns",
        "withings",
        Call::Rpc("ListOwnedAttributes", "{}"),
    ),
    Step(
        "before a write, the internal service asks whether Withings may",
        INTERNAL,
        Call::Rpc(
            "CheckOwnership",
            r#"{"items":[{"user":"ada","attribute":"steps","service":"withings"}]}"#,
        ),
    ),
    Step(
        "Withings releases",
        "withings",
        Call::Rpc("ReleaseAttributes", r#"{"items":[{"name":"steps"}]}"#),
    ),
];

pub(super) async fn run(
    common: &Common,
    arguments: &DemoArguments,
    output: &mut Output,
) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let mut config = ServeArguments::from(arguments).app(common);
    let file = folder.path().join("demo.db");
    config.storage.url = DatabaseUrl::new(format!("sqlite://{}", file.display()));
    let app = App::build(config).await?;
    let tokens = seed(&app).await?;
    show(&tokens, app.addresses(), output)?;
    serve::until_signalled(app).await
}

async fn seed(app: &App) -> anyhow::Result<Vec<Issued>> {
    let registry = app.registry();
    let services = CatalogFile::parse(SERVICES)?;
    registry.apply_catalog(&services).await?;
    let mut tokens = Vec::new();
    for user in ["ada", "grace"] {
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
    let new = NewInternalToken {
        name: ServiceName::parse(INTERNAL)?,
        role: Role::Reader,
        expires_in: Duration::days(1),
    };
    let (secret, _) = registry.issue_internal_token(&new).await?;
    tokens.push(Issued {
        user: "",
        service: INTERNAL,
        token: secret.reveal().to_owned(),
    });
    Ok(tokens)
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
    };
    Ok((client, secret.reveal().to_owned()))
}

/// The step as a line for a shell.
fn line(Step(_, service, call): &Step, tokens: &[Issued], addresses: Addresses) -> String {
    let hers = |issued: &&Issued| issued.user != "grace" && issued.service == *service;
    let token = tokens.iter().find(hers).map_or("", |issued| &issued.token);
    let rest = format!("http://{}/api/2/attributes", addresses.http);
    let bearer = format!("-H 'Authorization: Bearer {token}'");
    match call {
        Call::Get(path) => format!("curl -sS '{rest}/{path}' {bearer}"),
        Call::Post(path, body) => {
            let json = "-H 'Content-Type: application/json'";
            format!("curl -sS -X POST '{rest}/{path}' {bearer} {json} -d '{body}'")
        }
        Call::Rpc(method, message) => {
            let rpc = format!("attributeownership.v1.AttributeOwnership/{method}");
            let address = addresses.grpc;
            format!("grpcurl -plaintext {bearer} -d '{message}' {address} {rpc}")
        }
    }
}

fn show(tokens: &[Issued], addresses: Addresses, output: &mut Output) -> anyhow::Result<()> {
    let lines = STEPS
        .iter()
        .map(|step| (step.0, line(step, tokens, addresses)));
    if output.is_json() {
        let token = |t: &Issued| json!({"user": t.user, "service": t.service, "token": t.token});
        let tokens: Vec<_> = tokens.iter().map(token).collect();
        let commands: Vec<_> = lines
            .map(|(does, command)| json!({"does": does, "command": command}))
            .collect();
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
    for (does, command) in lines {
        output.line(&format!("\n# {does}\n{command}"))?;
    }
    output.line("")
}

//! The application, started for one test, and the verbs to speak with it.

mod beside;
mod client;
mod command;
mod database;
mod inside;
mod ledger;
mod opened;
mod platform;
mod side;

pub use beside::Beside;
pub use client::{Answer, Client, http_get};
pub use command::{Process, is_there, tenure};
pub use database::Database;
pub use inside::{Inside, cached, item};
pub use ledger::{Event, Ledger};
pub use opened::Opened;
pub use platform::Platform;
pub use side::Side;

use serde_json::Value;
use std::{net::SocketAddr, time::Duration};
use tenure::{
    app::{Addresses, App, Config, Listening},
    domain::{
        catalog::CatalogFile,
        internal::Role,
        name::{AttributeName, GroupName, Label, ServiceName, UserId},
        scope::Scopes,
        state::Connections,
        value_type::ValueType,
    },
    grpc,
    service::{NewInternalToken, NewToken, Registry},
    storage,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The services of every test.
const SERVICES: &str = r#"
[[service]]
name = "test500"
label = "My Test Client"

[[service]]
name = "oura"
label = "Oura"
provides = ["steps", "sleep", "weight"]

[[service]]
name = "withings"
label = "Withings"
provides = ["steps", "weight"]

[[service]]
name = "zz_first"
label = "A label that sorts first"
"#;

/// Scopes that cover what most tests do.
pub const SCOPES: &str =
    "activity_write mood_write sleep_write health_write media_write custom_write";

/// A Tenure that runs.
pub struct Tenure {
    pub addresses: Addresses,
    pub registry: Registry,
    pub side: Side,
    pub database: Database,
    stop: CancellationToken,
    running: JoinHandle<Result<(), tenure::app::Error>>,
}

/// The settings of a test: any free ports, no limit.
pub fn config(database: &Database) -> Config {
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    Config {
        storage: storage::Config {
            max_connections: 4,
            acquire_timeout: Duration::from_secs(5),
            ..storage::Config::new(storage::DatabaseUrl::new(database.url()))
        },
        grpc: grpc::Config::default(),
        issuers: Vec::new(),
        sign_in: None,
        connections: Connections::Explicit,
        watch_buffer: 4096,
        check_capacity: 10_000,
        ledger_retention: None,
        gateway: tenure_gateway::Config::default(),
        addresses: Addresses {
            grpc: any,
            http: any,
            metrics: any,
        },
        listening: Listening::default(),
        drain_timeout: Duration::from_secs(5),
    }
}

impl Tenure {
    pub async fn start(database: Database) -> Self {
        Self::start_with(database, |_| {}).await
    }

    pub async fn start_with(database: Database, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&database);
        change(&mut config);
        let store = storage::open(&config.storage).await.unwrap();
        store.migrate().await.unwrap();
        let app = Box::pin(App::build(config)).await.unwrap();
        let (addresses, registry) = (app.addresses(), app.registry().clone());
        let side = Side::of(&app);
        let services = CatalogFile::parse(SERVICES).unwrap();
        registry.apply_catalog(&services).await.unwrap();
        let stop = CancellationToken::new();
        let running = tokio::spawn(app.run(stop.clone()));
        Self {
            addresses,
            registry,
            side,
            database,
            stop,
            running,
        }
    }

    /// Asks it to stop, and tells how it ended.
    pub async fn stop(self) -> Result<(), tenure::app::Error> {
        self.stop.cancel();
        self.running.await.unwrap()
    }

    /// Connects the service to the user, and gives a client with a token for all of that.
    pub async fn client(&self, user: &str, service: &str, scopes: &str) -> Client {
        self.connect(user, service, scopes).await;
        let token = self.issue(user, service, None).await;
        Client::new(self.addresses, token)
    }

    /// A client with the scopes that most tests need.
    pub async fn usual(&self, user: &str, service: &str) -> Client {
        self.client(user, service, SCOPES).await
    }

    pub async fn connect(&self, user: &str, service: &str, scopes: &str) {
        let scopes = Scopes::parse(scopes).unwrap();
        let (user, service) = (id(user), name(service));
        let connected = self.registry.connect(&user, &service, Some(&scopes));
        connected.await.unwrap();
    }

    pub async fn disconnect(&self, user: &str, service: &str) {
        let (user, service) = (id(user), name(service));
        self.registry.disconnect(&user, &service).await.unwrap();
    }

    pub async fn issue(&self, user: &str, service: &str, scopes: Option<&str>) -> String {
        let hour = time::Duration::hours(1);
        self.issue_for(user, Some(service), scopes, hour).await
    }

    /// A token of the service that is good no more.
    pub async fn expired(&self, user: &str, service: &str) -> String {
        let passed = time::Duration::seconds(-1);
        self.issue_for(user, Some(service), None, passed).await
    }

    /// The user's own token.
    pub async fn own(&self, user: &str) -> String {
        let hour = time::Duration::hours(1);
        self.issue_for(user, None, None, hour).await
    }

    /// An internal service that reads.
    pub async fn reader(&self) -> Client {
        self.with_token(&self.internal(Role::Reader).await)
    }

    async fn issue_for(
        &self,
        user: &str,
        service: Option<&str>,
        scopes: Option<&str>,
        expires_in: time::Duration,
    ) -> String {
        let new = NewToken {
            user: id(user),
            service: service.map(name),
            scopes: scopes.map(|scopes| Scopes::parse(scopes).unwrap()),
            expires_in,
        };
        let (secret, _) = self.registry.issue_token(&new).await.unwrap();
        secret.reveal().to_owned()
    }

    /// A token of an internal service.
    pub async fn internal(&self, role: Role) -> String {
        self.internal_for(role, time::Duration::hours(1)).await
    }

    /// A token of an internal service that is good for so long.
    pub async fn internal_for(&self, role: Role, expires_in: time::Duration) -> String {
        let new = NewInternalToken {
            name: name("values"),
            role,
            expires_in,
        };
        let (secret, _) = self.registry.issue_internal_token(&new).await.unwrap();
        secret.reveal().to_owned()
    }

    /// A client that sends this token, whatever it is.
    pub fn with_token(&self, token: &str) -> Client {
        Client::new(self.addresses, token.to_owned())
    }

    /// Creates a custom attribute that is not manual, and gives its name.
    pub async fn custom(&self, user: &str, label: &str, group: &str) -> String {
        let (label, group) = (Label::parse(label), GroupName::parse(group));
        let (label, group) = (label.unwrap(), group.unwrap());
        let user = id(user);
        let created =
            self.registry
                .create_attribute(&user, &label, &group, ValueType::Integer, false);
        created.await.unwrap().to_string()
    }

    pub async fn switch(&self, user: &str, attribute: &str, active: bool) {
        let attribute = AttributeName::parse(attribute).unwrap();
        let user = id(user);
        let switched = self.registry.set_active(&user, &attribute, active);
        switched.await.unwrap();
    }

    /// Who owns the attribute, and at which generation.
    pub async fn owner(&self, user: &str, attribute: &str) -> (Option<String>, i64) {
        let all = self.registry.attributes(&id(user)).await.unwrap();
        let view = all.iter().find(|v| v.attribute.name.as_str() == attribute);
        let attribute = &view.unwrap().attribute;
        let owner = attribute.owner_name().map(ToString::to_string);
        (owner, attribute.generation)
    }

    /// Everything about the user's attributes: equal before and after a call that must change nothing.
    pub async fn snapshot(&self, user: &str) -> String {
        let attributes = self.registry.attributes(&id(user)).await.unwrap();
        format!("{attributes:?}")
    }
}

pub fn id(user: &str) -> UserId {
    UserId::parse(user).unwrap()
}

pub fn name(service: &str) -> ServiceName {
    ServiceName::parse(service).unwrap()
}

/// The names of a list of items or objects.
pub fn names(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["name"].as_str().unwrap()).collect()
}

/// The settings of a test, as they are.
pub fn as_usual(_: &mut Config) {}

/// Makes two tests of each case, one an engine. `with CHANGE:` first changes the settings that it is started with; an
/// attribute before that makes the tests, of one thread unless it says otherwise. Without a PostgreSQL server the
/// second test is skipped.
macro_rules! on_both_engines {
    (#[$test:meta] with $change:path: $($case:ident),* $(,)?) => { $(
        mod $case {
            use crate::harness::{Database, Tenure};

            #[$test]
            async fn on_sqlite() {
                let database = Database::sqlite();
                super::$case(Tenure::start_with(database, $change).await).await;
            }

            #[$test]
            async fn on_postgres() {
                if let Some(database) = Database::postgres().await {
                    super::$case(Tenure::start_with(database, $change).await).await;
                }
            }
        }
    )* };
    (with $change:path: $($case:ident),* $(,)?) => {
        crate::harness::on_both_engines! { #[tokio::test] with $change: $($case),* }
    };
    (#[$test:meta] $($case:ident),* $(,)?) => {
        crate::harness::on_both_engines! { #[$test] with crate::harness::as_usual: $($case),* }
    };
    ($($case:ident),* $(,)?) => {
        crate::harness::on_both_engines! { with crate::harness::as_usual: $($case),* }
    };
}
pub(crate) use on_both_engines;

//! The composition root: configuration to store to services to listeners.

mod in_process;
mod lifecycle;
mod listeners;
mod metrics;

use crate::{
    ambient::{Clock, System},
    auth::{self, IssuerSettings, Issuers, OpaqueTokens, SignInSettings, Verifier},
    grpc::{self, Edge, Limits, Services},
    service::{
        Account, Admission, Checker, Connections, Feed, Housekeeping, Introspection, LedgerReader,
        Ownership, Registry, Sessions, SignIn, Standings, Transactor, Watches,
    },
    storage::{self, SchemaVersions, Store},
};
use axum::Router;
use listeners::Listeners;
pub use listeners::Listening;
use prometheus_client::registry::Registry as Meters;
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tenure_gateway::serve::{Exposed, InvalidTls, Places};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

/// All that a running Tenure needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the data is.
    pub storage: storage::Config,
    /// The gRPC edge.
    pub grpc: grpc::Config,
    /// Whose tokens let callers in, besides Tenure's own.
    pub issuers: Vec<IssuerSettings>,
    /// How people sign in to their page; without it none can.
    pub sign_in: Option<Box<SignInSettings>>,
    /// What makes connections.
    pub connections: Connections,
    /// How many events a watch may be behind before it is ended; at least 1.
    pub watch_buffer: usize,
    /// How many attributes checks may remember.
    pub check_capacity: u64,
    /// How long the ledger keeps what has been overtaken; none is for ever.
    pub ledger_retention: Option<Duration>,
    /// The REST gateway.
    pub gateway: tenure_gateway::Config,
    /// Where to listen; port 0 takes a free one.
    pub addresses: Addresses,
    /// What protects it there.
    pub listening: Listening,
    /// How long requests that are under way may take to finish after a signal to stop.
    pub drain_timeout: Duration,
}

/// Where an instance listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// gRPC.
    pub grpc: SocketAddr,
    /// REST.
    pub http: SocketAddr,
    /// Metrics for Prometheus.
    pub metrics: SocketAddr,
}

/// Why an instance does not start, or stops by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database cannot be opened.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The tables are not those that this program works on.
    #[error("{}", wrong_schema(*.0))]
    Schema(SchemaVersions),
    /// An address that cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// An authorization server that cannot be asked.
    #[error(transparent)]
    Issuer(#[from] auth::Unusable),
    /// An address that would be open to others without TLS.
    #[error(transparent)]
    Exposed(#[from] Exposed),
    /// Certificates that are of no use.
    #[error(transparent)]
    Tls(#[from] InvalidTls),
    /// The embedded description of the API cannot be read.
    #[error("the API's description cannot be read: {0}")]
    Reflection(#[from] tonic_reflection::server::Error),
    /// A part of the running instance ended though nobody asked it to.
    #[error("{0} ended unexpectedly")]
    Died(&'static str),
}

/// Why the program cannot work on the tables, and what an operator is to do about it.
fn wrong_schema(versions: SchemaVersions) -> String {
    let SchemaVersions {
        found,
        needed,
        oldest,
    } = versions;
    if versions.is_old() {
        format!(
            "the database's schema is version {found}, and this program needs {needed}; run 'tenure migrate'"
        )
    } else {
        format!(
            "the database's schema is version {found}, which takes programs for version {oldest} or later, and this \
             one is for version {needed}; install a later tenure and run 'tenure serve' again"
        )
    }
}

/// An instance that listens, and serves once it is run.
pub struct App {
    addresses: Addresses,
    listeners: Listeners,
    edge: Edge,
    gateway: Router,
    meters: Router,
    in_process: in_process::Incoming,
    ownership: Ownership,
    registry: Registry,
    admission: Arc<Admission>,
    feed: Arc<Feed>,
    housekeeping: Housekeeping,
    drain_timeout: Duration,
}

/// Opens the store for a command: an embedded one is migrated, another must have been.
///
/// # Errors
/// [`Error::Storage`], [`Error::Schema`].
pub async fn open(config: &storage::Config) -> Result<Arc<dyn Store>, Error> {
    let store = storage::open(config).await?;
    let mut versions = store.versions().await?;
    if store.is_embedded() && versions.is_old() {
        store.migrate().await?;
        versions = store.versions().await?;
    }
    if versions.is_old() || versions.is_beyond() {
        return Err(Error::Schema(versions));
    }
    Ok(store)
}

/// The operator's use cases on a store.
#[must_use]
pub fn registry(store: Arc<dyn Store>) -> Registry {
    Registry::new(transactor(store), Arc::new(System))
}

fn transactor(store: Arc<dyn Store>) -> Arc<Transactor> {
    Arc::new(Transactor::new(store, Arc::new(System)))
}

/// Verifies tokens: those of the store, and those of the issuers.
fn verifier(
    store: Arc<dyn Store>,
    issuers: Vec<IssuerSettings>,
) -> Result<Arc<dyn Verifier>, Error> {
    let clock: Arc<dyn Clock> = Arc::new(System);
    let own = Arc::new(OpaqueTokens::new(store, Arc::clone(&clock)));
    if issuers.is_empty() {
        return Ok(own);
    }
    Ok(Arc::new(Issuers::new(own, issuers, &clock)?))
}

/// How people sign in, if they can.
fn sign_in(
    settings: Option<&SignInSettings>,
    issuers: &[IssuerSettings],
) -> Result<Option<SignIn>, Error> {
    let Some(settings) = settings else {
        return Ok(None);
    };
    let clock: Arc<dyn Clock> = Arc::new(System);
    let tokens = auth::id_tokens(issuers, settings, &clock)?;
    Ok(tokens.map(|tokens| SignIn {
        tokens: Arc::new(tokens),
        lifetime: settings.session_lifetime,
    }))
}

impl App {
    /// Opens the store, builds every part and takes the addresses. Nothing is served yet.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn build(config: Config) -> Result<Self, Error> {
        let calls = config.grpc.max_requests + config.grpc.max_watches;
        let listeners = Listeners::bind(config.addresses, config.listening, calls).await?;
        let store = open(&config.storage).await?;
        let transactor = transactor(Arc::clone(&store));
        let sign_in = sign_in(config.sign_in.as_deref(), &config.issuers)?;
        let verifier = verifier(Arc::clone(&store), config.issuers)?;
        let admission = Admission::new(verifier, Arc::clone(&transactor), config.connections);
        let admission = Arc::new(admission);
        let verifier = Arc::clone(&admission) as Arc<dyn Verifier>;
        let registry = Registry::new(Arc::clone(&transactor), Arc::new(System));

        let mut meters = Meters::default();
        let metrics = grpc::Metrics::register(&mut meters);
        metrics::register_build(&mut meters);
        let standings = Arc::new(Standings::new(config.check_capacity, &mut meters));
        let committed = transactor.committed();
        let feed = Feed::new(
            store,
            standings,
            committed,
            config.watch_buffer,
            &mut meters,
        );
        let feed = Arc::new(feed);
        let services = Services {
            ownership: Ownership::new(Arc::clone(&transactor)),
            account: Account::new(Arc::clone(&transactor)),
            registry: registry.clone(),
            sessions: Sessions::new(Arc::clone(&transactor), registry.clone(), sign_in),
            checker: Checker::new(Arc::clone(&feed), &mut meters),
            introspection: Introspection::new(Arc::clone(&transactor), Arc::clone(&verifier)),
            ledger: LedgerReader::new(Arc::clone(&transactor)),
            watches: Watches::new(Arc::clone(&feed)),
            verifier,
            limits: Limits::new(&config.grpc.rates),
            open_watches: Places::new(config.grpc.max_watches),
        };
        let ownership = services.ownership.clone();
        let edge = Edge::build(&config.grpc, services, metrics).await?;

        let (channel, in_process) = in_process::channel();
        Ok(Self {
            addresses: listeners.addresses(config.addresses),
            listeners,
            edge,
            gateway: tenure_gateway::router(channel, config.gateway),
            meters: metrics::router(meters),
            in_process,
            ownership,
            registry,
            admission,
            feed,
            housekeeping: Housekeeping::new(transactor, config.ledger_retention),
            drain_timeout: config.drain_timeout,
        })
    }

    /// Where it listens, with the ports that were taken.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        self.addresses
    }

    /// The use cases of OAuth2 clients on its store.
    #[must_use]
    pub fn ownership(&self) -> &Ownership {
        &self.ownership
    }

    /// What it admits of tokens of outside authorization servers.
    #[must_use]
    pub fn admission(&self) -> &Arc<Admission> {
        &self.admission
    }

    /// The operator's use cases on its store.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Serves until `shutdown`, then finishes what is under way.
    ///
    /// # Errors
    /// [`Error::Died`].
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), Error> {
        lifecycle::run(self, shutdown).await
    }

    fn routes(&self) -> Routes {
        self.edge.routes.clone()
    }
}

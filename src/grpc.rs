//! The wire edge: convert in, call the service, convert out. What every call has in common is a layer.

mod account;
mod audit;
mod caller;
mod convert;
mod layers;
mod ownership;
mod registry;
mod session;
mod status;
mod watch;

use crate::{
    auth::Verifier,
    proto::{
        DESCRIPTOR,
        attribute_ownership_server::{self, AttributeOwnershipServer},
        registry_server::{self, RegistryServer},
        sessions_server::{self, SessionsServer},
        user_attributes_server::{self, UserAttributesServer},
    },
    service::{
        Account, Checker, Introspection, LedgerReader, Ownership, Registry, Sessions, Watches,
    },
};
pub use layers::{Limits, Metrics, Rate, Rates};
use std::{sync::Arc, time::Duration};
use tenure_gateway::serve::Places;
use tonic::service::Routes;
use tonic_health::ServingStatus;

/// What health checks can ask about: the server as a whole, and the parts of the API.
const SERVICES: [&str; 5] = [
    "",
    attribute_ownership_server::SERVICE_NAME,
    registry_server::SERVICE_NAME,
    sessions_server::SERVICE_NAME,
    user_attributes_server::SERVICE_NAME,
];

/// What the edge needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// The longest that a call may take; a shorter deadline of the caller counts.
    pub request_timeout: Duration,
    /// How many calls a token may make.
    pub rates: Rates,
    /// How many calls there may be at once; more are refused.
    pub max_requests: usize,
    /// How many watches there may be at once; more are refused.
    pub max_watches: usize,
}

impl Default for Config {
    /// Without limits of tokens.
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(10),
            rates: Rates::default(),
            max_requests: 1024,
            max_watches: 1024,
        }
    }
}

/// The use cases that the API is made of.
#[derive(Clone)]
pub struct Services {
    /// What OAuth2 clients do.
    pub ownership: Ownership,
    /// What users do.
    pub account: Account,
    /// How people sign in and out.
    pub sessions: Sessions,
    /// What an operator does, and an authorization server tells.
    pub registry: Registry,
    /// Whether a service may write.
    pub checker: Checker,
    /// What a token stands for.
    pub introspection: Introspection,
    /// What has happened.
    pub ledger: LedgerReader,
    /// What happens.
    pub watches: Watches,
    /// From a token to who calls.
    pub verifier: Arc<dyn Verifier>,
    /// How many calls each token may still make.
    pub limits: Limits,
    /// How many watches may still be opened.
    pub open_watches: Places,
}

/// Everything that the edge serves, and what tells health checks how it stands.
pub struct Edge {
    /// To be served on every listener.
    pub routes: Routes,
    health: tonic_health::server::HealthReporter,
}

impl Edge {
    /// The API behind its layers, and beside it reflection and health, which need no token.
    ///
    /// # Errors
    /// When the embedded description of the API cannot be read.
    pub async fn build(
        config: &Config,
        services: Services,
        metrics: Metrics,
    ) -> Result<Self, tonic_reflection::server::Error> {
        let (verifier, limits) = (Arc::clone(&services.verifier), services.limits.clone());
        let api = Routes::new(
            AttributeOwnershipServer::new(services.clone())
                .max_decoding_message_size(layers::MAX_MESSAGE),
        )
        .add_service(
            RegistryServer::new(services.clone()).max_decoding_message_size(layers::MAX_MESSAGE),
        )
        .add_service(
            SessionsServer::new(services.clone()).max_decoding_message_size(layers::MAX_MESSAGE),
        )
        .add_service(
            UserAttributesServer::new(services).max_decoding_message_size(layers::MAX_MESSAGE),
        );
        let guarded = layers::around(api, config, verifier, limits, metrics);
        let (health, health_service) = tonic_health::server::health_reporter();
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(DESCRIPTOR)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
        };
        let edge = Self {
            routes: guarded
                .add_service(health_service)
                .add_service(reflection().build_v1()?)
                .add_service(reflection().build_v1alpha()?),
            health,
        };
        edge.report(ServingStatus::Serving).await;
        Ok(edge)
    }

    /// Tells health checks that this instance takes no new calls, and ends those that watch: an open stream would
    /// hold the drain up.
    pub async fn drain(&self) {
        self.report(ServingStatus::NotServing).await;
        for service in SERVICES {
            self.health.clone().clear_service_status(service).await;
        }
    }

    async fn report(&self, status: ServingStatus) {
        for service in SERVICES {
            self.health.set_service_status(service, status).await;
        }
    }
}

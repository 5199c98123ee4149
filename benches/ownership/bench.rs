//! A service on a database that is measured, and how to reach both.

use crate::{
    arguments::Common,
    cpu::Processes,
    database::{Database, Server},
    figures::Figures,
    grpc,
    load::{self, Caller, Span},
    service::{self, Service},
};
use tonic::transport::Channel;

pub(crate) struct Bench {
    pub(crate) database: Database,
    pub(crate) service: Service,
    channels: Vec<Channel>,
    pub(crate) processes: Processes,
}

impl Bench {
    /// Starts a service on a database that has been prepared.
    pub(crate) async fn start(
        database: Database,
        server: Option<&Server>,
        common: &Common,
    ) -> anyhow::Result<Self> {
        let (connections, batch) = (common.database_connections, common.database_batch);
        let service = Service::start(&database.url(), connections, batch)?;
        let postmaster = server.map(Server::postmaster).transpose()?.flatten();
        Ok(Self {
            channels: grpc::connect(service.grpc, common.channels.max(1)).await?,
            processes: Processes {
                service: service.process(),
                postmaster,
            },
            service,
            database,
        })
    }

    /// An empty PostgreSQL database with tables and catalog.
    pub(crate) async fn postgres(server: &Server, name: &str) -> anyhow::Result<Database> {
        let database = Database::postgres(server, name).await?;
        service::prepare(&database.url())?;
        Ok(database)
    }

    /// An SQLite database with tables and catalog.
    pub(crate) fn sqlite() -> anyhow::Result<Database> {
        let database = Database::sqlite()?;
        service::prepare(&database.url())?;
        Ok(database)
    }

    /// The connections for so many callers.
    pub(crate) fn channels(&self, callers: u64) -> &[Channel] {
        let callers = usize::try_from(callers).unwrap_or(usize::MAX);
        &self.channels[..self.channels.len().min(callers)]
    }

    pub(crate) async fn measure<C: Caller>(
        &self,
        callers: Vec<C>,
        span: Span,
    ) -> anyhow::Result<Figures> {
        Ok(load::run(callers, span, &self.processes).await?.into())
    }

    pub(crate) async fn close(self) -> anyhow::Result<()> {
        drop(self.service);
        self.database.close().await
    }
}

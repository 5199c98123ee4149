//! The value service, beside Tenure in the same process.

use anyhow::Context as _;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};
use tenure_client::Client;
use tenure_gateway::{Config, Network, Upstream};
use tenure_values::Store;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Where it is going to answer: the gateway is told before there is a Tenure to ask.
pub(super) struct Values(TcpListener);

impl Values {
    pub(super) async fn bind() -> io::Result<Self> {
        TcpListener::bind((HERE, 0)).await.map(Self)
    }

    /// What the gateway forwards to.
    pub(super) fn upstream(&self) -> anyhow::Result<Upstream> {
        let url = format!("http://{}", self.0.local_addr()?);
        url.parse().context("the address of the value service")
    }

    /// Serves, and asks the Tenure at this address with the token of an internal service.
    pub(super) async fn serve(
        self,
        tenure: SocketAddr,
        token: &str,
        database: &str,
    ) -> anyhow::Result<Serving> {
        let channel = tenure_client::channel(&format!("http://{tenure}").parse()?);
        let client = Client::new(channel, token)?;
        let store = Store::open(&format!("{database}?mode=rwc")).await?;
        let config = Config::behind(vec![Network::from(HERE)]);
        let router = tenure_values::router(client, store, config);
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let serving = tenure_gateway::serve(self.0, router, stopped, Duration::ZERO);
        Ok(Serving {
            serving: tokio::spawn(serving),
            stop,
        })
    }
}

/// A value service that runs.
pub(super) struct Serving {
    serving: JoinHandle<io::Result<()>>,
    stop: CancellationToken,
}

impl Serving {
    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        Ok(self.serving.await??)
    }
}

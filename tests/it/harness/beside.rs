//! Another instance on the same database.

use super::{Inside, Side, Tenure, as_usual, config};
use tenure::{
    app::{Addresses, App, Config},
    domain::internal::Role,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// An instance that runs until this is dropped.
pub struct Beside {
    pub addresses: Addresses,
    /// An internal reader there.
    pub inside: Inside,
    pub side: Side,
    pub running: JoinHandle<Result<(), tenure::app::Error>>,
    stop: CancellationToken,
}

impl Beside {
    pub async fn start(t: &Tenure) -> Self {
        Self::start_with(t, as_usual).await
    }

    pub async fn start_with(t: &Tenure, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = config(&t.database);
        change(&mut config);
        let app = Box::pin(App::build(config)).await.unwrap();
        let (addresses, stop) = (app.addresses(), CancellationToken::new());
        let side = Side::of(&app);
        let running = tokio::spawn(app.run(stop.clone()));
        let token = t.internal(Role::Reader).await;
        Self {
            inside: Inside::at(addresses.grpc, token).await,
            side,
            addresses,
            running,
            stop,
        }
    }

    /// Asks it to stop.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        self.stop();
    }
}

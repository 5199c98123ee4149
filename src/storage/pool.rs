//! Connections that are kept open and used in turn.
//!
//! sqlx's own pool asks the database a question each time it hands a connection out and each time it takes one back.
//! This one asks only where a connection has been idle for a while, and throws a connection away on the errors that
//! call for it: what its user reports is how it knows.

use super::{Engine, Error, Result};
use deadpool::managed::{
    self, Manager, Metrics, Object, PoolConfig, PoolError, QueueMode, RecycleError, RecycleResult,
    Timeouts,
};
use sqlx::{ConnectOptions as _, Connection as _};
use std::time::Duration;

/// How a connection is opened.
pub(super) type Options<DB> = <<DB as sqlx::Database>::Connection as sqlx::Connection>::Options;

/// For how long a connection may have been idle and is handed out without a test.
const UNTESTED: Duration = Duration::from_secs(1);

/// How many there are, and for how long they are good.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// At most so many at a time.
    pub(super) connections: u32,
    /// The longest wait for one, and the longest that opening or testing one may take.
    pub(super) patience: Duration,
    /// An older one is closed instead of being handed out.
    pub(super) life: Duration,
}

/// The connections to one database.
pub(super) struct Pool<DB: Engine>(managed::Pool<Connections<DB>>);

/// Opens and tests them.
pub(super) struct Connections<DB: Engine> {
    options: Options<DB>,
    life: Duration,
}

impl<DB: Engine> Manager for Connections<DB> {
    type Type = DB::Connection;
    type Error = sqlx::Error;

    async fn create(&self) -> Result<DB::Connection, sqlx::Error> {
        self.options.connect().await
    }

    async fn recycle(
        &self,
        connection: &mut DB::Connection,
        metrics: &Metrics,
    ) -> RecycleResult<sqlx::Error> {
        if metrics.age() > self.life {
            return Err(RecycleError::message("it has lived long enough"));
        }
        if metrics.last_used() > UNTESTED {
            connection.ping().await?;
        }
        Ok(())
    }
}

impl<DB: Engine> Pool<DB> {
    /// A pool that opens connections when they are asked for.
    pub(super) fn new(options: Options<DB>, limits: Limits) -> Result<Self> {
        let mut config = PoolConfig::new(limits.connections as usize);
        config.timeouts = Timeouts {
            wait: Some(limits.patience),
            create: Some(limits.patience),
            recycle: Some(limits.patience.min(UNTESTED)),
        };
        // The one that was used last: its caches are warm, and those that a quiet time leaves over age out.
        config.queue_mode = QueueMode::Lifo;
        let life = limits.life;
        managed::Pool::builder(Connections { options, life })
            .config(config)
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map(Self)
            .map_err(Error::unavailable)
    }

    /// A connection, to be given back by [`Lease::end`].
    ///
    /// # Errors
    /// [`Error::Unavailable`] if there is none in time, or the database takes none.
    pub(super) async fn lease(&self) -> Result<Lease<DB>> {
        match self.0.get().await {
            Ok(connection) => Ok(Lease {
                connection: Some(connection),
            }),
            // Whatever keeps it from being opened, a wrong password too, may pass.
            Err(PoolError::Backend(error)) => Err(Error::unavailable(error)),
            Err(error) => Err(Error::unavailable(error)),
        }
    }
}

impl<DB: Engine> Clone for Pool<DB> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

/// A connection in use. One that is dropped without having been given back is closed: nobody knows in what state the
/// work was left, and the database takes back what was not committed.
pub(super) struct Lease<DB: Engine> {
    connection: Option<Object<Connections<DB>>>,
}

impl<DB: Engine> Lease<DB> {
    /// What statements run on.
    pub(super) fn connection(&mut self) -> &mut DB::Connection {
        // It is there until `end` or `drop`, which take the lease itself.
        self.connection.as_mut().expect("a lease has a connection")
    }

    /// Gives the connection back after work that gave `result`. Where that says that the connection is of no use any
    /// more, the idle ones are closed with it: what ended one (a restart, a fail-over) has most likely ended all.
    pub(super) fn end<T, E: Into<Error>>(mut self, result: Result<T, E>) -> Result<T> {
        let result = result.map_err(Into::into);
        if result.as_ref().is_err_and(Error::is_of_the_connection) {
            let pool = self.connection.as_ref().and_then(Object::pool);
            pool.inspect(|pool| drop(pool.retain(|_, _| false)));
        } else {
            self.connection.take();
        }
        result
    }
}

impl<DB: Engine> Drop for Lease<DB> {
    fn drop(&mut self) {
        self.connection.take().map(Object::take);
    }
}

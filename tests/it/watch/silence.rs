//! Connections to the database that swallow what is sent and never answer.

use crate::harness::{Beside, Client, Database, Tenure};
use serde_json::json;
use tenure::storage::DatabaseUrl;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Stands between the service and PostgreSQL. Those of its connections that are open when it is told fall silent; those
/// that are opened later work.
async fn stand_between(listener: TcpListener, server: String, silence: watch::Receiver<()>) {
    while let Ok((mut service, _)) = listener.accept().await {
        let mut database = TcpStream::connect(&server).await.unwrap();
        let mut silence = silence.clone();
        silence.mark_unchanged();
        tokio::spawn(async move {
            tokio::select! {
                // A connection that ends is nobody's failure.
                _ = copy_bidirectional(&mut service, &mut database) => {}
                _ = silence.changed() => std::future::pending().await,
            }
        });
    }
}

#[tokio::test]
async fn connections_that_fall_silent_do_not_stop_the_feed() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (server, url) = database.through(listener.local_addr().unwrap().port());
    let (fall_silent, silence) = watch::channel(());
    tokio::spawn(stand_between(listener, server, silence));
    let t = Tenure::start_with(database, |config| {
        config.storage.url = DatabaseUrl::new(url);
    });
    let t = t.await;
    let oura = t.usual("ada", "oura").await;
    let mut here = t.inside().await.watch_all().await;
    let other = Beside::start(&t).await;
    let there = Client::new(other.addresses, oura.token.clone());
    for template in ["steps", "weight"] {
        there
            .acquire(json!([{"template":template}]))
            .await
            .succeeded();
        let events = here.events(2).await;
        assert_eq!(events[0].attribute, template);
        fall_silent.send(()).unwrap();
    }
}

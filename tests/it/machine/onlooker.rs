//! Somebody who watches all users and is disconnected again and again, now at one instance and now at the other (I10).

use crate::harness::{Event, Inside};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle};

/// The longest wait for what must be told.
const PATIENCE: Duration = Duration::from_mins(1);

pub struct Onlooker {
    told: Arc<Mutex<BTreeMap<String, Vec<Event>>>>,
    events: watch::Receiver<usize>,
    looking: JoinHandle<()>,
}

impl Onlooker {
    /// Begins to look, from now on.
    pub async fn start(instances: Vec<Inside>) -> Self {
        let told = Arc::new(Mutex::new(BTreeMap::new()));
        let cursor = instances[0].watch_all().await.cursor;
        let (counted, events) = watch::channel(0);
        let looking = tokio::spawn(look(instances, cursor, Arc::clone(&told), counted));
        Self {
            told,
            events,
            looking,
        }
    }

    /// What was told of the user, once that is so many events; all there is if they do not come.
    pub async fn told(&self, user: &str, events: usize) -> Vec<Event> {
        let of_user = || {
            let told = self.told.lock().unwrap();
            told.get(user).cloned().unwrap_or_default()
        };
        let mut counted = self.events.clone();
        let is_all = counted.wait_for(|_| of_user().len() >= events);
        let _ = tokio::time::timeout(PATIENCE, is_all).await;
        of_user()
    }
}

impl Drop for Onlooker {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

async fn look(
    instances: Vec<Inside>,
    mut cursor: String,
    told: Arc<Mutex<BTreeMap<String, Vec<Event>>>>,
    counted: watch::Sender<usize>,
) {
    for turn in 0.. {
        // Stays of 1 to 64 events, in no order that means anything.
        let stay = turn * 37 % 64 + 1;
        let mut watch = instances[turn % instances.len()]
            .watch_from(&cursor)
            .await
            .unwrap();
        for _ in 0..stay {
            let event = watch.event().await;
            let user = event.user.clone();
            told.lock()
                .unwrap()
                .entry(user)
                .or_default()
                .push(event.into());
            counted.send_modify(|count| *count += 1);
        }
        cursor = watch.cursor;
    }
}

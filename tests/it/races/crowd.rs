//! Two instances on one database, and many who speak to both at once.

use super::{
    checker::explain,
    history::{Call, Deed, History, Span},
};
use crate::{
    account, grpc,
    harness::{Tenure, config},
    model::{
        Answer, CATALOG, Catalog, Observer, Operation, SERVICES, TokenRef,
        wire::{self, Caller, Guard},
    },
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};
use tenure::{app::App, domain::catalog::CatalogFile, service::Registry};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::transport::Endpoint;

/// The channels to each instance.
const CHANNELS: usize = 3;

/// Who is no service.
pub const USER: &str = "the user";

pub struct Crowd {
    t: Tenure,
    stubs: Vec<(grpc::Stub, account::Stub)>,
    registries: [Registry; 2],
    catalog: Catalog,
    calls: AtomicUsize,
    other: JoinHandle<Result<(), tenure::app::Error>>,
    stop: CancellationToken,
}

/// One user, and what is asked of their data.
#[derive(Debug)]
pub struct Subject {
    pub name: String,
    history: Mutex<History>,
    /// The last token of each service, and of [`USER`], by its number.
    tokens: Mutex<BTreeMap<String, (usize, String)>>,
}

impl Crowd {
    pub async fn new(t: Tenure) -> Self {
        let entries = CatalogFile::parse(CATALOG).unwrap();
        t.registry.apply_catalog(&entries).await.unwrap();
        let other = App::build(config(&t.database)).await.unwrap();
        let registries = [t.registry.clone(), other.registry().clone()];
        let addresses = [t.addresses.grpc, other.addresses().grpc];
        let stop = CancellationToken::new();
        let other = tokio::spawn(other.run(stop.clone()));
        let mut stubs = Vec::new();
        for address in addresses.iter().cycle().take(2 * CHANNELS) {
            let endpoint: Endpoint = format!("http://{address}").parse().unwrap();
            let channel = endpoint.connect().await.unwrap();
            stubs.push((
                grpc::Stub::new(channel.clone()),
                account::Stub::new(channel),
            ));
        }
        Self {
            t,
            stubs,
            registries,
            catalog: Catalog::new(),
            calls: AtomicUsize::new(0),
            other,
            stop,
        }
    }

    /// A user who has connected every service with these scopes, and has a token of their own.
    pub async fn subject(&self, name: &str, scopes: &str) -> Subject {
        let subject = Subject {
            name: name.to_owned(),
            history: Mutex::default(),
            tokens: Mutex::default(),
        };
        for service in SERVICES {
            self.connect(&subject, service, scopes).await;
        }
        let own = Operation::Issue {
            service: None,
            scopes: None,
        };
        self.operate(&subject, own).await;
        subject
    }

    /// Connects the service and issues a token.
    pub async fn connect(&self, subject: &Subject, service: &str, scopes: &str) {
        let (service, scopes) = (service.to_owned(), Some(scopes.to_owned()));
        let connect = Operation::Connect {
            service: service.clone(),
            scopes,
        };
        let issue = Operation::Issue {
            service: Some(service),
            scopes: None,
        };
        self.operate(subject, connect).await;
        self.operate(subject, issue).await;
    }

    /// What an operator does: one at a time for a user.
    pub async fn operate(&self, subject: &Subject, operation: Operation) {
        let place = subject.history.lock().unwrap().deeds.len();
        let registry = &self.registries[place % 2];
        let start = Instant::now();
        let (answer, secret) = wire::operate(registry, &subject.name, "", &operation).await;
        let end = Instant::now();
        let mut tokens = subject.tokens.lock().unwrap();
        let mut history = subject.history.lock().unwrap();
        if let (Operation::Issue { service, .. }, Some(secret)) = (&operation, secret) {
            let issued = |deed: &&Deed| matches!(deed.operation, Operation::Issue { .. });
            let number = history.deeds.iter().filter(issued).count();
            let who = service.clone().unwrap_or_else(|| USER.to_owned());
            tokens.insert(who, (number, secret));
        }
        history.deeds.push(Deed {
            operation,
            span: Span { start, end },
            answer,
        });
    }

    /// What a service does, or [`USER`], with the last token that it got.
    pub async fn call(&self, subject: &Subject, service: &str, operation: Operation) {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let (mut stub, own) = self.stubs[number % self.stubs.len()].clone();
        let (token, secret) = subject.tokens.lock().unwrap()[service].clone();
        let id = format!("call-{number}");
        let start = Instant::now();
        let answer = if let Operation::Own(asked) = &operation {
            let caller = Caller {
                stub: &own,
                token: &secret,
                request_id: &id,
            };
            wire::wish(&caller, &asked.wish, &Guard::default()).await.0
        } else {
            wire::call(&mut stub, &secret, &id, &operation).await
        };
        let end = Instant::now();
        subject.history.lock().unwrap().calls.push(Call {
            id,
            service: service.to_owned(),
            token,
            operation,
            span: Span { start, end },
            answer,
        });
    }

    /// Ends the race: everything that happened to each is explained, and few were sent away.
    pub async fn end(self, subjects: &[Subject]) {
        let observer = Observer::open(&self.t.database).await;
        for subject in subjects {
            let seen = observer.see(&subject.name, 0).await;
            let mut history = std::mem::take(&mut *subject.history.lock().unwrap());
            (history.events, history.state) = (seen.events, seen.state);
            let name = &subject.name;
            explain(&self.catalog, &history).unwrap_or_else(|why| panic!("{name}: {why}"));
            let away = |call: &&Call| matches!(&call.answer, Answer::Refused(why) if why.starts_with("Aborted"));
            let away = history.calls.iter().filter(away).count();
            let all = history.calls.len();
            assert!(away * 4 <= all, "{away} of {all} calls lost too many races");
        }
        self.stop.cancel();
        self.other.await.unwrap().unwrap();
        self.t.stop().await.unwrap();
    }
}

/// The last token of a service: what a call is made with anyhow.
pub fn last_token(service: &str) -> TokenRef {
    TokenRef {
        service: Some(service.to_owned()),
        back: 0,
    }
}

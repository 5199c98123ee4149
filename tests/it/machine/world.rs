//! A script is played: each step on the Tenure that runs and on the model, and checked.

use super::{
    asker::checks_agree,
    check::{Verdict, Witness, agree},
    onlooker::{Onlooker, recorded as recorded_of},
    script::{Script, Step},
    tally::Tally,
};
use crate::{
    account,
    grpc::Stub,
    harness::{Beside, Inside, Side, Tenure},
    model::{CATALOG, Catalog, List, Observer, User, list_all, templates, wire},
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};
use tenure::{
    ambient::{Clock as _, System},
    domain::{Instant, catalog::CatalogFile},
    proto::{AtLeast, check_ownership_request::Freshness},
    service::Registry,
};

/// One Tenure for all scripts. Each has users of its own.
pub struct World {
    stub: Stub,
    account: account::Stub,
    registry: Registry,
    observer: Observer,
    /// Who asks at each of two instances.
    insides: [Inside; 2],
    /// What is behind the edge of each.
    sides: [Side; 2],
    onlooker: Onlooker,
    _other: Beside,
    catalog: Catalog,
    played: AtomicUsize,
    pub tally: Mutex<Tally>,
}

/// One user of a script.
struct Player {
    name: String,
    model: User,
    witness: Witness,
    /// Each token that was issued, in order.
    tokens: Vec<String>,
    /// When each step began.
    moments: Vec<Instant>,
    etags: wire::Etags,
}

impl World {
    pub async fn new(t: &Tenure) -> Self {
        let entries = CatalogFile::parse(CATALOG).unwrap();
        t.registry.apply_catalog(&entries).await.unwrap();
        let other = Beside::start(t).await;
        let insides = [t.inside().await, other.inside.clone()];
        Self {
            onlooker: Onlooker::start(insides.to_vec()).await,
            insides,
            sides: [t.side.clone(), other.side.clone()],
            _other: other,
            stub: crate::grpc::stub(t).await,
            account: account::Stub::new(crate::grpc::channel(t).await),
            registry: t.registry.clone(),
            observer: Observer::open(&t.database).await,
            catalog: Catalog::new(),
            played: AtomicUsize::new(0),
            tally: Mutex::default(),
        }
    }

    /// Plays the script for users that nobody has seen before.
    pub async fn play(&self, script: &Script) -> Verdict {
        let number = self.played.fetch_add(1, Ordering::Relaxed);
        let mut players = BTreeMap::new();
        for (step, place) in script.0.iter().zip(1..) {
            let player = players.entry(&step.user).or_insert_with(|| Player {
                name: format!("s{number}-{}", step.user),
                model: User::default(),
                witness: Witness::default(),
                tokens: Vec::new(),
                moments: Vec::new(),
                etags: wire::Etags::default(),
            });
            let request_id = format!("r{number}.{place}");
            let taken = self.step(player, step, &request_id).await;
            taken.map_err(|why| format!("after step {place}, {step}\n{why}"))?;
        }
        for player in players.values_mut() {
            let seen = self.observer.see(&player.name, player.witness.revision());
            let unseen = player.witness.see(seen.await, false);
            unseen.map_err(|why| format!("after the steps of others\n{why}"))?;
            let watched = self.watched(player).await;
            watched.map_err(|why| format!("at the end of {}\n{why}", player.name))?;
            let shown = self.internal_services_see_all(player).await;
            shown.map_err(|why| format!("at the end of {}\n{why}", player.name))?;
            let story = self.told_in_words(player).await;
            story.map_err(|why| format!("at the end of {}\n{why}", player.name))?;
        }
        Ok(())
    }

    /// The templates of the groups, of all for an empty list, are those of the model, in pages of so many.
    pub async fn templates(
        &self,
        token: &str,
        groups: &str,
        include_low_priority: bool,
        page_size: i32,
    ) -> Verdict {
        let groups: Vec<_> = groups.split_whitespace().map(str::to_owned).collect();
        let expected = templates(&self.catalog, &groups, include_low_priority);
        let listed = wire::templates(&self.stub, token, &groups, include_low_priority, page_size);
        let (found, total) = listed.await;
        if (&expected, expected.len()) == (&found, total) {
            return Ok(());
        }
        Err(format!(
            "of {groups:?} must be listed\n{expected:#?}\nand are, of {total}\n{found:#?}"
        ))
    }

    /// Whoever watched has been told of every event once and in order, and memory answers as the database does.
    async fn watched(&self, player: &Player) -> Verdict {
        let Player { name, model, .. } = player;
        let recorded = self.observer.see(name, 0).await.events;
        let told = self.onlooker.told(name, recorded.len()).await;
        if told != recorded {
            return Err(format!(
                "I10: recorded is\n{recorded:#?}\nand told was\n{told:#?}"
            ));
        }
        let revision = model.state.revision;
        for inside in &self.insides {
            let at_least = Freshness::AtLeast(AtLeast { revision });
            checks_agree(inside, name, &model.state, Some(at_least)).await?;
        }
        Ok(())
    }

    /// The user is told of every event once, the newest first, and of each what it says.
    async fn told_in_words(&self, player: &Player) -> Verdict {
        let mut tokens = player.tokens.iter().enumerate();
        let Some((_, token)) = tokens.find(|(number, _)| player.model.is_own_token(*number)) else {
            return Ok(());
        };
        let mut recorded = self.observer.see(&player.name, 0).await.events;
        recorded.reverse();
        for event in &mut recorded {
            // The id of another's request is that other's.
            if event.actor != "user" {
                event.request_id.clear();
            }
        }
        let story = wire::story(&self.account, token, 7).await;
        let mute = story.iter().any(|event| event.text.is_empty());
        let told = story
            .into_iter()
            .map(|told| recorded_of(told.event.unwrap()));
        let told: Vec<_> = told.collect();
        if told == recorded && !mute {
            return Ok(());
        }
        Err(format!(
            "recorded is\n{recorded:#?}\nand the user is told\n{told:#?}"
        ))
    }

    /// Whoever owns it, and whatever scopes there are.
    async fn internal_services_see_all(&self, player: &Player) -> Verdict {
        let list = List {
            include_inactive: true,
            include_low_priority: true,
            page_size: 2,
            ..List::default()
        };
        let expected = list_all(&self.catalog, &player.model.state, &list);
        let token = &self.insides[0].token;
        let found = wire::all_attributes(&self.stub, token, &player.name, &list).await;
        if expected == found {
            return Ok(());
        }
        Err(format!(
            "an internal service must be shown\n{expected:#?}\nand is\n{found:#?}"
        ))
    }

    async fn step(&self, player: &mut Player, step: &Step, request_id: &str) -> Verdict {
        let operation = &step.operation;
        let token = operation.token();
        let token = token.and_then(|token| player.model.number(token));
        let token = token.map_or("nobody", |number| &player.tokens[number]);
        player.moments.push(System.now());
        let (answer, issued) = if let Some(foreign) = operation.foreign() {
            let step = player.moments.len() - 1;
            let issued_at = player.moments[step.saturating_sub(foreign.back)];
            let side = &self.sides[step % 2];
            let answer = wire::bring(side, &player.name, issued_at, operation, request_id);
            (answer.await, None)
        } else if operation.is_the_users() {
            let (mut stub, revision) = (self.account.clone(), player.witness.revision());
            let etags = &mut player.etags;
            let answer = wire::account(&mut stub, token, request_id, operation, etags, revision);
            (answer.await?, None)
        } else if operation.is_a_call() {
            let mut stub = self.stub.clone();
            let answer = wire::call(&mut stub, token, request_id, operation).await;
            (answer, None)
        } else {
            wire::operate(&self.registry, &player.name, token, operation).await
        };
        player.tokens.extend(issued);
        let before = player.witness.revision();
        let outcome = player.model.apply(&self.catalog, operation, request_id);
        let seen = self.observer.see(&player.name, before).await;
        let changed = player.model.state.revision > before;
        let agreed = agree(&outcome, &player.model.state, &answer, &seen);
        player.witness.see(seen, outcome.kept)?;
        agreed?;
        checks_agree(&self.insides[0], &player.name, &player.model.state, None).await?;
        let mut tally = self.tally.lock().unwrap();
        tally.count(operation, &outcome, changed);
        Ok(())
    }
}

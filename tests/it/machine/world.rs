//! A script is played: each step on the Tenure that runs and on the model, and checked.

use super::{
    asker::checks_agree,
    check::{Verdict, Witness, agree},
    eye::{Etags, Eye},
    onlooker::Onlooker,
    script::{Script, Step},
    tally::Tally,
};
use crate::{
    grpc::Stub,
    harness::{Beside, Inside, Side, Tenure, id},
    model::{
        Answer, CATALOG, Catalog, List, Observer, Operation, User, Wish, list_all, templates,
        wire::{self, Caller, Guard},
    },
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
    service::{NewToken, Registry},
};

/// One Tenure for all scripts. Each has users of its own.
pub struct World {
    stub: Stub,
    eye: Eye,
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
    /// A token of the user's own that no script knows of.
    own: String,
    model: User,
    witness: Witness,
    /// Each token that was issued, in order.
    tokens: Vec<String>,
    /// When each step began.
    moments: Vec<Instant>,
    /// What the user saw before each step, and sees now: the revision, and each etag.
    saw: Vec<(i64, Etags)>,
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
            eye: Eye::new(crate::account::Stub::new(crate::grpc::channel(t).await)),
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
            if !players.contains_key(&step.user) {
                let name = format!("s{number}-{}", step.user);
                players.insert(&step.user, self.player(name).await?);
            }
            let player = players.get_mut(&step.user).unwrap();
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
        }
        Ok(())
    }

    /// A user with a token of their own.
    async fn player(&self, name: String) -> Result<Player, String> {
        let new = NewToken {
            user: id(&name),
            service: None,
            scopes: None,
            expires_in: time::Duration::hours(1),
        };
        let (own, _) = self.registry.issue_token(&new).await.unwrap();
        let mut witness = Witness::default();
        witness.see(self.observer.see(&name, 0).await, true)?;
        Ok(Player {
            name,
            own: own.reveal().to_owned(),
            model: User::with_a_token(),
            witness,
            tokens: Vec::new(),
            moments: Vec::new(),
            saw: vec![(1, Etags::new())],
        })
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
        } else if let Operation::Own(own) = operation {
            let token = if own.token.is_some() {
                token
            } else {
                &player.own
            };
            (self.own(player, token, request_id, &own.wish).await?, None)
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
        let state = &player.model.state;
        checks_agree(&self.insides[0], &player.name, state, None).await?;
        let was = player.model.past(0);
        // Where only the revision has changed, or there are no attributes, there is nothing to see.
        let etags = if state.attributes.is_empty() || state.is_but_for_the_revision(was) {
            player.saw[player.saw.len() - 1].1.clone()
        } else {
            self.eye.sees(&self.catalog, &player.own, state).await?
        };
        player.saw.push((state.revision, etags));
        let mut tally = self.tally.lock().unwrap();
        tally.count(operation, &outcome, changed);
        Ok(())
    }

    /// What the user asks for. A disconnection is tried first: it must tell what then happens.
    async fn own(
        &self,
        player: &Player,
        token: &str,
        request_id: &str,
        wish: &Wish,
    ) -> Result<Answer, String> {
        let caller = Caller {
            stub: &self.eye.stub,
            token,
            request_id,
        };
        let guard = player.guard(wish);
        let preview = match wish {
            Wish::Disconnect { service, seen, .. } => {
                let preview = Wish::Disconnect {
                    service: service.clone(),
                    validate_only: true,
                    seen: *seen,
                };
                Some(wire::wish(&caller, &preview, &guard).await.0)
            }
            _ => None,
        };
        let (answer, aside) = wire::wish(&caller, wish, &guard).await;
        self.eye.fits(&self.catalog, &aside)?;
        match preview {
            Some(preview) if !happened(&preview, &answer) => Err(format!(
                "I11: the preview told\n{preview:#?}\nand what happened is\n{answer:#?}"
            )),
            _ => Ok(answer),
        }
    }
}

impl Player {
    /// What the user saw of what the wish is about, at the step that it names. What was not there has an etag that
    /// nothing has.
    fn guard(&self, wish: &Wish) -> Guard {
        let Some(back) = wish.seen() else {
            return Guard::default();
        };
        let last = self.saw.len() - 1;
        let (revision, etags) = &self.saw[last.saturating_sub(back)];
        let of = |name: &String| {
            let etag = etags.get(name).cloned();
            etag.unwrap_or_else(|| "nothing".to_owned())
        };
        Guard {
            etag: wish.attribute().map(of).unwrap_or_default(),
            revision: Some(*revision),
        }
    }
}

/// Whether what was told is what happened, but for the revision.
fn happened(told: &Answer, answer: &Answer) -> bool {
    match (told, answer) {
        (Answer::Passing { passing, .. }, Answer::Passing { passing: found, .. }) => {
            passing == found
        }
        _ => told == answer,
    }
}

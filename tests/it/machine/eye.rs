//! What the user sees of it all, after each step.

use super::check::Verdict;
use crate::{
    account::Stub,
    harness::Event,
    model::{
        Answer, Catalog, Facts, OwnAttribute, State, Wish, groups, names_all,
        wire::{self, Aside, Caller, Guard},
    },
};
use std::{collections::BTreeMap, sync::Mutex};

/// The etag of each of the attributes that a user has, by name.
pub type Etags = BTreeMap<String, String>;

pub struct Eye {
    pub stub: Stub,
    law: Mutex<Law>,
}

/// What each etag of the run has stood for, and the other way round.
#[derive(Default)]
struct Law {
    facts: BTreeMap<String, Facts>,
    etags: BTreeMap<Facts, String>,
}

impl Law {
    fn holds(&mut self, own: &OwnAttribute, etag: &str) -> Verdict {
        let facts = own.facts();
        let stood_for = self.facts.entry(etag.to_owned());
        let stood_for = stood_for.or_insert_with(|| facts.clone());
        let was = self.etags.entry(facts.clone());
        let was = was.or_insert_with(|| etag.to_owned());
        if (&facts, etag) == (&*stood_for, was.as_str()) {
            return Ok(());
        }
        Err(format!(
            "an etag is equal if and only if what it stands for is: {etag} for {facts:?}, which had {was}, while {etag} \
             stood for {stood_for:?}"
        ))
    }
}

impl Eye {
    pub fn new(stub: Stub) -> Self {
        let law = Mutex::default();
        Self { stub, law }
    }

    /// All that comes with answers: what an etag stands for, and what is told in words.
    pub fn fits(&self, catalog: &Catalog, aside: &Aside) -> Verdict {
        let mut law = self.law.lock().unwrap();
        for (own, etag) in &aside.etags {
            law.holds(own, etag)?;
        }
        for (label, event, text) in &aside.sentences {
            told(catalog, label, event, text)?;
        }
        Ok(())
    }

    /// The user sees what the model has; the etags.
    pub async fn sees(
        &self,
        catalog: &Catalog,
        token: &str,
        state: &State,
    ) -> Result<Etags, String> {
        let caller = Caller {
            stub: &self.stub,
            token,
            request_id: "eye",
        };
        let attributes = Vec::new();
        let wish = Wish::ListUserAttributes { attributes };
        let (found, aside) = wire::wish(&caller, &wish, &Guard::default()).await;
        let expected = groups(catalog, state, &[]);
        if expected != found {
            let what = if lines(&expected) == lines(&found) {
                "the user must be shown"
            } else {
                "I7: those who come next must be as in"
            };
            return Err(format!("{what}\n{expected:#?}\nand is shown\n{found:#?}"));
        }
        self.fits(catalog, &aside)?;
        let etags = aside.etags.into_iter();
        Ok(etags.map(|(own, etag)| (own.shown.name, etag)).collect())
    }
}

/// Who comes next, of each attribute.
fn lines(answer: &Answer) -> Vec<Vec<&String>> {
    let Answer::Groups { groups, .. } = answer else {
        return Vec::new();
    };
    let all = groups.iter().flat_map(|(_, attributes)| attributes);
    all.map(|own| own.successors.iter().map(|s| &s.name).collect())
        .collect()
}

fn told(catalog: &Catalog, label: &str, event: &Event, text: &str) -> Verdict {
    if names_all(catalog, label, event, text) {
        Ok(())
    } else {
        Err(format!("'{text}' does not tell all of {event:?}"))
    }
}

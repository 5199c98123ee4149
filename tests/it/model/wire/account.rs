//! What users do themselves, with a token of their own.

use super::{
    super::{
        answer::{Answer, Connected, Held, Passing},
        operation::{Operation, Sight, Wish},
    },
    named, refusal, shown, with,
};
use crate::account::Stub;
use std::collections::BTreeMap;
use tenure::proto;
use tonic::Status;

/// The etags that were seen of a user's attributes. What one stands for is what the model knows of it.
#[derive(Debug, Default)]
pub struct Etags(BTreeMap<(String, StandsFor), String>);

/// Generation, owner, active, manual, pinned and the ranking.
type StandsFor = (i64, Option<String>, bool, bool, bool, Vec<String>);

fn stands_for(held: &Held) -> StandsFor {
    let shown = &held.shown;
    let owner = shown.owner.as_ref().map(|owner| owner.name.clone());
    (
        shown.generation,
        owner,
        shown.active,
        shown.manual,
        shown.pinned,
        held.succession.clone(),
    )
}

impl Etags {
    /// Takes note of one. Of an attribute two are equal if and only if what they stand for is.
    fn note(&mut self, held: &Held, etag: String) -> Result<(), String> {
        let key = (held.shown.name.clone(), stands_for(held));
        let mut others = self.0.iter().filter(|((name, _), _)| *name == key.0);
        if let Some((other, _)) = others.find(|(other, had)| (**other == key) != (**had == etag)) {
            return Err(format!("the etag {etag} of {key:?} and that of {other:?}"));
        }
        self.0.insert(key, etag);
        Ok(())
    }

    /// One of the attribute that stands for anything but this, if one was seen.
    fn stale(&self, attribute: &str, now: Option<&str>) -> Option<String> {
        let mut of_it = self.0.iter().filter(|((name, _), _)| name == attribute);
        let stale = of_it.find(|(_, etag)| now != Some(etag.as_str()));
        stale.map(|(_, etag)| etag.clone())
    }
}

/// What becomes of the operation; and why not, where an etag is not what it should be.
pub async fn account(
    stub: &mut Stub,
    token: &str,
    request_id: &str,
    operation: &Operation,
    etags: &mut Etags,
    revision: i64,
) -> Result<Answer, String> {
    let mut asking = Asking {
        stub,
        token,
        request_id,
        etags,
        wrong: Ok(()),
    };
    let answer = match operation {
        Operation::Account { .. } => asking.all().await,
        Operation::Decide {
            attribute,
            wish,
            seen,
            ..
        } => asking.decide(attribute, wish, *seen).await,
        Operation::Leave {
            service,
            preview,
            seen,
            ..
        } => {
            let revision = match seen {
                Sight::None => None,
                Sight::Now => Some(revision),
                Sight::Before => Some((revision - 1).max(0)),
            };
            asking.leave(service, *preview, revision).await
        }
        _ => unreachable!("not a user's own {operation:?}"),
    };
    asking.wrong?;
    Ok(answer.unwrap_or_else(|status| Answer::Refused(refusal(&status))))
}

/// What happened, the newest first, in pages of so many: each in words.
pub async fn story(stub: &Stub, token: &str, page_size: i32) -> Vec<proto::UserEvent> {
    let (mut events, mut page_token) = (Vec::new(), String::new());
    loop {
        let message = proto::ListEventsRequest {
            page_size,
            page_token,
            ..proto::ListEventsRequest::default()
        };
        let page = stub
            .clone()
            .list_events(with(token, "story", message))
            .await;
        let page = page.unwrap().into_inner();
        events.extend(page.events);
        if page.next_page_token.is_empty() {
            return events;
        }
        page_token = page.next_page_token;
    }
}

struct Asking<'a> {
    stub: &'a mut Stub,
    token: &'a str,
    request_id: &'a str,
    etags: &'a mut Etags,
    wrong: Result<(), String>,
}

impl Asking<'_> {
    fn message<T>(&self, message: T) -> tonic::Request<T> {
        with(self.token, self.request_id, message)
    }

    /// An attribute, whose etag is noted.
    fn held(&mut self, attribute: proto::UserAttribute) -> Held {
        let held = Held {
            shown: shown(attribute.attribute.unwrap()),
            successors: attribute.successors.into_iter().map(named).collect(),
            succession: attribute.succession,
        };
        let noted = self.etags.note(&held, attribute.etag);
        self.wrong = std::mem::replace(&mut self.wrong, Ok(())).and(noted);
        held
    }

    async fn all(&mut self) -> Result<Answer, Status> {
        let all = self.message(proto::ListUserAttributesRequest::default());
        let listed = self.stub.list_user_attributes(all).await?.into_inner();
        let connections = self.message(proto::UserAttributesListConnectionsRequest {});
        let connections = self.stub.list_connections(connections).await?.into_inner();
        assert_eq!(connections.revision, listed.revision);
        let mut groups = Vec::new();
        for group in listed.groups {
            let of = group.group.unwrap();
            let attributes = group.attributes.into_iter();
            let attributes = attributes.map(|attribute| self.held(attribute)).collect();
            groups.push(((of.name, of.label, of.priority), attributes));
        }
        let connected = |connection: proto::UserConnection| Connected {
            service: named(connection.service.unwrap()),
            scopes: connection.scopes,
            owned: usize::try_from(connection.owned).unwrap(),
        };
        Ok(Answer::Account {
            groups,
            connections: connections.connections.into_iter().map(connected).collect(),
            revision: listed.revision,
        })
    }

    /// The etag to send along.
    async fn etag(&mut self, attribute: &str, seen: Sight) -> Result<String, Status> {
        if seen == Sight::None {
            return Ok(String::new());
        }
        let one = self.message(proto::ListUserAttributesRequest {
            attributes: vec![attribute.to_owned()],
        });
        let listed = self.stub.list_user_attributes(one).await?.into_inner();
        let mut listed = listed.groups.into_iter().flat_map(|group| group.attributes);
        let now = listed.next().map(|attribute| {
            let etag = attribute.etag.clone();
            self.held(attribute);
            etag
        });
        let etag = match seen {
            Sight::Now => now,
            _ => self.etags.stale(attribute, now.as_deref()),
        };
        Ok(etag.unwrap_or_else(|| "never".to_owned()))
    }

    async fn decide(
        &mut self,
        attribute: &str,
        wish: &Wish,
        seen: Sight,
    ) -> Result<Answer, Status> {
        let etag = self.etag(attribute, seen).await?;
        let attribute = attribute.to_owned();
        let (set, revision) = match wish.clone() {
            Wish::Owner { service, pinned } => {
                let set = self.stub.set_owner(self.message(proto::SetOwnerRequest {
                    attribute,
                    service,
                    pinned,
                    etag,
                }));
                let set = set.await?.into_inner();
                (set.attribute, set.revision)
            }
            Wish::Active(active) => {
                let set = self.stub.set_active(self.message(proto::SetActiveRequest {
                    attribute,
                    active,
                    etag,
                }));
                let set = set.await?.into_inner();
                (set.attribute, set.revision)
            }
            Wish::Pinned(pinned) => {
                let set = self.stub.set_pinned(self.message(proto::SetPinnedRequest {
                    attribute,
                    pinned,
                    etag,
                }));
                let set = set.await?.into_inner();
                (set.attribute, set.revision)
            }
            Wish::Succession(services) => {
                let message = self.message(proto::SetSuccessionRequest {
                    attribute,
                    services,
                    etag,
                });
                let set = self.stub.set_succession(message).await?.into_inner();
                (set.attribute, set.revision)
            }
        };
        let held = Box::new(self.held(set.unwrap()));
        Ok(Answer::Decided { held, revision })
    }

    async fn leave(
        &mut self,
        service: &str,
        validate_only: bool,
        revision: Option<i64>,
    ) -> Result<Answer, Status> {
        let message = self.message(proto::DisconnectRequest {
            service: service.to_owned(),
            validate_only,
            revision,
        });
        let done = self.stub.disconnect(message).await?.into_inner();
        let passing = done.passing.into_iter().map(|passing| Passing {
            name: passing.attribute,
            label: passing.label,
            to: passing.to.map(named),
        });
        Ok(Answer::Passing {
            passing: passing.collect(),
            revision: done.revision,
        })
    }
}

//! What users ask for, with a token of their own.

use super::{
    super::{
        answer::{Answer, Own},
        wish::Wish,
    },
    named, refusal, shown, with,
};
use crate::{account::Stub, harness::Event};
use tenure::proto;
use tonic::{Response, Status};

/// What the user has seen it as: for what the call is meant.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Empty: whatever it is.
    pub etag: String,
    pub revision: Option<i64>,
}

/// What comes with an answer and no model knows: the etag of each attribute, and the sentence for each event and label.
#[derive(Debug, Default)]
pub struct Aside {
    pub etags: Vec<(Own, String)>,
    pub sentences: Vec<(String, Event, String)>,
}

/// Who calls, and how the call is called.
pub struct Caller<'a> {
    pub stub: &'a Stub,
    pub token: &'a str,
    pub request_id: &'a str,
}

/// What becomes of it.
pub async fn wish(caller: &Caller<'_>, wish: &Wish, guard: &Guard) -> (Answer, Aside) {
    let mut aside = Aside::default();
    let answer = caller.wish(wish, guard, &mut aside).await;
    let answer = answer.unwrap_or_else(|status| Answer::Refused(refused(&status)));
    (answer, aside)
}

/// The status and its reason, and why a service does not qualify.
fn refused(status: &Status) -> String {
    let refusal = refusal(status);
    let why = status.message().split_once(": ");
    match why {
        Some((_, why)) if refusal.ends_with("NOT_QUALIFIED") => format!("{refusal} {why}"),
        _ => refusal,
    }
}

impl Caller<'_> {
    async fn wish(
        &self,
        wish: &Wish,
        Guard { etag, revision }: &Guard,
        aside: &mut Aside,
    ) -> Result<Answer, Status> {
        let mut stub = self.stub.clone();
        macro_rules! call {
            ($method:ident $message:expr) => {{
                let request = with(self.token, self.request_id, $message);
                stub.$method(request).await.map(Response::into_inner)
            }};
        }
        macro_rules! set {
            ($method:ident $message:expr) => {{
                let set = call!($method $message)?;
                let attribute = Box::new(own(set.attribute.unwrap(), aside));
                Ok(Answer::Own { attribute, revision: set.revision })
            }};
        }
        let etag = etag.clone();
        match wish.clone() {
            Wish::SetOwner {
                attribute,
                service,
                pinned,
                ..
            } => set!(set_owner proto::SetOwnerRequest { attribute, service, pinned, etag, active: None }),
            Wish::SetActive {
                attribute, active, ..
            } => set!(set_active proto::SetActiveRequest { attribute, active, etag }),
            Wish::SetPinned {
                attribute, pinned, ..
            } => set!(set_pinned proto::SetPinnedRequest { attribute, pinned, etag }),
            Wish::SetSuccession {
                attribute,
                services,
                ..
            } => set!(set_succession proto::SetSuccessionRequest { attribute, services, etag }),
            Wish::ListUserAttributes { attributes } => {
                let message = proto::ListUserAttributesRequest { attributes };
                Ok(groups(call!(list_user_attributes message)?, aside))
            }
            Wish::ListConnections {} => {
                let message = proto::UserAttributesListConnectionsRequest {};
                call!(list_connections message).map(connections)
            }
            Wish::Disconnect {
                service,
                validate_only,
                ..
            } => call!(disconnect proto::DisconnectRequest { service, validate_only, revision: *revision }).map(passing),
            Wish::ListEvents {
                attribute,
                page_size,
            } => self.events(&attribute, page_size, aside).await,
        }
    }

    /// Page after page.
    async fn events(
        &self,
        attribute: &str,
        page_size: i32,
        aside: &mut Aside,
    ) -> Result<Answer, Status> {
        let (mut pages, mut page_token) = (Vec::new(), String::new());
        loop {
            let message = proto::ListEventsRequest {
                attribute: attribute.to_owned(),
                page_size,
                page_token,
            };
            let request = with(self.token, self.request_id, message);
            let page = self.stub.clone().list_events(request).await?.into_inner();
            let told = page.events.into_iter().map(|told| {
                let event = Event::from(told.event.unwrap());
                let sentence = (told.label.clone(), event.clone(), told.text);
                aside.sentences.push(sentence);
                (told.label, event)
            });
            pages.push(told.collect());
            if page.next_page_token.is_empty() {
                let revision = page.revision;
                return Ok(Answer::Told { pages, revision });
            }
            page_token = page.next_page_token;
        }
    }
}

fn own(attribute: proto::UserAttribute, aside: &mut Aside) -> Own {
    let own = Own {
        shown: shown(attribute.attribute.unwrap()),
        successors: attribute.successors.into_iter().map(named).collect(),
        succession: attribute.succession,
    };
    aside.etags.push((own.clone(), attribute.etag));
    own
}

fn groups(listed: proto::ListUserAttributesResponse, aside: &mut Aside) -> Answer {
    let groups = listed.groups.into_iter().map(|of| {
        let group = of.group.unwrap();
        let attributes = of.attributes.into_iter().map(|one| own(one, aside));
        let attributes = attributes.collect();
        ((group.name, group.label, group.priority), attributes)
    });
    Answer::Groups {
        groups: groups.collect(),
        revision: listed.revision,
    }
}

fn connections(listed: proto::UserAttributesListConnectionsResponse) -> Answer {
    let all = listed.connections.into_iter().map(|connection| {
        assert!(connection.connect_time.is_some(), "{connection:?}");
        let owned = usize::try_from(connection.owned).unwrap();
        (named(connection.service.unwrap()), connection.scopes, owned)
    });
    Answer::Connections {
        connections: all.collect(),
        revision: listed.revision,
    }
}

fn passing(told: proto::DisconnectResponse) -> Answer {
    let passing = told.passing.into_iter();
    Answer::Passing {
        passing: passing
            .map(|one| (one.attribute, one.label, one.to.map(named)))
            .collect(),
        revision: told.revision,
    }
}

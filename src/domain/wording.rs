//! What happened, in words: the sentences of the user's page, without their full stop.

use super::{
    catalog::Catalog,
    event::{Actor, Cause, Event},
    name::{AttributeName, ServiceName},
    state::UserState,
    view::ServiceView,
};

/// Tells users of their own attributes.
pub struct Wording<'a> {
    state: &'a UserState,
    catalog: &'a Catalog,
}

impl<'a> Wording<'a> {
    /// Attributes are called as in `state`, services as in the catalog; what neither has, by its name.
    #[must_use]
    pub fn new(state: &'a UserState, catalog: &'a Catalog) -> Self {
        Self { state, catalog }
    }

    /// The attribute as people call it.
    #[must_use]
    pub fn label(&self, attribute: &'a AttributeName) -> &'a str {
        let known = self.state.attributes.get(attribute);
        known.map_or(attribute.as_str(), |known| known.label.as_str())
    }

    /// The sentence for an event that `actor` made.
    #[must_use]
    pub fn sentence(&self, event: &Event, actor: &Actor) -> String {
        let it = self.label(&event.attribute);
        let from = self.owner(event.from.as_ref());
        let to = self.owner(event.to.as_ref());
        match event.cause {
            Cause::Created => self.done(actor, "created", it),
            Cause::Acquired => format!("{to} took over {it}"),
            Cause::Taken => format!("{to} took over {it} from {from}"),
            Cause::Released => format!("{from} released {it}, and nobody has it now"),
            Cause::Inherited => {
                let why = self.passing(event, actor, &from);
                format!("{to} inherited {it} when {why}")
            }
            Cause::UserChoice if event.to.is_none() => {
                format!("You took {it} from {from}, and nobody has it now")
            }
            Cause::UserChoice => format!("You gave {it} to {to}"),
            Cause::Disconnected => {
                let why = self.done(actor, "disconnected", &from);
                format!("{why}, and nobody has {it} now")
            }
            Cause::ScopeNarrowed => {
                format!("{from} may no longer write {it}, and nobody has it now")
            }
            Cause::Activated => format!("{} on", self.done(actor, "switched", it)),
            Cause::Deactivated => format!("{} off", self.done(actor, "switched", it)),
            Cause::ManualChanged if event.manual => {
                format!("{to} set {it} to be entered by hand")
            }
            Cause::ManualChanged => format!("{to} set {it} to be synchronised"),
            Cause::Pinned => format!("{} to {to}", self.done(actor, "pinned", it)),
            Cause::Unpinned => format!("{} from {to}", self.done(actor, "unpinned", it)),
        }
    }

    /// Why an attribute passed on: an owner that does not give it up itself loses it.
    fn passing(&self, event: &Event, actor: &Actor, from: &str) -> String {
        match actor {
            Actor::Service(service) if event.from.as_ref() == Some(service) => {
                format!("{from} released it")
            }
            Actor::User => self.done(actor, "disconnected", from),
            Actor::Service(_) | Actor::Operator => format!("{from} lost its access"),
        }
    }

    /// `You pinned Steps`; what an operator does is done.
    fn done(&self, actor: &Actor, what: &str, to: &str) -> String {
        match actor {
            Actor::User => format!("You {what} {to}"),
            Actor::Service(service) => format!("{} {what} {to}", self.owner(Some(service))),
            Actor::Operator => format!("{to} was {what}"),
        }
    }

    fn owner(&self, service: Option<&ServiceName>) -> String {
        let view = service.map(|service| ServiceView::new(service, self.catalog));
        view.map_or_else(|| "nobody".to_owned(), |view| view.label.to_string())
    }
}

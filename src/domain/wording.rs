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
                let why = Self::passing(event, actor, &from);
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
    fn passing(event: &Event, actor: &Actor, from: &str) -> String {
        match actor {
            Actor::Service(service) if event.from.as_ref() == Some(service) => {
                format!("{from} released it")
            }
            Actor::User => format!("you disconnected {from}"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{attribute::Attribute, catalog::CatalogFile};

    const SERVICES: &str = "
        [[service]]\nname = 'oura'\nlabel = 'Oura'
        [[service]]\nname = 'test500'\nlabel = 'My Test Client'";

    /// Cause, owner before, owner after, actor, and the sentence.
    const TOLD: &str = "
        CREATED        -       -       service:oura Oura created Steps
        CREATED        -       -       operator     Steps was created
        ACQUIRED       -       oura    service:oura Oura took over Steps
        TAKEN          test500 oura    service:oura Oura took over Steps from My Test Client
        RELEASED       oura    -       service:oura Oura released Steps, and nobody has it now
        INHERITED      oura    gone    service:oura gone inherited Steps when Oura released it
        INHERITED      oura    test500 user         My Test Client inherited Steps when you disconnected Oura
        INHERITED      oura    test500 operator     My Test Client inherited Steps when Oura lost its access
        USER_CHOICE    oura    test500 user         You gave Steps to My Test Client
        USER_CHOICE    oura    -       user         You took Steps from Oura, and nobody has it now
        DISCONNECTED   oura    -       user         You disconnected Oura, and nobody has Steps now
        DISCONNECTED   oura    -       operator     Oura was disconnected, and nobody has Steps now
        SCOPE_NARROWED oura    -       operator     Oura may no longer write Steps, and nobody has it now
        ACTIVATED      oura    oura    service:oura Oura switched Steps on
        ACTIVATED      oura    oura    operator     Steps was switched on
        DEACTIVATED    oura    oura    user         You switched Steps off
        MANUAL_CHANGED oura    oura    service:oura Oura set Steps to be synchronised
        PINNED         oura    oura    user         You pinned Steps to Oura
        UNPINNED       oura    oura    user         You unpinned Steps from Oura";

    #[test]
    fn every_cause_has_its_sentence() {
        let catalog = Catalog::new(CatalogFile::parse(SERVICES).unwrap()).unwrap();
        let template = catalog.template("steps").unwrap();
        let steps = Attribute::from_template(template, false);
        let (mut state, attribute) = (UserState::default(), steps.name.clone());
        state.attributes.insert(attribute.clone(), steps);
        let wording = Wording::new(&state, &catalog);
        let mut told = Vec::new();
        for line in TOLD.lines().skip(1) {
            let mut words = line.split_whitespace();
            let mut word = || words.next().unwrap();
            let cause: Cause = word().parse().unwrap();
            told.push(cause);
            let event = Event {
                attribute: attribute.clone(),
                from: ServiceName::parse(word())
                    .ok()
                    .filter(|name| name.as_str() != "-"),
                to: ServiceName::parse(word())
                    .ok()
                    .filter(|name| name.as_str() != "-"),
                generation: 1,
                active: true,
                manual: false,
                pinned: false,
                cause,
            };
            let actor = word().parse().unwrap();
            let sentence = words.collect::<Vec<_>>().join(" ");
            assert_eq!(wording.sentence(&event, &actor), sentence);
        }
        assert!(Cause::ALL.iter().all(|cause| told.contains(cause)));
    }
}

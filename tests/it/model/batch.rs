//! Acquire and release, item by item (`contract.md`, The batch law, Acquire and Release).

use super::{
    answer::{Failure, service},
    operation::{AcquireItem, Malformed, Operation, ReleaseItem},
    state::{Attribute, Scopes, Terms, Work, may_write},
};

pub fn failure(code: &'static str, text: String) -> Failure {
    let code = code.to_owned();
    let owner = None;
    Failure { code, text, owner }
}

/// Where one fails, none is done.
pub fn aborted() -> Failure {
    let text = "Not done, because another object of the request failed".to_owned();
    failure("aborted", text)
}

/// Fails where the generation could not be read, or is none.
fn countable(
    index: usize,
    malformed: Option<&Malformed>,
    generation: Option<i64>,
) -> Result<(), Failure> {
    legible(index, malformed, "generation")?;
    match generation {
        Some(..0) => Err(validation(index, "field 'generation' must not be negative")),
        _ => Ok(()),
    }
}

pub fn validation(index: usize, rest: &str) -> Failure {
    failure("validation", format!("Object at index {index} {rest}"))
}

pub fn no_match() -> Failure {
    let text = "Attribute matching query does not exist.".to_owned();
    failure("not_found", text)
}

/// Fails where this field, or with an empty `field` the item, is what could not be read.
pub fn legible(index: usize, malformed: Option<&Malformed>, field: &str) -> Result<(), Failure> {
    match malformed {
        Some(malformed) if malformed.field == field => {
            let of_field = format!("field '{field}' {}", malformed.reason);
            let of_item = malformed.reason.clone();
            Err(validation(
                index,
                if field.is_empty() {
                    &of_item
                } else {
                    &of_field
                },
            ))
        }
        _ => Ok(()),
    }
}

/// Fails where a name could not be read, or is empty.
pub fn named(
    index: usize,
    malformed: Option<&Malformed>,
    field: &str,
    value: Option<&String>,
) -> Result<(), Failure> {
    legible(index, malformed, field)?;
    if value.is_some_and(String::is_empty) {
        return Err(validation(
            index,
            &format!("field '{field}' must not be empty"),
        ));
    }
    Ok(())
}

/// Fails unless the scopes cover an attribute of the group.
pub fn allowed(granted: &Scopes, group: &str, manual: bool) -> Result<(), Failure> {
    if may_write(granted, group, manual) {
        return Ok(());
    }
    let text = format!("No permission to write to attributes in group '{group}'");
    Err(failure("not_allowed", text))
}

fn missing(index: usize) -> Failure {
    let text = format!("Object at index {index} missing field(s) 'name'");
    failure("missing_field", text)
}

impl Work<'_> {
    /// A failure that names the owner, if there is one.
    fn owned(&self, code: &str, attribute: &Attribute, text: String) -> Failure {
        let owner = attribute.owner.as_ref();
        Failure {
            code: code.to_owned(),
            text,
            owner: owner.map(|owner| service(self.catalog, owner)),
        }
    }

    /// Fails unless the attribute is at the generation that is asked for, if one is.
    fn unchanged(
        &self,
        name: &str,
        attribute: &Attribute,
        generation: Option<i64>,
    ) -> Result<(), Failure> {
        let actual = attribute.generation;
        match generation {
            Some(expected) if expected != actual => {
                let owner = attribute.owner.as_ref();
                let who = owner.map_or("nobody owns it".to_owned(), |owner| {
                    format!("service '{owner}' owns it")
                });
                let text = format!(
                    "Attribute '{name}' is at generation {actual}, not {expected}, and {who}"
                );
                Err(self.owned("conflict", attribute, text))
            }
            _ => Ok(()),
        }
    }

    /// What becomes of each item, one after the other.
    pub fn batch(
        &mut self,
        service: &str,
        granted: &Scopes,
        operation: &Operation,
    ) -> Vec<Result<String, Failure>> {
        match operation {
            Operation::Acquire { items, modes, .. } => {
                let items = items.iter().enumerate();
                let acquire =
                    |(index, item)| self.acquire(service, granted, index, item, modes.if_available);
                items.map(acquire).collect()
            }
            Operation::Release { items, .. } => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| self.release(service, index, item))
                    .collect()
            }
            Operation::CreateOwned { items, .. } => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| self.create_owned(service, granted, index, item))
                    .collect()
            }
            _ => unreachable!("no batch: {operation:?}"),
        }
    }

    /// The name of the attribute that the service now owns.
    pub fn acquire(
        &mut self,
        service: &str,
        granted: &Scopes,
        index: usize,
        item: &AcquireItem,
        if_available: bool,
    ) -> Result<String, Failure> {
        let malformed = item.malformed.as_ref();
        legible(index, malformed, "")?;
        named(index, malformed, "name", item.name.as_ref())?;
        named(index, malformed, "template", item.template.as_ref())?;
        let name = item.template.as_ref().or(item.name.as_ref());
        let name = name.ok_or_else(|| missing(index))?;
        legible(index, malformed, "manual")?;
        countable(index, malformed, item.generation)?;
        if item.name.as_ref().is_some_and(|other| other != name) {
            let rest = "field 'name' must be equal to 'template' if both are given";
            return Err(validation(index, rest));
        }
        let attribute = self.wanted(name, item)?;
        let manual = item.manual.unwrap_or(attribute.manual);
        allowed(granted, &attribute.group, manual)?;
        self.unchanged(name, &attribute, item.generation)?;
        let other = attribute.owner.as_ref().filter(|owner| *owner != service);
        if let (Some(other), true) = (other, if_available) {
            let text = format!("Attribute '{name}' is owned by service '{other}'");
            return Err(self.owned("conflict", &attribute, text));
        }
        let is_on = other.is_none() && attribute.active;
        if let (Some(owner), true, false) = (&attribute.owner, attribute.pinned, is_on) {
            let text = format!("Attribute '{name}' is pinned by the user to service '{owner}'");
            return Err(self.owned("pinned", &attribute, text));
        }
        if !self.state.attributes.contains_key(name) {
            self.add(name, attribute);
        }
        self.take(service, name, item.manual, manual);
        Ok(name.clone())
    }

    /// The user's attribute, or the one that the template would make.
    fn wanted(&self, name: &str, item: &AcquireItem) -> Result<Attribute, Failure> {
        let there = self.state.attributes.get(name);
        if item.template.is_none() {
            return there.cloned().ok_or_else(no_match);
        }
        let template = self.catalog.templates.get(name).ok_or_else(no_match)?;
        match there {
            Some(attribute) if attribute.template.is_some() => Ok(attribute.clone()),
            Some(_) => Err(failure(
                "exists",
                format!(
                    "User already has a custom attribute named '{name}', use 'name' to acquire it"
                ),
            )),
            None => {
                let manual = item.manual.unwrap_or(true);
                Ok(Attribute::of_template(name, template, manual))
            }
        }
    }

    /// `asked` is what the item says of `manual`, which makes it `manual`.
    pub fn take(&mut self, service: &str, name: &str, asked: Option<bool>, manual: bool) {
        let offer = self.offer(name, service);
        offer.declined = false;
        if asked != Some(true) {
            offer.offered = true;
        }
        if asked.is_some() {
            offer.manual = asked;
        }
        let attribute = self.state.attributes[name].clone();
        let terms = Terms {
            active: true,
            manual,
            pinned: false,
        };
        match attribute.owner {
            None => self.give(name, service, &terms, "ACQUIRED"),
            Some(owner) if owner != service => self.give(name, service, &terms, "TAKEN"),
            Some(_) => {
                if !attribute.active {
                    self.set(name, "ACTIVATED", |attribute| attribute.active = true);
                }
                if attribute.manual != manual {
                    self.set(name, "MANUAL_CHANGED", |attribute| {
                        attribute.manual = manual;
                    });
                }
            }
        }
    }

    /// The name of the attribute that the service no longer owns.
    pub fn release(
        &mut self,
        service: &str,
        index: usize,
        item: &ReleaseItem,
    ) -> Result<String, Failure> {
        let malformed = item.malformed.as_ref();
        legible(index, malformed, "")?;
        named(index, malformed, "name", item.name.as_ref())?;
        let name = item.name.as_ref().ok_or_else(|| missing(index))?;
        countable(index, malformed, item.generation)?;
        let Some(attribute) = self.state.attributes.get(name) else {
            let text = format!("User doesn't have an attribute named '{name}'");
            return Err(failure("not_found", text));
        };
        if attribute.owner.as_deref() != Some(service) {
            let text = format!("Attribute '{name}' does not belong to this service");
            return Err(failure("unauthorised", text));
        }
        self.unchanged(name, attribute, item.generation)?;
        self.offer(name, service).declined = true;
        self.pass_on(name, "RELEASED");
        Ok(name.clone())
    }
}

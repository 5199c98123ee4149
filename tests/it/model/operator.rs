//! What an operator does to one user.

use super::state::{Attribute, Scopes, Work, may_write, scopes};

/// Why not, in one word.
type Refused = &'static str;

impl Work<'_> {
    pub fn connect(&mut self, service: &str, list: Option<&str>) -> Result<(), Refused> {
        if !self.catalog.services.contains_key(service) {
            return Err("unknown_service");
        }
        let now = self.state.connections.get(service).cloned();
        let granted = list.map_or_else(|| now.unwrap_or_default(), scopes);
        if !granted.iter().all(|scope| self.means_something(scope)) {
            return Err("unknown_scope");
        }
        let connections = &mut self.state.connections;
        connections.insert(service.to_owned(), granted.clone());
        let uncovered =
            |attribute: &Attribute| !may_write(&granted, &attribute.group, attribute.manual);
        self.vacate(service, "SCOPE_NARROWED", uncovered);
        Ok(())
    }

    pub fn means_something(&self, scope: &str) -> bool {
        let subjects = self.catalog.groups.keys().map(String::as_str);
        let mut all = subjects.chain(["manual"]);
        all.any(|of| scope == format!("{of}_read") || scope == format!("{of}_write"))
    }

    pub fn disconnect(&mut self, service: &str) -> Result<(), Refused> {
        if self.state.connections.remove(service).is_none() {
            return Err("not_connected");
        }
        self.state.offers.retain(|(_, of), _| of != service);
        self.vacate(service, "DISCONNECTED", |_| true);
        Ok(())
    }

    /// Takes all of a grant back but for what remains.
    pub fn withdraw(&mut self, service: &str, remaining: &str) {
        let remaining = scopes(remaining);
        let connection = self.state.connections.get(service).cloned();
        // Nobody need be connected.
        let _ = match connection {
            _ if remaining.is_empty() => self.disconnect(service),
            Some(had) => {
                let left: Vec<_> = had.intersection(&remaining).cloned().collect();
                self.connect(service, Some(&left.join(" ")))
            }
            None => Ok(()),
        };
    }

    /// Passes on what the service owns and `lost` tells of, by name.
    fn vacate(&mut self, service: &str, cause: &str, lost: impl Fn(&Attribute) -> bool) {
        let names: Vec<_> = self.state.attributes.keys().cloned().collect();
        for name in names {
            let attribute = &self.state.attributes[&name];
            if attribute.owner.as_deref() == Some(service) && lost(attribute) {
                self.pass_on(&name, cause);
            }
        }
    }

    /// The scopes of the token that is issued.
    pub fn issue(&self, service: Option<&str>, list: Option<&str>) -> Result<Scopes, Refused> {
        let Some(service) = service else {
            return Ok(list.map(scopes).unwrap_or_default());
        };
        let connection = self.state.connections.get(service);
        let connection = connection.ok_or("not_connected")?;
        let asked = list.map_or_else(|| connection.clone(), scopes);
        if asked.is_subset(connection) {
            Ok(asked)
        } else {
            Err("beyond")
        }
    }

    pub fn switch(&mut self, name: &str, on: bool) -> Result<(), Refused> {
        let attribute = self.state.attributes.get(name);
        let attribute = attribute.ok_or("no_such_attribute")?;
        match (&attribute.owner, on) {
            (None, true) => Err("not_owned"),
            (None, false) => Ok(()),
            (Some(_), _) => {
                if attribute.active != on {
                    let cause = if on { "ACTIVATED" } else { "DEACTIVATED" };
                    self.set(name, cause, |attribute| attribute.active = on);
                }
                Ok(())
            }
        }
    }

    /// The name of the custom attribute that was created.
    pub fn create(
        &mut self,
        label: &str,
        group: &str,
        value_type: i32,
        manual: bool,
    ) -> Result<String, Refused> {
        if !self.catalog.groups.contains_key(group) {
            return Err("unknown_group");
        }
        if value_type == 6 {
            return Err("reserved_value_type");
        }
        let name = self.free_name(label).map_err(|_| "exists")?;
        self.add(&name, Attribute::custom(label, group, value_type, manual));
        Ok(name)
    }
}

//! Words for what has names.

use crate::proto::{Service, UserAttribute, UserConnection};
use std::collections::BTreeMap;

/// What people call the services and groups that a page shows.
#[derive(Debug, Default)]
pub(in crate::page) struct Labels {
    services: BTreeMap<String, String>,
    groups: BTreeMap<String, String>,
}

impl Labels {
    /// Those that these messages tell.
    pub(in crate::page) fn of<'m>(
        attributes: impl IntoIterator<Item = &'m UserAttribute>,
        connections: &[UserConnection],
    ) -> Self {
        let mut labels = Self::default();
        for attribute in attributes {
            let inner = attribute.attribute.iter();
            for inner in inner {
                labels.add(inner.owner.iter().chain(&inner.available_services));
                if let Some(group) = &inner.group {
                    let (name, label) = (group.name.clone(), group.label.clone());
                    labels.groups.insert(name, label);
                }
            }
            labels.add(&attribute.successors);
        }
        labels.add(connections.iter().filter_map(|c| c.service.as_ref()));
        labels
    }

    fn add<'m>(&mut self, services: impl IntoIterator<Item = &'m Service>) {
        for service in services {
            let (name, label) = (service.name.clone(), service.label.clone());
            self.services.insert(name, label);
        }
    }

    /// The service's label, or its name where nothing tells more; `nobody` for none.
    pub(in crate::page) fn service<'l>(&'l self, name: &'l str) -> &'l str {
        match self.services.get(name) {
            Some(label) => label,
            None if name.is_empty() => "nobody",
            None => name,
        }
    }

    /// What scopes let a service do: `May write Activity and Sleep, and read Mood.`
    pub(super) fn may(&self, scopes: &[String]) -> String {
        let to = |suffix| {
            let names = scopes.iter().filter_map(move |s| s.strip_suffix(suffix));
            names.collect::<Vec<_>>()
        };
        let (reads, writes) = (to("_read"), to("_write"));
        let (both, only_writes): (Vec<&str>, Vec<&str>) =
            writes.iter().partition(|name| reads.contains(name));
        let only_reads: Vec<_> = reads.into_iter().filter(|n| !writes.contains(n)).collect();
        let parts = [
            ("read and write", both),
            ("write", only_writes),
            ("read", only_reads),
        ];
        let parts = parts.into_iter().filter(|(_, names)| !names.is_empty());
        let parts = parts.map(|(verb, names)| {
            let names = names.into_iter().map(|name| self.group(name)).collect();
            format!("{verb} {}", and(names))
        });
        let parts: Vec<_> = parts.collect();
        if parts.is_empty() {
            "May do nothing.".to_owned()
        } else {
            format!("May {}.", parts.join("; "))
        }
    }

    /// What a scope is about. The user may have no attribute of the group, and then its name must do.
    fn group(&self, name: &str) -> String {
        if name == "manual" {
            return "what you enter by hand".to_owned();
        }
        self.groups
            .get(name)
            .cloned()
            .unwrap_or_else(|| capital(&name.replace('_', " ")))
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and(mut names: Vec<String>) -> String {
    match names.pop() {
        None => String::new(),
        Some(last) if names.is_empty() => last,
        Some(last) => format!("{} and {last}", names.join(", ")),
    }
}

/// `1 attribute`, `2 attributes`.
pub(super) fn attributes(count: usize) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} attribute{plural}")
}

/// With a capital letter and a full stop.
pub(in crate::page) fn sentence(text: &str) -> String {
    let stop = if text.ends_with('.') { "" } else { "." };
    format!("{}{stop}", capital(text))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

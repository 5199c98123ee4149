//! The catalog as plain data.

use std::collections::{BTreeMap, BTreeSet};
use tenure::domain::catalog::CatalogFile;

/// What the model's tests add to the catalog that Tenure comes with. The services sort by name as `SERVICES` has
/// them, and by label another way, two of them alike: also those that can inherit what they never owned.
pub const CATALOG: &str = r#"
[[template]]
name = "sleep_talk"
label = "Sleep talk"
group = "mood"
value_type = 2
priority = 12

[[service]]
name = "beta"
label = "Oura"
provides = ["steps", "mood"]

[[service]]
name = "oura"
label = "Oura"
provides = ["steps", "sleep_talk"]

[[service]]
name = "withings"
label = "Withings"

[[service]]
name = "zz_first"
label = "A label that sorts first"
provides = ["steps", "mood"]
"#;

pub const SERVICES: [&str; 4] = ["beta", "oura", "withings", "zz_first"];

pub struct Catalog {
    pub groups: BTreeMap<String, Group>,
    pub templates: BTreeMap<String, Template>,
    pub services: BTreeMap<String, Service>,
}

pub struct Group {
    pub label: String,
    pub priority: i32,
}

pub struct Template {
    pub label: String,
    pub group: String,
    pub value_type: i32,
    pub priority: i32,
}

pub struct Service {
    pub label: String,
    pub provides: BTreeSet<String>,
}

impl Catalog {
    /// What Tenure comes with, and [`CATALOG`].
    pub fn new() -> Self {
        let added = CatalogFile::parse(CATALOG).unwrap();
        let all = CatalogFile::builtin().overlaid(added);
        let groups = all.group.into_iter().map(|group| {
            let (label, priority) = (group.label.to_string(), group.priority.into());
            (group.name.to_string(), Group { label, priority })
        });
        let templates = all.template.into_iter().map(|template| {
            let plain = Template {
                label: template.label.to_string(),
                group: template.group.to_string(),
                value_type: template.value_type.into(),
                priority: template.priority.into(),
            };
            (template.name.to_string(), plain)
        });
        let services = all.service.into_iter().map(|service| {
            let label = service.label.to_string();
            let provides = service.provides.iter().map(ToString::to_string).collect();
            (service.name.to_string(), Service { label, provides })
        });
        Self {
            groups: groups.collect(),
            templates: templates.collect(),
            services: services.collect(),
        }
    }

    /// The labels of what may be named in the state are looked up here: it is a mistake of the test if they lack.
    pub fn label(&self, service: &str) -> &str {
        &self.services[service].label
    }
}

//! Lists (`contract.md`, Owned; `contract-around.md`, Templates and A user's attributes).

use super::{
    answer::{Answer, Shown, show},
    catalog::{Catalog, Template},
    operation::List,
    state::{Attribute, Scopes, State, may_read},
};

/// Attributes with this priority or a higher number are hidden unless asked for.
const LOW_PRIORITY: i32 = 10;

/// What the service owns and the filters let pass.
pub fn list_owned(catalog: &Catalog, state: &State, owner: &str, list: &List) -> Answer {
    let is_listed = |attribute: &Attribute| attribute.owner.as_deref() == Some(owner);
    listed(catalog, state, list, is_listed)
}

/// What the filters let pass: that is what an internal service sees.
pub fn list_all(catalog: &Catalog, state: &State, list: &List) -> Answer {
    listed(catalog, state, list, |_| true)
}

/// What the service owns or may read, of that only what it owns if `owned`, and the filters let pass. And why so, of
/// each attribute that they let pass.
pub fn list_attributes(
    catalog: &Catalog,
    state: &State,
    (service, token): (&str, &Scopes),
    list: &List,
    owned: bool,
) -> (Answer, Vec<&'static str>) {
    let connection = &state.connections[service];
    let both = token.intersection(connection).cloned().collect();
    let sight = |attribute: &Attribute| {
        let may_read = |scopes| may_read(scopes, &attribute.group, attribute.manual);
        if attribute.owner.as_deref() == Some(service) {
            (true, if may_read(&both) { OWN } else { UNREAD })
        } else if owned {
            (false, OTHERS)
        } else if may_read(&both) {
            (true, READABLE)
        } else if may_read(connection) {
            (false, BEYOND_TOKEN)
        } else if may_read(token) {
            (false, BEYOND_CONNECTION)
        } else {
            (false, HIDDEN)
        }
    };
    let answer = listed(catalog, state, list, |attribute| sight(attribute).0);
    let passing = state.attributes.iter();
    let passing = passing.filter(|(name, attribute)| passes(list, name, attribute));
    let reasons = passing.map(|(_, attribute)| sight(attribute).1);
    (answer, reasons.collect())
}

const OWN: &str = "listed because owned, and readable";
const UNREAD: &str = "listed because owned";
const READABLE: &str = "listed because readable";
const OTHERS: &str = "not listed because not owned";
const HIDDEN: &str = "not listed for lack of scope";
const BEYOND_TOKEN: &str = "not listed because the token grants less";
const BEYOND_CONNECTION: &str = "not listed because the connection grants less";

/// All pages of what `is_listed` and the filters let pass, by group and then by attribute.
fn listed(
    catalog: &Catalog,
    state: &State,
    list: &List,
    is_listed: impl Fn(&Attribute) -> bool,
) -> Answer {
    let all = state.attributes.iter();
    let listed =
        all.filter(|(name, attribute)| is_listed(attribute) && passes(list, name, attribute));
    let mut shown: Vec<_> = listed.map(|(name, _)| show(catalog, state, name)).collect();
    shown.sort_by_key(|shown: &Shown| {
        let (group, _, priority) = shown.group.clone();
        (priority, group, shown.priority, shown.name.clone())
    });
    let total = shown.len();
    let rest: Vec<_> = shown.into_iter().skip(list.skip).collect();
    let mut pages: Vec<_> = rest.chunks(list.page_size).map(<[_]>::to_vec).collect();
    if pages.is_empty() {
        pages.push(Vec::new());
    }
    Answer::Pages {
        pages,
        total,
        revision: state.revision,
    }
}

fn passes(list: &List, name: &String, attribute: &Attribute) -> bool {
    (list.groups.is_empty() || list.groups.contains(&attribute.group))
        && (list.attributes.is_empty() || list.attributes.contains(name))
        && (attribute.template.is_some() || !list.exclude_custom)
        && (list.manual.is_none() || list.manual == Some(attribute.manual))
        && (attribute.active || list.include_inactive)
        && (attribute.priority < LOW_PRIORITY || list.include_low_priority)
}

/// A template in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownTemplate {
    pub name: String,
    pub label: String,
    pub group: (String, String, i32),
    pub priority: i32,
    pub value_type: i32,
}

/// The templates of these groups, or of all if there are none, in the order of attributes.
pub fn templates(
    catalog: &Catalog,
    groups: &[String],
    include_low_priority: bool,
) -> Vec<ShownTemplate> {
    let passes = |template: &Template| {
        (groups.is_empty() || groups.contains(&template.group))
            && (template.priority < LOW_PRIORITY || include_low_priority)
    };
    let all = catalog.templates.iter();
    let listed = all.filter(|(_, template)| passes(template));
    let shown = listed.map(|(name, template)| {
        let group = &catalog.groups[&template.group];
        ShownTemplate {
            name: name.clone(),
            label: template.label.clone(),
            group: (template.group.clone(), group.label.clone(), group.priority),
            priority: template.priority,
            value_type: template.value_type,
        }
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by_key(|shown| {
        let (group, _, priority) = shown.group.clone();
        (priority, group, shown.priority, shown.name.clone())
    });
    shown
}

//! Properties of create over random labels and sequences of what services create (`contract-around.md`, Create). The
//! names are told here in other words than there.

use super::{catalog, check_batch, draft, service};
use crate::domain::{
    attribute::Attribute,
    catalog::Catalog,
    change::Change,
    decide::{Caller, CreateItem, CreateRefused, connect, create, create_custom},
    event::Cause,
    failure::Failure,
    name::{AttributeName, GroupName, Label, TemplateName},
    scope::Scopes,
    state::{Offer, UserState},
    value_type::ValueType,
};
use proptest::{
    collection::{btree_set, vec},
    option,
    prelude::*,
    sample::{Index, select},
};

/// What the three services may write.
const SCOPES: [&str; 3] = [
    "activity_write mood_write custom_write manual_write",
    "custom_write",
    "manual_write mood_read",
];

/// Labels of which many become the same name, of all that a label may have, and some that are none.
fn label() -> impl Strategy<Value = String> {
    let known = [
        "Steps",
        "steps",
        "Mood",
        "Attribute",
        "attribute 2",
        "a_2",
        "A 2",
        "a 2 2",
        "日本",
        "İ",
    ];
    prop_oneof![
        8 => "[aA _é-]{1,4}",
        4 => select(known.to_vec()).prop_map(str::to_owned),
        3 => "\\PC{1,100}",
        1 => "[xX ]{98,102}",
        1 => any::<String>(),
    ]
}

fn item() -> impl Strategy<Value = CreateItem> {
    let group =
        prop_oneof![8 => Just("custom"), 2 => Just("mood"), 1 => Just("nope"), 1 => Just("")];
    let value_type = prop_oneof![20 => 0..=5_i64, 3 => 6..=9_i64, 1 => any::<i64>()];
    let custom = (
        option::weighted(0.98, label()),
        option::weighted(0.98, group),
        option::weighted(0.98, value_type),
    );
    let template = prop_oneof![3 => Just("steps"), 3 => Just("mood"), 1 => Just("nope")];
    let item = (
        option::weighted(0.1, template),
        custom,
        any::<Option<bool>>(),
    );
    item.prop_map(
        |(template, (label, group, value_type), manual)| CreateItem {
            template: template.map(str::to_owned),
            label,
            group: group.map(str::to_owned),
            value_type,
            manual,
            malformed: None,
        },
    )
}

/// A user who has connected all three services.
fn connected() -> UserState {
    let catalog = catalog();
    let state = UserState::default();
    let mut draft = draft(&state, &catalog);
    for (index, scopes) in SCOPES.into_iter().enumerate() {
        let scopes = Scopes::from(scopes.to_owned());
        connect(&mut draft, &service(index), &scopes);
    }
    draft.finish().1
}

fn caller(index: usize) -> Caller {
    Caller {
        service: service(index),
        granted: Scopes::from(SCOPES[index].to_owned()),
    }
}

/// What the label is to become where nothing is in the way.
fn base(label: &str) -> String {
    let mut base = String::new();
    let mut gap = false;
    for c in label.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => {
                if gap && !base.is_empty() {
                    base.push('_');
                }
                gap = false;
                base.push(c.to_ascii_lowercase());
            }
            _ => gap = true,
        }
    }
    if base.is_empty() {
        base.push_str("attribute");
    }
    base
}

/// The names that a label may get, in the order in which they are tried.
fn candidates(label: &str) -> impl Iterator<Item = String> {
    let base = base(label);
    let numbered = (2..).map({
        let base = base.clone();
        move |number| format!("{base}_{number}")
    });
    std::iter::once(base).chain(numbered)
}

/// The attribute that has a name which the label would get, and this very label: then there is no other.
fn namesake<'s>(state: &'s UserState, label: &str) -> Option<&'s Attribute> {
    let taken = candidates(label).map_while(|name| state.attribute(&name));
    taken
        .into_iter()
        .find(|taken| taken.label.as_str() == label)
}

/// Whether nothing is wrong with an item that has no template, but that the user may have it already or the scopes may
/// be too narrow.
fn is_whole(item: &CreateItem) -> bool {
    let is_label = |label: &String| {
        (1..=100).contains(&label.chars().count()) && !label.chars().any(char::is_control)
    };
    let is_group = |group: &String| ["custom", "mood"].contains(&group.as_str());
    item.label.as_ref().is_some_and(is_label)
        && item.group.as_ref().is_some_and(is_group)
        && item
            .value_type
            .is_some_and(|number| matches!(number, 0..=5 | 7..=8))
}

/// A template gives its name; a label the first that no attribute with another label has.
fn check_name(before: &UserState, attribute: &Attribute, item: &CreateItem) {
    let name = attribute.name.as_str();
    assert!(!before.attributes.contains_key(name), "{name} is taken");
    assert!(AttributeName::parse(name).is_ok(), "{name}");
    if let Some(template) = &item.template {
        let of = attribute.template.as_ref().map(TemplateName::as_str);
        assert_eq!((name, of), (template.as_str(), Some(template.as_str())));
        return;
    }
    let label = item.label.as_deref().unwrap();
    for candidate in candidates(label).take_while(|candidate| candidate != name) {
        let other = before.attribute(&candidate);
        let is_taken = other.is_some_and(|other| other.label.as_str() != label);
        assert!(is_taken, "{candidate} was free for {label:?}");
    }
    let value_type = i64::from(i32::from(attribute.value_type));
    let (of_label, group) = (attribute.label.as_str(), attribute.group.as_str());
    assert_eq!(
        (of_label, Some(group), Some(value_type)),
        (label, item.group.as_deref(), item.value_type)
    );
    assert_eq!(attribute.template, None);
}

/// The attribute is as the item says, and the caller's; nothing else is other than it was.
fn check_created(
    before: &UserState,
    (change, after): (&Change, &UserState),
    caller: &Caller,
    item: &CreateItem,
    name: &AttributeName,
) {
    let attribute = &after.attributes[name];
    check_name(before, attribute, item);
    assert_eq!(attribute.manual, item.manual.unwrap_or(true));
    let is_covered = caller.granted.cover(&attribute.group, attribute.manual);
    assert!(is_covered, "{attribute:?}");
    let owner = attribute.owner.as_ref().unwrap();
    assert_eq!(
        (&owner.service, owner.active, owner.pinned),
        (&caller.service, true, false)
    );
    assert_eq!(attribute.generation, 1);
    let told = change.events.iter();
    let told = told.map(|e| (e.cause, &e.attribute, e.from.as_ref(), e.to.as_ref()));
    let created = (Cause::Created, name, None, None);
    let acquired = (Cause::Acquired, name, None, Some(&caller.service));
    assert_eq!(told.collect::<Vec<_>>(), [created, acquired]);
    let offer = Offer {
        offered: item.manual != Some(true),
        manual: item.manual,
        last_owned: Some(before.revision + 1),
        ..Offer::default()
    };
    let mut expected = before.clone();
    expected.revision += 1;
    let attribute = attribute.clone();
    expected.attributes.insert(name.clone(), attribute);
    let key = (name.clone(), caller.service.clone());
    expected.offers.insert(key, offer);
    assert_eq!(*after, expected);
}

/// What an operator would be told of the same label, group and value type.
fn by_operator(
    state: &UserState,
    catalog: &Catalog,
    item: &CreateItem,
) -> Result<AttributeName, CreateRefused> {
    let label = Label::parse(item.label.clone().unwrap()).unwrap();
    let group = GroupName::parse(item.group.clone().unwrap()).unwrap();
    let value_type = i32::try_from(item.value_type.unwrap()).unwrap();
    let value_type = ValueType::try_from(value_type).unwrap();
    let mut draft = draft(state, catalog);
    create_custom(&mut draft, &label, &group, value_type, true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_created_is_named_by_its_label_and_owned(
        items in vec((0..3_usize, item()), 1..40),
    ) {
        let catalog = catalog();
        let mut state = connected();
        for (index, item) in &items {
            let caller = caller(*index);
            let mut draft = draft(&state, &catalog);
            let decided = create(&mut draft, &caller, 7, item);
            let (change, after) = draft.finish();
            let is_custom = item.template.is_none() && is_whole(item);
            let there = item.label.as_deref().filter(|_| is_custom);
            let there = there.and_then(|label| namesake(&state, label));
            if is_custom {
                let refused = there.map(|there| CreateRefused::Exists(there.name.clone()));
                prop_assert_eq!(by_operator(&state, &catalog, item).err(), refused);
            }
            match decided {
                Ok(name) => check_created(&state, (&change, &after), &caller, item, &name),
                Err(failure) => {
                    prop_assert!(change.is_empty(), "{:?}", change);
                    prop_assert_eq!(&after, &state);
                    match (is_custom, there) {
                        (true, Some(there)) => {
                            let name = there.name.clone();
                            prop_assert_eq!(failure, Failure::AlreadyThere { name });
                        }
                        (true, None) => {
                            let is_scope = matches!(failure, Failure::NotAllowed { .. });
                            prop_assert!(is_scope, "{:?}: {}", item, failure);
                        }
                        _ => {}
                    }
                }
            }
            state = after;
        }
    }

    /// The second time is no other attribute, whoever asks, whatever the group and type, and however many are between.
    #[test]
    fn a_label_that_is_there_exists_under_the_name_that_it_got(
        items in vec(item(), 1..40),
        again in any::<Index>(),
    ) {
        let catalog = catalog();
        let mut state = connected();
        let mut made = Vec::new();
        for item in &items {
            let mut draft = draft(&state, &catalog);
            if let Ok(name) = create(&mut draft, &caller(0), 0, item)
                && item.template.is_none()
            {
                made.push((item.label.clone(), name));
            }
            state = draft.finish().1;
        }
        prop_assume!(!made.is_empty());
        let (label, name) = again.get(&made).clone();
        let (group, value_type) = (Some("mood".to_owned()), Some(8));
        let item = CreateItem { label, group, value_type, ..CreateItem::default() };
        let mut draft = draft(&state, &catalog);
        let decided = create(&mut draft, &caller(1), 0, &item);
        prop_assert_eq!(decided, Err(Failure::AlreadyThere { name }));
        prop_assert!(draft.finish().0.is_empty());
    }

    /// The longest labels too: there is room for the number.
    #[test]
    fn labels_that_are_alike_are_numbered_as_they_come(labels in btree_set(any::<u64>(), 1..30)) {
        let catalog = catalog();
        let capital = |bits: u64| move |place: u32| bits.rotate_left(place) & 1 == 1;
        let case = |is_capital: bool| if is_capital { 'X' } else { 'x' };
        let labels = labels.into_iter().map(|bits| (0..100).map(capital(bits)).map(case).collect());
        let labels: Vec<String> = labels.collect();
        let items = labels.iter().map(|label| CreateItem {
            label: Some(label.clone()),
            group: Some("custom".to_owned()),
            value_type: Some(0),
            ..CreateItem::default()
        });
        let items: Vec<_> = items.collect();
        let after = check_batch(&connected(), &catalog, &caller(0), &items, create);
        for (label, expected) in labels.iter().zip(candidates(&labels[0])) {
            let attribute = after.attribute(&expected);
            prop_assert_eq!(attribute.map(|a| a.label.as_str()), Some(label.as_str()));
        }
        prop_assert_eq!(after.attributes.len(), labels.len());
    }

    /// I5.
    #[test]
    fn a_batch_of_creates_is_its_items_one_after_the_other(
        first in vec(item(), 0..8),
        index in 0..3_usize,
        then in vec(item(), 0..8),
    ) {
        let catalog = catalog();
        let state = check_batch(&connected(), &catalog, &caller(0), &first, create);
        check_batch(&state, &catalog, &caller(index), &then, create);
    }
}

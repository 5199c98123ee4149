//! Random scripts, weighted so that what is worth a look happens often.

mod outside;
mod own;

use super::script::{Script, Step};
use crate::model::{
    AcquireItem, CreateItem, List, Malformed, Modes, Operation, ReleaseItem, SERVICES, TokenRef,
};
use proptest::{
    collection::vec,
    option,
    prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof},
    sample::{select, subsequence},
};
use std::collections::BTreeSet;

/// How many steps come after those that make the users' first connections.
const STEPS: usize = 20;

/// A step is left out now and then, for that is how a script is made shorter when it fails.
pub fn script() -> impl Strategy<Value = Script> {
    let first = SERVICES.map(|service| option::weighted(0.95, first(ADA, service)));
    let second = option::weighted(0.7, first_of_other());
    let scene = option::weighted(0.5, own::scene());
    let then = vec(option::weighted(0.99, step()), STEPS);
    (first, second, scene, then).prop_map(|(first, second, scene, then)| {
        let first = first.into_iter().chain([second]).flatten().flatten();
        let scene = scene.into_iter().flatten().map(|operation| Step {
            user: ADA.to_owned(),
            operation,
        });
        let then = then.into_iter().flatten();
        Script(first.chain(scene).chain(then).collect())
    })
}

const ADA: &str = "ada";
const EVE: &str = "eve";

/// A connection, a token for all of it, and often a first batch.
fn first(user: &'static str, service: &'static str) -> impl Strategy<Value = Vec<Step>> {
    let written = prop_oneof![3 => Just(WIDE), 1 => Just(ALL), 1 => select(SCOPES.to_vec())];
    let scopes = (written, read()).prop_map(|(written, read)| both(written, read));
    let items = option::weighted(0.6, vec(acquire_item(), 1..=4));
    (scopes, items).prop_map(move |(scopes, items)| {
        let service = service.to_owned();
        let connect = Operation::Connect {
            service: service.clone(),
            scopes: Some(scopes),
        };
        let issue = Operation::Issue {
            service: Some(service.clone()),
            scopes: None,
        };
        let token = TokenRef {
            service: Some(service),
            back: 0,
        };
        let modes = Modes::default();
        let acquire = items.map(|items| Operation::Acquire {
            token,
            items,
            modes,
        });
        let user = user.to_owned();
        let step = |operation| Step {
            user: user.clone(),
            operation,
        };
        let operations = [connect, issue].into_iter().chain(acquire);
        operations.map(step).collect()
    })
}

fn first_of_other() -> impl Strategy<Value = Vec<Step>> {
    select(SERVICES.to_vec()).prop_flat_map(|service| first(EVE, service))
}

/// What covers every attribute of the scripts that is not manual, and what covers all of them.
const WIDE: &str = "activity_write mood_write custom_write";
const ALL: &str = "activity_write mood_write custom_write manual_write";
const SCOPES: [&str; 8] = [
    WIDE,
    ALL,
    "activity_write mood_write",
    "mood_write custom_write manual_write",
    "activity_write manual_write",
    "manual_write",
    "activity_read mood_read manual_read",
    "",
];

/// What may be read besides: it has no part in what may be written.
fn read() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        3 => Just("activity_read mood_read custom_read manual_read"),
        4 => select(vec![
            "",
            "activity_read",
            "mood_read custom_read",
            "manual_read",
            "activity_read manual_read",
        ]),
    ]
}

/// Two lists of scopes as one, which has each once.
fn both(written: &str, read: &str) -> String {
    let all: BTreeSet<_> = [written, read]
        .into_iter()
        .flat_map(str::split_whitespace)
        .collect();
    all.into_iter().collect::<Vec<_>>().join(" ")
}

fn step() -> impl Strategy<Value = Step> {
    let user = prop_oneof![20 => Just(ADA), 1 => Just(EVE)];
    (user, operation()).prop_map(|(user, operation)| Step {
        user: user.to_owned(),
        operation,
    })
}

fn operation() -> BoxedStrategy<Operation> {
    prop_oneof![
        10 => (token(), vec(acquire_item(), 0..=5), modes())
            .prop_map(|(token, items, modes)| Operation::Acquire { token, items, modes }),
        6 => (token(), vec(release_item(), 0..=5), modes())
            .prop_map(|(token, items, modes)| Operation::Release { token, items, modes: Modes {
                if_available: false,
                ..modes
            } }),
        4 => (token(), vec(create_item(), 0..=3), modes())
            .prop_map(|(token, items, modes)| Operation::CreateOwned { token, items, modes: Modes {
                if_available: false,
                ..modes
            } }),
        2 => again(),
        2 => (token(), list()).prop_map(|(token, list)| Operation::List { token, list }),
        3 => (token(), list(), proptest::bool::weighted(0.2))
            .prop_map(|(token, list, owned)| Operation::ListAttributes { token, list, owned }),
        4 => connect(),
        1 => service().prop_map(|service| Operation::Disconnect { service }),
        7 => outside::operation(),
        14 => own::operation(),
        4 => issue(),
        1 => token().prop_map(|token| Operation::Revoke { token }),
        3 => (attribute(), any::<bool>())
            .prop_map(|(attribute, on)| Operation::Switch { attribute, on }),
        2 => create(),
    ]
    .boxed()
}

fn service() -> impl Strategy<Value = String> {
    select(SERVICES.to_vec()).prop_map(str::to_owned)
}

fn connect() -> impl Strategy<Value = Operation> {
    let list = prop_oneof![12 => select(SCOPES.to_vec()), 1 => Just("mood_write nope_write")];
    let list = (list, read()).prop_map(|(written, read)| both(written, read));
    let service = prop_oneof![20 => service(), 1 => Just("nobody".to_owned())];
    (service, option::weighted(0.9, list)).prop_map(|(service, list)| Operation::Connect {
        service,
        scopes: list,
    })
}

fn issue() -> impl Strategy<Value = Operation> {
    // Seldom more than the connection reads: it would be refused.
    let read = prop_oneof![4 => Just(""), 1 => read()];
    let scopes = (select(SCOPES.to_vec()), read);
    let scopes = scopes.prop_map(|(written, read)| both(written, read));
    let scopes = option::weighted(0.4, scopes);
    (option::weighted(0.88, service()), scopes)
        .prop_map(|(service, scopes)| Operation::Issue { service, scopes })
}

/// Mostly the last one of a service, else an older one, or the user's own.
fn token() -> impl Strategy<Value = TokenRef> {
    let back = prop_oneof![40 => Just(0), 1 => Just(1)];
    (option::weighted(0.95, service()), back).prop_map(|(service, back)| TokenRef { service, back })
}

/// Labels, of which two become the same name, and one that of a template.
const LABELS: [&str; 5] = ["My tag", "my-tag!", "My tag", "Mood", "日本"];

fn create() -> impl Strategy<Value = Operation> {
    let label = select(LABELS.to_vec());
    let group = prop_oneof![8 => Just("custom"), 3 => Just("mood"), 1 => Just("nope")];
    let value_type = prop_oneof![8 => 0..=5, 1 => Just(6), 2 => 7..=8];
    (label, group, value_type, any::<bool>()).prop_map(|(label, group, value_type, manual)| {
        Operation::Create {
            label: label.to_owned(),
            group: group.to_owned(),
            value_type,
            manual,
        }
    })
}

/// Names of templates, of what the labels above become, and of nothing.
fn attribute() -> impl Strategy<Value = String> {
    prop_oneof![
        10 => Just("steps"),
        7 => Just("mood"),
        2 => Just("sleep_talk"),
        2 => Just("my_tag"),
        1 => Just("my_tag_2"),
        1 => Just("nope"),
    ]
    .prop_map(str::to_owned)
}

/// Mostly a template, else what is none.
fn template() -> impl Strategy<Value = String> {
    let template = prop_oneof![4 => Just("steps"), 3 => Just("mood"), 1 => Just("sleep_talk")];
    prop_oneof![12 => template.prop_map(str::to_owned), 1 => attribute()]
}

fn manual() -> impl Strategy<Value = Option<bool>> {
    prop_oneof![5 => Just(None), 3 => Just(Some(false)), 2 => Just(Some(true))]
}

/// Mostly any, else one that may well be.
fn generation() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![
        12 => Just(None),
        2 => (0..=3_i64).prop_map(Some),
        1 => select(vec![-1, i64::MAX]).prop_map(Some),
    ]
}

fn modes() -> impl Strategy<Value = Modes> {
    let flag = || proptest::bool::weighted(0.15);
    let key = option::weighted(0.1, select(vec!["k1", "k2"]));
    (flag(), flag(), flag(), key).prop_map(|(if_available, validate_only, all_or_nothing, key)| {
        Modes {
            if_available,
            validate_only,
            all_or_nothing,
            key: key.map(str::to_owned),
        }
    })
}

/// A batch that comes in one of two forms under one key: so it is often sent again, and sometimes as another.
fn again() -> impl Strategy<Value = Operation> {
    (token(), any::<bool>()).prop_map(|(token, by_template)| {
        let name = Some("steps".to_owned());
        let (name, template) = if by_template {
            (None, name)
        } else {
            (name, None)
        };
        let item = AcquireItem {
            name,
            template,
            ..AcquireItem::default()
        };
        let key = Some(
            if by_template {
                "by_template"
            } else {
                "by_name"
            }
            .to_owned(),
        );
        let modes = Modes {
            key,
            ..Modes::default()
        };
        let items = vec![item];
        Operation::Acquire {
            token,
            items,
            modes,
        }
    })
}

fn malformed() -> impl Strategy<Value = Option<Malformed>> {
    let field = select(vec![
        "",
        "name",
        "template",
        "manual",
        "generation",
        "label",
        "group",
        "value_type",
    ]);
    let malformed = field.prop_map(|field| Malformed {
        field: field.to_owned(),
        reason: "is odd".to_owned(),
    });
    option::weighted(0.04, malformed)
}

fn acquire_item() -> impl Strategy<Value = AcquireItem> {
    let fields = prop_oneof![
        24 => template().prop_map(|name| (None, Some(name))),
        12 => attribute().prop_map(|name| (Some(name), None)),
        2 => template().prop_map(|name| (Some(name.clone()), Some(name))),
        1 => (attribute(), attribute()).prop_map(|(name, other)| (Some(name), Some(other))),
        1 => Just((None, None)),
        1 => option::of(Just(String::new())).prop_map(|name| (name, Some(String::new()))),
        1 => Just((Some("Steps\0".to_owned()), None)),
    ];
    let item = (fields, manual(), generation(), malformed());
    item.prop_map(
        |((name, template), manual, generation, malformed)| AcquireItem {
            name,
            template,
            manual,
            generation,
            malformed,
        },
    )
}

fn create_item() -> impl Strategy<Value = CreateItem> {
    let label = prop_oneof![20 => select(LABELS.to_vec()), 1 => Just("")];
    let group =
        prop_oneof![8 => Just("custom"), 3 => Just("mood"), 1 => Just("nope"), 1 => Just("")];
    let value_type = prop_oneof![8 => 0..=5_i64, 1 => Just(6), 2 => 7..=8_i64, 1 => Just(9)];
    let custom = (
        option::weighted(0.9, label),
        option::weighted(0.9, group),
        option::weighted(0.9, value_type),
    );
    let fields = prop_oneof![
        4 => template().prop_map(|template| (Some(template), (None, None, None))),
        1 => Just((Some(String::new()), (None, None, None))),
        8 => custom.prop_map(|custom| (None, custom)),
    ];
    let item = (fields, manual(), malformed());
    item.prop_map(
        |((template, (label, group, value_type)), manual, malformed)| CreateItem {
            template,
            label: label.map(str::to_owned),
            group: group.map(str::to_owned),
            value_type,
            manual,
            malformed,
        },
    )
}

fn release_item() -> impl Strategy<Value = ReleaseItem> {
    let name = prop_oneof![
        30 => attribute().prop_map(Some),
        1 => Just(None),
        1 => Just(Some(String::new())),
    ];
    let item = (name, generation(), malformed());
    item.prop_map(|(name, generation, malformed)| ReleaseItem {
        name,
        generation,
        malformed,
    })
}

fn list() -> impl Strategy<Value = List> {
    let groups = subsequence(vec!["activity", "mood", "custom", "nope"], 0..=2);
    let attributes = subsequence(vec!["steps", "mood", "my_tag", "nope"], 0..=2);
    let groups = prop_oneof![3 => Just(Vec::new()), 1 => groups];
    let attributes = prop_oneof![3 => Just(Vec::new()), 1 => attributes];
    let flags = (option::weighted(0.2, any::<bool>()), any::<[bool; 3]>());
    let page = (1..=2_usize, prop_oneof![3 => Just(0), 1 => 1..=2_usize]);
    (groups, attributes, flags, page).prop_map(|(groups, attributes, flags, page)| {
        let (manual, [exclude_custom, include_inactive, include_low_priority]) = flags;
        let texts = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
        List {
            groups: texts(groups),
            attributes: texts(attributes),
            exclude_custom,
            manual,
            include_inactive,
            include_low_priority,
            page_size: page.0,
            skip: page.1,
        }
    })
}
